package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/cases"
	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/cmd/internal/trace"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

func (a *app) caseCommand() *cli.Command {
	return &cli.Command{
		Name:  "case",
		Usage: "what others need to see the same again, without names and secrets",
		Description: "Makes a zip of the raw answers that tell of an order and of what it is compared with,\n" +
			"or of all that an account brought in a run; of the configuration of these accounts;\n" +
			"and of what comes of it. What names persons, and what the program does not read,\n" +
			"becomes made-up values of the same shape. It is replayed before it is written, and\n" +
			"what comes of it otherwise than in the database is said, with exit code 3.\n" +
			"nightaudit demo --case CASE.zip plays it. Nothing is sent: look through it first.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "order", Usage: "of the order that `ID` names, as trace takes it: any of its numbers, or a break's id"},
			&cli.StringFlag{Name: "run", Usage: "of what an account brought in this `RUN`, whole"},
			&cli.StringFlag{Name: "source", Usage: "the order's or the account's `SOURCE`"},
			&cli.StringFlag{Name: "account", Usage: "the order's, or with --run the, `ACCOUNT`"},
			&cli.BoolFlag{Name: "hide-ids", Usage: "with --order: make up the ids and numbers of the orders as well"},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write to this `FILE`", DefaultText: "case-ID.zip here", TakesFile: true},
		},
		Action: a.makeCase,
	}
}

// caseMaker is what a case is made from.
type caseMaker struct {
	*app
	cfg   *config.Config
	store *landing.Store
	file  string // the published database
	db    *publishedDatabase
	about cases.About
}

func (a *app) makeCase(ctx context.Context, c *cli.Command) (err error) {
	order, run := strings.TrimSpace(c.String("order")), strings.TrimSpace(c.String("run"))
	switch err := noArguments(c); {
	case err != nil:
		return err
	case (order == "") == (run == ""):
		return usage("case needs --order or --run, and not both", "nightaudit case --order 8826000102027, or --run RUN --account ACCOUNT; nightaudit runs lists the runs")
	case run != "" && c.String("account") == "":
		return usage("--run needs --account", "name the account whose answers are meant")
	case run != "" && c.Bool("hide-ids"):
		return usage("--hide-ids is about --order", "leave it out")
	}
	m := &caseMaker{app: a}
	if m.cfg, err = a.load(a.now); err != nil {
		return err
	}
	if m.file, err = a.databasePath(c, m.cfg); err != nil {
		return err
	}
	if m.db, err = a.openDatabase(m.file); err != nil {
		return err
	}
	defer m.db.close()
	var why string
	if m.store, why, err = a.openLanding(m.cfg); err != nil {
		return err
	}
	if m.store == nil {
		return &failure{code: exit.Failed, what: "the raw answers are not here: " + why, do: "make the case on the machine of the night"}
	}
	work, err := os.MkdirTemp("", "nightaudit-case-")
	if err != nil {
		return &failure{code: exit.Failed, what: "the case has nowhere to be made", err: err}
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	made, expected, err := m.make(ctx, c, work)
	if err != nil {
		return err
	}
	out := c.String("out")
	if out == "" {
		out = m.name()
	}
	if err := m.ledger(ctx, made); err != nil {
		return err
	}
	if err := made.Finish(m.about, expected); err != nil {
		return &failure{code: exit.Failed, what: "the case was not made", err: err}
	}
	if err := writeOutput(out, made.Pack); err != nil {
		return err
	}
	m.print(out, made, expected)
	if len(m.about.Differences) > 0 {
		return exitWith(exit.Partial)
	}
	return nil
}

// ledger gives the case what the ledger has of its runs.
func (m *caseMaker) ledger(ctx context.Context, made *cases.Made) error {
	tracer, err := m.plainTracer(ctx, m.db, m.cfg)
	if err == nil {
		err = made.Ledger(ctx, tracer.Rows)
	}
	if err != nil {
		return &failure{code: exit.Failed, what: "the case was not made: its ledger cannot be read", err: err}
	}
	return nil
}

// make makes the case in a folder, and replays it beside.
func (m *caseMaker) make(ctx context.Context, c *cli.Command, work string) (made *cases.Made, expected cases.Outcome, err error) {
	asked, was, err := m.ask(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	if asked.Earlier, err = m.earlierNames(ctx); err != nil {
		return nil, nil, err
	}
	dir := filepath.Join(work, "case")
	made, err = cases.Make(ctx, m.cfg, m.store, dir, asked)
	if errors.Is(err, cases.ErrNoAnswers) {
		return nil, nil, &failure{code: exit.Failed, what: "there is nothing to make a case of", err: err, do: "what was removed for its age (landing.keep), and what an account had read that failed, is in no case"}
	}
	if err != nil {
		return nil, nil, &failure{code: exit.Failed, what: "the case was not made", err: err}
	}
	m.about.Version = versionText()
	replayed := filepath.Join(work, "replayed")
	if err := os.CopyFS(replayed, os.DirFS(dir)); err != nil {
		return nil, nil, &failure{code: exit.Failed, what: "the case cannot be replayed", err: err}
	}
	about := m.about
	about.OrderID, about.Run = made.Name(about.OrderID), m.about.Run
	p, err := m.playCase(ctx, replayed, about)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, p.db.close()) }()
	expected = p.outcome
	come := expected
	if m.about.Run != "" {
		was, come = was.OfRunAlone(), come.OfRunAlone()
	}
	m.about = about
	m.about.Differences = cases.Differences(made.AsMade(was, m.cfg.Privacy.Rooms == transform.Keep), come)
	return made, expected, nil
}

