package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/labels"
)

func (a *app) statusCommand() *cli.Command {
	return &cli.Command{
		Name:  "status",
		Usage: "how things stand: the last good night of each account, what is open, what to do",
		Description: "Reads the published database and, where it may, which runs are landed since: a run\n" +
			"that failed publishes nothing. With --max-age for monitoring: exit code 3 where the\n" +
			"last complete night of an account began longer ago, or there was none.",
		Flags: []cli.Flag{
			&cli.DurationFlag{Name: "max-age", Usage: "how long ago the last complete night of each account may have begun, as `26h`"},
			formatFlag(),
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return a.status(ctx, c)
		},
	}
}

// status is how things stand. Its JSON is a contract (docs/contract.md, Output for
// programs): members are only added.
type status struct {
	Version     int             `json:"version"`
	At          time.Time       `json:"at"`
	PublishedAt time.Time       `json:"published_at,omitzero"`
	Run         string          `json:"run"`                // that was published last
	LastRun     *lastRun        `json:"last_run,omitempty"` // landed since, and not published
	Accounts    []accountStatus `json:"accounts"`
	Do          []string        `json:"do"`
}

type lastRun struct {
	Run     string    `json:"run"`
	At      time.Time `json:"at"`
	Outcome string    `json:"outcome"` // "unfinished": it is at work, or died
}

type accountStatus struct {
	Source     string    `json:"source"`
	Account    string    `json:"account"`
	Name       string    `json:"name,omitempty"` // what people call it
	Timezone   string    `json:"timezone"`
	CompleteAt time.Time `json:"complete_at,omitzero"` // when the last complete night began
	AskedAt    time.Time `json:"asked_at,omitzero"`
	State      string    `json:"state"`
	Message    string    `json:"message,omitempty"` // why it is not complete
	Errors     int       `json:"errors"`            // open breaks by severity
	Warnings   int       `json:"warnings"`
	Infos      int       `json:"infos"`
	Late       bool      `json:"late"` // beyond --max-age
}

func (s *accountStatus) id() string { return s.Source + "/" + s.Account }

func (a *app) status(ctx context.Context, c *cli.Command) error {
	asJSON, err := wantsJSON(c)
	if err != nil {
		return err
	}
	cfg, err := a.loadReader()
	if err != nil {
		return err
	}
	db, err := a.openDatabase(filepath.Join(cfg.Publish.Dir, load.PublishedName))
	if err != nil {
		return err
	}
	defer db.close()
	s := status{Version: 1, At: a.now().UTC().Truncate(time.Second)}
	err = s.read(ctx, db)
	if err == nil {
		a.names, err = db.names(ctx)
	}
	if err != nil {
		return fmt.Errorf("read how things stand: %w", err)
	}
	for i := range s.Accounts {
		s.Accounts[i].Name = a.names[labels.Account][s.Accounts[i].id()]
	}
	if err := s.landedSince(cfg); err != nil {
		return err
	}
	late := s.judge(c.Duration("max-age"))
	if asJSON {
		err = a.printJSON(s)
	} else {
		a.printStatus(&s, cfg.Zone)
	}
	if err == nil && late {
		return exitWith(exit.Partial)
	}
	return err
}

func (s *status) read(ctx context.Context, db *publishedDatabase) error {
	if err := db.rows(ctx, &s.Accounts, "status"); err != nil {
		return err
	}
	return db.rows(ctx, &[]*status{s}, "status_meta")
}

