package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/notify"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/sql"
)

// What commands print for programs: one JSON object with the version of its shape.
// docs/contract.md, Output for programs, lists the members; within a version members
// are only added.

func formatFlag() cli.Flag {
	return &cli.StringFlag{Name: "format", Value: "text", Usage: "`FORMAT`: text or json"}
}

// wantsJSON reads formatFlag.
func wantsJSON(c *cli.Command) (bool, error) {
	switch format := c.String("format"); format {
	case "text":
		return false, nil
	case "json":
		return true, nil
	default:
		return false, usage(fmt.Sprintf("--format %q is none", format), "write text or json")
	}
}

func (a *app) printJSON(v any) error {
	e := json.NewEncoder(a.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return &failure{code: exit.Failed, what: "the result was not written", err: err}
	}
	return nil
}

// printRow prints the one row of an embedded query as JSON.
func (a *app) printRow(ctx context.Context, db *publishedDatabase, query string, args ...any) error {
	var rows []json.RawMessage
	if err := db.rows(ctx, &rows, query, args...); err != nil {
		return err
	}
	return a.printJSON(rows[0])
}

// rows reads the rows of an embedded query into a slice, by the names of its columns.
func (d *publishedDatabase) rows(ctx context.Context, into any, query string, args ...any) error {
	statement, err := sql.Query(query)
	if err != nil {
		return err
	}
	var rows bytes.Buffer
	if err := d.write(ctx, &rows, "json", statement, args...); err != nil {
		return fmt.Errorf("query %s: %w", query, err)
	}
	return json.Unmarshal(rows.Bytes(), into)
}

// ran is how a run ended.
type ran struct {
	Version int `json:"version"`
	notify.Night
	Database string     `json:"database"` // published; "" where nothing was
	Breaks   breakCount `json:"breaks"`
	Notices  []string   `json:"notices"`
	Seconds  float64    `json:"seconds"`
}

// breakCount is of the book of the last business date that is over, by severity.
type breakCount struct {
	Open      map[string]int `json:"open"`
	Explained map[string]int `json:"explained"`
	Carried   int            `json:"carried_forward"`
	Later     int            `json:"later"`
}

// ranNight adds to what people are told what they are not; r is nil where the run was
// not begun.
func ranNight(n *notify.Night, r *pipeline.Result) ran {
	all := ran{Version: 1, Night: *n, Notices: []string{}}
	if r != nil {
		all.Database, all.Seconds = r.Database, r.Duration.Seconds()
		all.Breaks = breakCount{r.Book.Open, r.Book.Explained, r.Book.Carried, r.Book.Later}
		all.Notices = append(all.Notices, r.Notices...)
	}
	return all
}

// checked is what check found.
type checked struct {
	Version  int            `json:"version"`
	At       time.Time      `json:"at"`
	Failed   int            `json:"failed"`
	Findings []checkFinding `json:"findings"`
}

type checkFinding struct {
	State   string `json:"state"` // pass, warn or fail
	Subject string `json:"subject"`
	Name    string `json:"name,omitempty"` // what people call the account that it is about
	Text    string `json:"text"`
	Do      string `json:"do,omitempty"`
}

func (f *finding) json(names labels.Names) checkFinding {
	return checkFinding{map[rune]string{'✓': "pass", '!': "warn", '✗': "fail"}[f.mark], f.subject, names[labels.Account][f.subject], f.text, f.do}
}

// listed is a report of report --list.
type listed struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Parameters  []string `json:"parameters"`
}