// ask says what is to be taken, and what came of it in the database.
func (m *caseMaker) ask(ctx context.Context, c *cli.Command) (asked cases.Asked, was cases.Outcome, err error) {
	if run := c.String("run"); run != "" {
		return m.askRun(ctx, run, c.String("source"), c.String("account"))
	}
	tracer, err := m.plainTracer(ctx, m.db, m.cfg)
	if err != nil {
		return asked, nil, err
	}
	id := strings.TrimSpace(c.String("order"))
	story, err := tracer.Tell(ctx, trace.Question{ID: id, Source: c.String("source"), Account: c.String("account"), Language: labels.English})
	if err != nil {
		return asked, nil, m.untold(id, false, err)
	}
	if story.Order == nil && len(story.Versions)+len(story.Rejects)+len(story.Findings) == 0 { // what a rule says of a whole account
		return asked, nil, usage("the break "+id+" is of no order", "make the case of what the account brought: --run RUN --account "+story.Account)
	}
	key := load.OrderKey{AccountID: ledger.AccountID{Source: story.Source, Account: story.Account}, OrderID: story.OrderID}
	related, err := load.RelatedTo(ctx, m.file, key)
	if err != nil {
		return asked, nil, &failure{code: exit.Failed, what: "the case was not made", err: err}
	}
	if was, err = cases.OfOrder(story); err != nil {
		return asked, nil, &failure{code: exit.Failed, what: "the case was not made", err: err}
	}
	asked = cases.Asked{Orders: related.Orders, Runs: related.Runs, HideIDs: c.Bool("hide-ids")}
	for _, o := range related.Orders {
		if !slices.Contains(asked.Accounts, o.AccountID) {
			asked.Accounts = append(asked.Accounts, o.AccountID)
		}
	}
	m.about = cases.About{
		Source: story.Source, Account: story.Account, OrderID: story.OrderID, Orders: len(related.Orders), Runs: related.Runs,
		Accounts: texts(asked.Accounts), IDsHidden: asked.HideIDs,
	}
	return asked, was, nil
}

func (m *caseMaker) askRun(ctx context.Context, run, source, account string) (asked cases.Asked, was cases.Outcome, err error) {
	var found []ledger.AccountID
	for _, a := range slices.Concat(m.cfg.Accounts, m.cfg.Idle) {
		if a.Name == account && (source == "" || a.Driver.Name == source) {
			found = append(found, a.ID())
		}
	}
	switch len(found) {
	case 0:
		return asked, nil, usage("the configuration has no account "+account, "nightaudit status lists the accounts")
	case 1:
	default:
		return asked, nil, usage(fmt.Sprintf("%d sources have an account %s", len(found), account), "name one with --source")
	}
	if run, err = m.runCalled(ctx, run); err != nil {
		return asked, nil, err
	}
	tracer, err := m.plainTracer(ctx, m.db, m.cfg)
	if err != nil {
		return asked, nil, err
	}
	if was, err = cases.OfRun(ctx, tracer.Rows, found[0].Source, found[0].Account, run); err != nil {
		return asked, nil, &failure{code: exit.Failed, what: "the case was not made", err: err}
	}
	m.about = cases.About{Source: found[0].Source, Account: found[0].Account, Run: run, Runs: []string{run}, Accounts: texts(found)}
	return cases.Asked{Runs: []string{run}, Accounts: found}, was, nil
}

// runCalled is the run that a person means, as nightaudit runs takes it.
func (m *caseMaker) runCalled(ctx context.Context, run string) (string, error) {
	statement, err := sql.Query("run_find")
	if err != nil {
		return "", err
	}
	found, err := m.db.texts(ctx, statement, run)
	switch {
	case err != nil:
		return "", &failure{code: exit.Failed, what: "the ledger cannot be read", err: err}
	case len(found) == 0:
		return "", usage("there is no run "+run, "nightaudit runs lists them")
	case len(found) > 1 && found[0] != run:
		return "", usage(fmt.Sprintf("%d runs begin with %s", len(found), run), "write more of its id")
	}
	return found[0], nil
}

func texts(ids []ledger.AccountID) (all []string) {
	for _, id := range ids {
		all = append(all, id.String())
	}
	return all
}

