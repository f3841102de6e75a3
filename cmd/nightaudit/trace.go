package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/trace"
	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/query"
)

func (a *app) traceCommand() *cli.Command {
	return &cli.Command{
		Name:      "trace",
		Usage:     "one order's whole story: raw answers, versions, breaks, where it stands in which report",
		ArgsUsage: "ID",
		Description: "ID is an order's id or number, that of the shop's order behind it, of a waybill, stay or\n" +
			"payment, or a break's id (eight characters of it are enough). Where several orders have\n" +
			"it they are listed, and the exit code is 2. Instants are in the account's time zone.\n" +
			"The raw answers are read from data_dir, each verified against its hash; without it, as\n" +
			"on an analyst's machine, all but them is told from the published database.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "source", Usage: "only orders of this `SOURCE`"},
			&cli.StringFlag{Name: "account", Usage: "only orders of this `ACCOUNT`"},
			&cli.BoolFlag{Name: "raw", Usage: "print the order as it stands in each raw answer, personal data masked"},
			&cli.BoolFlag{Name: "show-personal", Usage: "with --raw: mask nothing"},
			formatFlag(),
			databaseFlag(),
		},
		Action: a.trace,
	}
}

func (a *app) trace(ctx context.Context, c *cli.Command) error {
	id := strings.TrimSpace(c.Args().First())
	asJSON, err := wantsJSON(c)
	switch {
	case err != nil:
		return err
	case id == "":
		return usage("trace needs an ID", "give an order's id or number: nightaudit trace 8826000100131")
	case c.Args().Len() > 1:
		return usage("trace tells of one order at a time, and was given "+fmt.Sprint(c.Args().Len())+" arguments", "give one ID")
	case c.Bool("show-personal") && !c.Bool("raw"):
		return usage("--show-personal is about --raw", "give both, or none")
	}
	cfg, err := a.traceConfig(c)
	if err != nil {
		return err
	}
	file, err := a.databasePath(c, cfg)
	if err != nil {
		return err
	}
	if a.apart() && cfg != nil && cfg.Report.ExtraDir != "" { // its reports are run
		return a.runApart(ctx, a.stdin, a.stdout, func(pid int) error { return query.Forget(file, pid) })
	}
	db, err := a.openDatabase(file)
	if err != nil {
		return err
	}
	defer db.close()
	if a.names, err = db.names(ctx); err != nil {
		return err
	}
	tracer, err := a.tracer(ctx, db, cfg)
	if err != nil {
		return err
	}
	tracer.Raw, tracer.Personal = c.Bool("raw"), c.Bool("show-personal")
	language := labels.English
	if cfg != nil {
		language = cfg.Report.Language
	}
	story, err := tracer.Tell(ctx, trace.Question{ID: id, Source: c.String("source"), Account: c.String("account"), Language: language})
	if err != nil {
		return a.untold(id, asJSON, err)
	}
	if asJSON {
		return a.printJSON(story)
	}
	return a.printStory(story, tracer.Zone(story.Source, story.Account))
}

// traceConfig is the configuration; nil where a database is named and there
// is none.
func (a *app) traceConfig(c *cli.Command) (*config.Config, error) {
	if c.String("database") != "" && !c.IsSet("config") {
		if _, err := os.Stat(a.configFile); errors.Is(err, os.ErrNotExist) {
			return nil, nil
		}
	}
	return a.loadReader()
}

// tracer prepares what a story is told from.
func (a *app) tracer(ctx context.Context, db *publishedDatabase, cfg *config.Config) (*trace.Tracer, error) {
	t := &trace.Tracer{
		Drivers: all.Drivers(),
		Rows: func(ctx context.Context, statement string, args ...any) ([]byte, error) {
			var b bytes.Buffer
			err := db.write(ctx, &b, "json", statement, args...)
			return b.Bytes(), err
		},
		NoLanding: "there is no configuration that says where they lie",
	}
	options := catalogue.ExportOptions{Language: labels.English, Now: a.now}
	extra := ""
	if cfg != nil {
		t.Zone = cfg.AccountZone
		options.Timezone, options.Language = cfg.Zone.String(), cfg.Report.Language
		extra = cfg.Report.ExtraDir
		var err error
		if t.Landing, t.NoLanding, err = a.openLanding(cfg); err != nil {
			return nil, err
		}
	} else {
		zone, err := databaseZone(ctx, db)
		if err != nil {
			return nil, err
		}
		t.Zone = func(string, string) *time.Location { return zone }
	}
	listed, err := catalogue.Load(extra)
	if err != nil {
		return nil, &failure{code: exit.Usage, what: "the catalogue of reports cannot be read", err: err}
	}
	t.Titles = map[string]string{}
	for i := range listed {
		t.Titles[listed[i].Name] = listed[i].Title.In(options.Language)
	}
	t.Standings = func(ctx context.Context, key catalogue.OrderKey, date time.Time) ([]catalogue.Standing, []error, error) {
		o := options
		o.From, o.To = date, date
		return db.standings(ctx, listed, o, key)
	}
	return t, nil
}

// openLanding opens the raw answers where they are at hand, or says why they
// are not. Nothing is made that is not there.
func (a *app) openLanding(cfg *config.Config) (*landing.Store, string, error) {
	dir := filepath.Join(cfg.DataDir, "landing")
	if _, err := os.ReadDir(dir); err != nil {
		return nil, "they lie in data_dir on the machine of the night (" + reasonOf(err) + ": " + dir + ")", nil
	}
	// Only now is the identity needed that opens what is encrypted.
	full, err := a.loadWith(config.Options{Reader: true, Landing: true})
	if err != nil {
		return nil, "", err
	}
	store, err := landing.Open(dir, full.LandingKeys)
	if err != nil {
		return nil, "", &failure{code: exit.Failed, what: "the landing cannot be opened", err: err}
	}
	return store, "", nil
}

// reasonOf is the cause of a failed file operation, without the path.
func reasonOf(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// untold tells why there is no story.
func (a *app) untold(id string, asJSON bool, err error) error {
	var several *trace.Ambiguous
	switch {
	case errors.Is(err, trace.ErrUnknown):
		return usage("nothing in the database is called "+id, "give an order's id or number in full, a waybill's, a stay's, a payment's, or a break's id; what no night has loaded yet cannot be traced")
	case errors.As(err, &several):
		if asJSON {
			if err := a.printJSON(struct {
				Candidates []trace.Candidate `json:"candidates"`
			}{several.Candidates}); err != nil {
				return err
			}
		} else {
			a.printCandidates(several.Candidates)
		}
		return usage(fmt.Sprintf("%d orders have the number %s", len(several.Candidates), id), "trace one of them by its own order_id; --source and --account narrow the search")
	}
	return &failure{code: exit.Failed, what: "the order cannot be traced", err: err, again: queryAgain}
}

func (a *app) printCandidates(candidates []trace.Candidate) {
	t := a.newTable(table.Row{"account", "order_id", "found by", "kind", "status", "date", "net"}, 7)
	for _, c := range candidates {
		t.AppendRow(table.Row{
			c.Source + "/" + c.Account, c.OrderID, c.FoundBy, c.Row.Text("kind"), c.Row.Text("status"), c.Row.Text("business_date"),
			money(c.Row.Text("net_amount"), c.Row.Text("currency")),
		})
	}
	t.Render()
}
