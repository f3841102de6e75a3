package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/listen"
	"github.com/nightaudit/nightaudit/extract/wal"
)

// defaultListen is reached from this machine only: what listens to the world
// is a proxy, which also does TLS.
const defaultListen = "127.0.0.1:8790"

func (a *app) listenCommand() *cli.Command {
	return &cli.Command{
		Name:  "listen",
		Usage: "receive the status notifications of couriers and keep them",
		Description: "Takes POST /guoxiaodi/ACCOUNT/SECRET for every account with notify: {secret: …}, puts\n" +
			"the notification on disk and answers OK. The next run loads it; listening goes on\n" +
			"meanwhile. Plain HTTP: put a proxy with TLS before it. Ctrl-C and SIGTERM end it\n" +
			"with exit code 0; what was answered with OK is on disk at any moment.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "addr", Value: defaultListen, Usage: "listen at `HOST:PORT`"},
			&cli.StringFlag{Name: "metrics-addr", Usage: "answer Prometheus at `HOST:PORT`, path /metrics; this machine only, as 127.0.0.1:9464"},
			&cli.BoolFlag{Name: "behind-proxy", Usage: "allow an address that other machines reach: a proxy with TLS stands before it"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return a.listen(ctx, c.String("addr"), c.String("metrics-addr"), c.Bool("behind-proxy"))
		},
	}
}

func (a *app) listen(ctx context.Context, addr, metricsAddr string, behindProxy bool) error {
	cfg, err := a.load(a.now)
	if err != nil {
		return err
	}
	accounts := notified(cfg)
	if len(accounts) == 0 {
		return &failure{
			code: exit.Usage, what: "no enabled account takes notifications",
			do: `add notify: {secret: "${GXD_NOTIFY_SECRET}"} to an account of guoxiaodi`,
		}
	}
	for _, flag := range []struct{ name, value string }{{"addr", addr}, {"metrics-addr", metricsAddr}} {
		if _, _, err := net.SplitHostPort(flag.value); err != nil && (flag.value != "" || flag.name == "addr") {
			return usage(fmt.Sprintf("--%s %q is no address", flag.name, flag.value), "write HOST:PORT, as "+defaultListen)
		}
	}
	a.noticeAccess(cfg)
	server, err := listen.New(accounts, a.now, a.log)
	if errors.Is(err, wal.ErrLocked) {
		return &failure{code: exit.Locked, what: "another listener is at work on this data folder", err: err, do: "stop it first, or leave it to its work"}
	}
	if err != nil {
		return &failure{code: exit.Failed, what: "cannot keep notifications", err: err, do: "see that data_dir is yours to write in"}
	}
	l, err := listenAt(ctx, "addr", addr)
	if err == nil && !behindProxy && !local(l) {
		err = errors.Join(usage(fmt.Sprintf("--addr %s can be reached from other machines, in clear", addr),
			"listen at "+defaultListen+" and let a proxy with TLS pass on to it; where that proxy runs on another machine or in another container, add --behind-proxy and let nobody else reach the port"), l.Close())
	}
	if err != nil {
		return errors.Join(err, server.Close())
	}
	metrics, done, err := tellMetrics(ctx, server, metricsAddr)
	if err != nil {
		return errors.Join(err, l.Close(), server.Close())
	}
	defer done()
	for _, account := range accounts {
		fmt.Fprintf(a.stdout, "listening at http://%s/%s/%s/<secret>\n", l.Addr(), account.Source, account.Name)
	}
	if metrics != "" {
		fmt.Fprintf(a.stdout, "metrics at %s\n", metrics)
	}
	err = server.Serve(ctx, l)
	n := server.Counts()
	fmt.Fprintf(a.stdout, "stopped: %s kept, %d repeated, %s refused\n",
		plural(n.Kept, "notification", "notifications"), n.Repeated, plural(n.Refused, "call", "calls"))
	if err != nil {
		return &failure{code: exit.Failed, what: "listening ended", err: err}
	}
	return nil
}

// tellMetrics answers Prometheus at an address of this machine until done is called;
// nobody where it is "".
func tellMetrics(ctx context.Context, server *listen.Server, addr string) (url string, done func(), err error) {
	if addr == "" {
		return "", func() {}, nil
	}
	l, err := listenAt(ctx, "metrics-addr", addr)
	if err != nil {
		return "", nil, err
	}
	if !local(l) {
		return "", nil, errors.Join(usage(fmt.Sprintf("--metrics-addr %s can be reached from other machines", addr),
			"write 127.0.0.1:9464; who asks from elsewhere is let in by a proxy"), l.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	var telling sync.WaitGroup
	telling.Go(func() { server.ServeMetrics(ctx, l) })
	return "http://" + l.Addr().String() + "/metrics", func() {
		cancel()
		telling.Wait()
	}, nil
}

// listenAt takes an address, which a flag names.
func listenAt(ctx context.Context, flag, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, &failure{code: exit.Failed, what: "cannot listen at " + addr, err: err, do: "name another address with --" + flag}
	}
	return l, nil
}

// local says whether this machine alone can reach a listener. What comes to another
// one, the secret in the address included, comes in clear.
func local(l net.Listener) bool {
	at, ok := l.Addr().(*net.TCPAddr)
	return ok && at.IP.IsLoopback()
}

// notified are the accounts that take notifications.
func notified(cfg *config.Config) []listen.Account {
	var accounts []listen.Account
	for _, account := range cfg.Accounts {
		if who, ok := account.Source.(extract.Notified); ok {
			if n, ok := who.Notifications(); ok {
				accounts = append(accounts, listen.Account{Source: account.Driver.Name, Name: account.Name, Notifications: n})
			}
		}
	}
	return accounts
}