// plainTracer tells stories from the database alone.
func (a *app) plainTracer(ctx context.Context, db *publishedDatabase, cfg *config.Config) (*trace.Tracer, error) {
	t, err := a.tracer(ctx, db, cfg)
	if err != nil {
		return nil, err
	}
	t.Landing, t.NoLanding = nil, "they are not looked for"
	t.Standings = func(context.Context, catalogue.OrderKey, time.Time) ([]catalogue.Standing, []error, error) {
		return nil, nil, nil
	}
	return t, nil
}

// playedCase is a case that was replayed.
type playedCase struct {
	cfg     *config.Config
	result  *pipeline.ReplayResult
	db      *publishedDatabase
	outcome cases.Outcome
}

// playCase replays the case that lies in a folder, and reads what comes of it.
func (a *app) playCase(ctx context.Context, dir string, about cases.About) (p *playedCase, err error) {
	before := a.configFile
	a.configFile = filepath.Join(dir, defaultConfig)
	defer func() { a.configFile = before }()
	p = &playedCase{}
	if p.cfg, err = a.load(a.now); err != nil {
		return nil, err
	}
	observer, stop := a.startProgress()
	p.result, err = pipeline.Replay(ctx, p.cfg, pipeline.Options{Version: versionText(), By: a.userName(), Now: a.now, Adopt: true, Observer: observer, Log: a.log})
	stop()
	if err != nil {
		return nil, &failure{code: exit.Failed, what: "the case cannot be replayed", err: err}
	}
	if p.db, err = a.openDatabase(p.result.Database); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.db.close())
		}
	}()
	tracer, err := a.plainTracer(ctx, p.db, p.cfg)
	if err != nil {
		return nil, err
	}
	if about.OrderID == "" {
		p.outcome, err = cases.OfRun(ctx, tracer.Rows, about.Source, about.Account, about.Run)
		return p, err
	}
	story, err := tracer.Tell(ctx, trace.Question{ID: about.OrderID, Source: about.Source, Account: about.Account, Language: labels.English})
	if errors.Is(err, trace.ErrUnknown) { // nothing came of it, which the differences tell
		return p, nil
	}
	if err == nil {
		p.outcome, err = cases.OfOrder(story)
	}
	if err != nil {
		return nil, &failure{code: exit.Failed, what: "what comes of the case cannot be told", err: err}
	}
	return p, nil
}

// name is that of the file, where none is given.
func (m *caseMaker) name() string {
	id := m.about.OrderID
	if m.about.Run != "" {
		id = m.about.Source + "-" + m.about.Account + "-" + m.about.Run
	}
	return "case-" + strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>| `, r) || r < ' ' {
			return '-'
		}
		return r
	}, id) + ".zip"
}

func (m *caseMaker) print(out string, made *cases.Made, expected cases.Outcome) {
	of := "order " + m.about.OrderID + " of " + m.about.Source + "/" + m.about.Account
	if m.about.Run != "" {
		of = m.about.Source + "/" + m.about.Account + " in run " + m.about.Run
	} else if others := m.about.Orders - 1; others > 0 {
		of += ", with " + plural(int64(others), "order", "orders") + " that it may be compared with"
	}
	fmt.Fprintf(m.stdout, "case      %s\nof        %s\nholds     %s, the configuration without secrets, and what comes of it\ncomes     %s\n",
		shortPath(out), of, plural(int64(made.Answers), "raw answer", "raw answers"), outcomeText(expected))
	for _, note := range made.Notes {
		fmt.Fprintf(m.stdout, "note      %s\n", note)
	}
	printDifferences(m.app, m.about.Differences, "as in the database", "otherwise than in the database")
	fmt.Fprintf(m.stdout, "Names, numbers of persons, rooms, notes and tokens are made up in it. Look through it before\nyou send it to anybody; nightaudit sends nothing. To play it: %s demo --case %s\n", m.program, quoted(shortPath(out)))
}

// outcomeText counts what comes of a case.
func outcomeText(o cases.Outcome) string {
	rows := 0
	for _, table := range slices.Sorted(maps.Keys(o)) {
		if strings.HasPrefix(table, "main.") {
			rows += o.Count(table)
		}
	}
	return fmt.Sprintf("%s, %s, %s", plural(int64(rows), "row", "rows"),
		plural(int64(o.Count("audit.findings")+o.Count("audit.rejects")), "finding", "findings"), plural(int64(o.Count("recon.breaks")), "break", "breaks"))
}

// mostDifferences is how many are named.
const mostDifferences = 20

func printDifferences(a *app, differences []string, same, other string) {
	if len(differences) == 0 {
		fmt.Fprintf(a.stdout, "is        %s\n", same)
		return
	}
	fmt.Fprintf(a.stdout, "is        %s: %s\n", other, plural(int64(len(differences)), "row", "rows"))
	for _, d := range differences[:min(len(differences), mostDifferences)] {
		fmt.Fprintf(a.stdout, "          %s\n", d)
	}
	if more := len(differences) - mostDifferences; more > 0 {
		fmt.Fprintf(a.stdout, "          and %d more\n", more)
	}
}
