package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/urfave/cli/v3"
	"golang.org/x/sync/errgroup"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/extract/probe"
)

func (a *app) probeCommand() *cli.Command {
	return &cli.Command{
		Name:  "probe",
		Usage: "ask each vendor, by a few reads, what its document leaves open",
		Description: "For each account a series of reads, one a second at most: each question with what\n" +
			"came and what it means for the configuration. Nothing is loaded; every answer lies\n" +
			"below data_dir/probe as evidence. Exit codes: 2 for the configuration, 1 when an\n" +
			"account cannot be asked.",
		Flags: []cli.Flag{
			sourceFlag(), accountFlag(),
			&cli.IntFlag{Name: "max-calls", Value: 40, Usage: "at most `N` calls of an account, log-ins included"},
			&cli.BoolFlag{Name: "write", Usage: "change the configuration as was found out: only values that follow, comments stay"},
			&cli.StringFlag{Name: "report", Usage: "write a page in both languages to this `FILE`, for the vendor's support", TakesFile: true},
			formatFlag(),
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			if c.Int("max-calls") < 1 {
				return usage(fmt.Sprintf("--max-calls %d leaves no call", c.Int("max-calls")), "write a number above 0")
			}
			return a.probe(ctx, c)
		},
	}
}

// probed is what a probe found out, for programs.
type probed struct {
	Version  int             `json:"version"`
	At       time.Time       `json:"at"`
	Accounts []probedAccount `json:"accounts"`
}

type probedAccount struct {
	Source  string `json:"source"`
	Account string `json:"account"`
	Calls   int    `json:"calls"`
	// Error is why the probe of the account ended early; "" where it did not.
	Error   string         `json:"error"`
	Answers []probe.Answer `json:"answers"`
}

func (a *app) probe(ctx context.Context, c *cli.Command) error {
	asJSON, err := wantsJSON(c)
	if err != nil {
		return err
	}
	cfg, err := a.loadWith(config.Options{
		Drivers: all.Drivers(),
		Env: extract.Env{
			Now: a.now, Log: a.log, Tokens: new(extract.TokenStore), HTTP: checkLimits, Transport: probe.Transport{},
		},
		MaxRetries: checkLimits.Retries,
	})
	if err != nil {
		return err
	}
	chosen, err := cfg.Choose(c.StringSlice("source"), c.StringSlice("account"))
	if err != nil {
		return chooseFailure(err)
	}
	if a.progress {
		fmt.Fprintf(a.stderr, "asking %s, at most %d calls each, one a second or fewer\n", plural(int64(len(chosen)), "account", "accounts"), c.Int("max-calls"))
	}
	found := probed{Version: 1, At: a.now().UTC().Truncate(time.Second)}
	if found.Accounts, err = probeAccounts(ctx, cfg, chosen, c.Int("max-calls"), a.now()); err != nil {
		return err
	}
	if asJSON {
		err = a.printJSON(found)
	} else {
		a.printProbed(&found)
	}
	if file := c.String("report"); err == nil && file != "" {
		err = writeOutput(file, func(w io.Writer) error { return writeProbePage(w, &found) })
	}
	if err == nil && c.Bool("write") {
		told := a.stdout
		if asJSON {
			told = io.Writer(a.stderr)
		}
		err = a.writeLearned(cfg, &found, told)
	}
	for _, account := range found.Accounts {
		if err == nil && account.Error != "" {
			if !asJSON {
				a.sayNext(cfg, "check", "once what ✗ names is mended")
			}
			return exitWith(exit.Failed)
		}
	}
	if err == nil && !asJSON {
		a.sayProbed(cfg, &found, c.Bool("write"))
	}
	return err
}

// probeFolder holds the answers of probes, below data_dir.
const probeFolder = "probe"

// probeAccounts asks all accounts at once, each at its own pace, and answers in
// their order. Those that take numbers from others' orders come after the others.
func probeAccounts(ctx context.Context, cfg *config.Config, accounts []config.Account, most int, at time.Time) ([]probedAccount, error) {
	store, err := landing.Open(filepath.Join(cfg.DataDir, probeFolder), cfg.LandingKeys)
	if err != nil {
		return nil, err
	}
	found := make([]probedAccount, len(accounts))
	shop := make([][]probe.ShopOrder, len(accounts)) // as each account has read them
	for _, last := range []bool{false, true} {
		read := slices.Concat(shop...)
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(8)
		for i := range accounts {
			if last == (len(accounts[i].Driver.Needs) > 0) {
				group.Go(func() (err error) {
					found[i], shop[i], err = probeAccount(ctx, cfg, store, &accounts[i], most, at, read)
					return err
				})
			}
		}
		if err := group.Wait(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func probeAccount(ctx context.Context, cfg *config.Config, store *landing.Store, account *config.Account, most int, at time.Time, read []probe.ShopOrder) (p probedAccount, shop []probe.ShopOrder, err error) {
	p = probedAccount{Source: account.Driver.Name, Account: account.Name, Answers: []probe.Answer{}}
	prober, ok := account.Source.(probe.Prober)
	if !ok {
		return p, nil, nil
	}
	settings := prober.Settings()
	evidence := evidence{store: store, id: "probe-" + at.UTC().Format("20060102T150405Z"), at: at, account: account, segments: map[string]*landing.Segment{}}
	defer func() { err = errors.Join(err, evidence.close()) }()
	calls := probe.NewCalls(most, min(1, float64(settings.Rate)))
	session, err := probe.NewSession(prober, probe.Origin{
		Source: p.Source, Account: p.Account, Calendar: settings.Calendar(), Currency: settings.Currency, Privacy: cfg.Privacy,
	}, evidence.land, calls)
	if err != nil {
		return p, nil, err
	}
	session.Offer(read...)
	answers, err := session.Run(ctx)
	p.Answers, p.Calls = answers, calls.Sent()
	if ctx.Err() != nil {
		return p, nil, ctx.Err()
	}
	if err != nil {
		p.Error = err.Error()
	}
	return p, session.Shop(), nil
}

// evidence lands the answers of one account's probe.
type evidence struct {
	store    *landing.Store
	id       string
	at       time.Time
	account  *config.Account
	segments map[string]*landing.Segment // by stream
}

func (e *evidence) land(p *extract.Page) (ref, sha256 string, described func(extract.Facts, error) error, err error) {
	segment := e.segments[p.Stream]
	if segment == nil {
		if segment, err = e.store.Segment(e.id, e.at, e.account.Driver.Name, e.account.Name, p.Stream); err != nil {
			return "", "", nil, err
		}
		e.segments[p.Stream] = segment
	}
	landed, err := segment.Append(p)
	if err != nil {
		return "", "", nil, err
	}
	return landed.Ref, landed.SHA256(), func(f extract.Facts, decoding error) error { return segment.Describe(landed, f, decoding) }, nil
}

func (e *evidence) close() error {
	var err error
	for _, segment := range e.segments {
		err = errors.Join(err, segment.Close())
	}
	return err
}
