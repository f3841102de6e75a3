package main

import (
	"context"
	"errors"
	"fmt"
	"net"

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
			&cli.BoolFlag{Name: "behind-proxy", Usage: "allow an address that other machines reach: a proxy with TLS stands before it"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return a.listen(ctx, c.String("addr"), c.Bool("behind-proxy"))
		},
	}
}

func (a *app) listen(ctx context.Context, addr string, behindProxy bool) error {
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
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return usage(fmt.Sprintf("--addr %q is no address", addr), "write HOST:PORT, as "+defaultListen)
	}
	a.noticeAccess(cfg)
	server, err := listen.New(accounts, a.now, a.log)
	if errors.Is(err, wal.ErrLocked) {
		return &failure{code: exit.Locked, what: "another listener is at work on this data folder", err: err, do: "stop it first, or leave it to its work"}
	}
	if err != nil {
		return &failure{code: exit.Failed, what: "cannot keep notifications", err: err, do: "see that data_dir is yours to write in"}
	}
	l, err := listenAt(ctx, addr, behindProxy)
	if err != nil {
		return errors.Join(err, server.Close())
	}
	for _, account := range accounts {
		fmt.Fprintf(a.stdout, "listening at http://%s/%s/%s/<secret>\n", l.Addr(), account.Source, account.Name)
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

// listenAt takes an address. One that other machines reach must be wanted: what
// comes there, the secret in the address included, comes in clear.
func listenAt(ctx context.Context, addr string, behindProxy bool) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, &failure{code: exit.Failed, what: "cannot listen at " + addr, err: err, do: "name another address with --addr"}
	}
	if at, ok := l.Addr().(*net.TCPAddr); behindProxy || ok && at.IP.IsLoopback() {
		return l, nil
	}
	return nil, errors.Join(usage(fmt.Sprintf("--addr %s can be reached from other machines, in clear", addr),
		"listen at "+defaultListen+" and let a proxy with TLS pass on to it; where that proxy runs on another machine or in another container, add --behind-proxy and let nobody else reach the port"), l.Close())
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