// landedSince finds the last run where it was not published. Who may not read the
// data folder is told of what is published.
func (s *status) landedSince(cfg *config.Config) error {
	dir := filepath.Join(cfg.DataDir, "landing")
	_, err := os.ReadDir(dir) // before it is opened, which makes it where there is none
	var store *landing.Store
	if err == nil {
		store, err = landing.Open(dir, cfg.LandingKeys)
	}
	var runs []landing.RunRecord
	if err == nil {
		runs, err = store.Runs()
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &failure{code: exit.Failed, what: "the landed runs cannot be read", err: err}
	}
	if len(runs) == 0 {
		return nil
	}
	last := runs[len(runs)-1] // by time: an id knows no more than its second
	published := slices.ContainsFunc(runs, func(r landing.RunRecord) bool { return r.ID == s.Run })
	if last.ID == s.Run || !published && last.ID < s.Run {
		return nil
	}
	s.LastRun = &lastRun{Run: last.ID, At: last.At, Outcome: last.Outcome}
	if last.Outcome == "" {
		s.LastRun.Outcome = "unfinished"
	}
	return nil
}

// judge says what is to be done, and whether an account is late.
func (s *status) judge(maxAge time.Duration) (late bool) {
	s.Do = []string{}
	incomplete, breaks := false, 0
	for i := range s.Accounts {
		account := &s.Accounts[i]
		account.Late = maxAge > 0 && s.At.Sub(account.CompleteAt) > maxAge
		late = late || account.Late
		incomplete = incomplete || account.State != complete
		breaks += account.Errors
	}
	switch {
	case s.LastRun != nil && s.LastRun.Outcome == "unfinished":
		s.Do = append(s.Do, "run "+s.LastRun.Run+" has not ended: wait for it, or, where it died, nightaudit run goes on from it")
	case s.LastRun != nil:
		s.Do = append(s.Do, "run "+s.LastRun.Run+" published nothing: see what it said, then nightaudit run")
	}
	if incomplete {
		s.Do = append(s.Do, "nightaudit check tries accounts without loading anything; the next night reads again what is missing of them")
	}
	if late && !incomplete && s.LastRun == nil {
		s.Do = append(s.Do, "no run was begun for longer than --max-age: see whether the timer is at work, then nightaudit run")
	}
	if breaks > 0 {
		s.Do = append(s.Do, "open breaks of severity error: the sheet Breaks of the last workbook explains each")
	}
	return late
}

func (a *app) printStatus(s *status, zone *time.Location) {
	t := a.newTable(table.Row{"account", "last complete night", "age", "state", "errors", "warnings", "infos"}, 5, 6, 7)
	for i := range s.Accounts {
		account := &s.Accounts[i]
		own, err := time.LoadLocation(account.Timezone)
		if err != nil {
			own = zone
		}
		at, age := "never", ""
		if !account.CompleteAt.IsZero() {
			at, age = account.CompleteAt.In(own).Format("2006-01-02 15:04 -07:00"), ageText(s.At.Sub(account.CompleteAt))
		}
		if account.Late {
			age += " late"
		}
		t.AppendRow(table.Row{account.id(), at, age, account.State, account.Errors, account.Warnings, account.Infos})
	}
	t.Render()
	fmt.Fprintln(a.stdout)
	for i := range s.Accounts {
		if account := &s.Accounts[i]; account.Message != "" {
			a.sayf("%s: %s", account.id(), account.Message)
		}
	}
	fmt.Fprintf(a.stdout, "published  %s, run %s, %s ago\n", s.PublishedAt.In(zone).Format("2006-01-02 15:04 -07:00"), s.Run, ageText(s.At.Sub(s.PublishedAt)))
	if s.LastRun != nil {
		fmt.Fprintf(a.stdout, "since then %s, run %s, %s\n", s.LastRun.At.In(zone).Format("2006-01-02 15:04 -07:00"), s.LastRun.Run, s.LastRun.Outcome)
	}
	if len(s.Do) == 0 {
		fmt.Fprintln(a.stdout, "nothing to do")
	}
	for _, do := range s.Do {
		fmt.Fprintf(a.stdout, "do: %s\n", do)
	}
}

// ageText is how long ago something was, in its two largest units.
func ageText(d time.Duration) string {
	d = max(d, 0)
	days, hours, minutes := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	switch {
	case days > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	}
	return fmt.Sprintf("%d min", minutes)
}
