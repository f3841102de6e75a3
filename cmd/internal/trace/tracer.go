package trace

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/reports/catalogue"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// Tracer tells stories of one published database.
type Tracer struct {
	// Rows runs one SELECT and gives its rows as a JSON array (query.Write,
	// format json).
	Rows func(ctx context.Context, statement string, args ...any) ([]byte, error)
	// Standings are the reports in which an order stands, for its business
	// date, which is zero where it has none.
	Standings func(ctx context.Context, key catalogue.OrderKey, date time.Time) ([]catalogue.Standing, []error, error)
	// Titles are what reports are called, by name.
	Titles map[string]string
	// Landing holds the raw answers; nil where it is not at hand, for the
	// reason in NoLanding.
	Landing   *landing.Store
	NoLanding string
	// Drivers are the sources: each knows which members of its answers are
	// personal.
	Drivers []extract.Driver
	// Zone is the time zone of an account.
	Zone func(source, account string) *time.Location
	// Raw puts the order of each answer into the story, Personal without
	// masking it.
	Raw, Personal bool
}

// Tell tells the story of what a question means. Errors are ErrUnknown and
// *Ambiguous, or the database's.
func (t *Tracer) Tell(ctx context.Context, q Question) (*Story, error) {
	f, err := t.find(ctx, q)
	if err != nil {
		return nil, err
	}
	s := &Story{
		Asked: q.ID, FoundBy: f.FoundBy, AlsoIn: f.also, Zone: t.Zone(f.Source, f.Account).String(),
		Source: f.Source, Account: f.Account, OrderID: f.OrderID,
	}
	if f.only != "" {
		return s, t.breaks(ctx, s, "trace_break", f.only, q.Language)
	}
	for _, step := range []func(context.Context, *Story) error{t.facts, t.versions, t.issues, t.links} {
		if err := step(ctx, s); err != nil {
			return nil, err
		}
	}
	if err := t.breaks(ctx, s, "trace_breaks", s.Source, s.Account, s.OrderID, q.Language); err != nil {
		return nil, err
	}
	if err := t.standings(ctx, s); err != nil {
		return nil, err
	}
	return s, t.answers(s)
}

// ask runs an embedded query.
func (t *Tracer) ask(ctx context.Context, query string, args ...any) ([]Row, error) {
	statement, err := sqlfiles.Query(query)
	if err != nil {
		return nil, err
	}
	return t.rows(ctx, query, statement, args...)
}

func (t *Tracer) rows(ctx context.Context, name, statement string, args ...any) ([]Row, error) {
	data, err := t.Rows(ctx, statement, args...)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", name, err)
	}
	rows := []Row{}
	if err := json.Unmarshal(data, &rows); err != nil {
		return nil, fmt.Errorf("query %s: read its rows: %w", name, err)
	}
	return rows, nil
}

// of asks for the rows of the order in one table.
func (t *Tracer) of(ctx context.Context, s *Story, table string) ([]Row, error) {
	text, err := sqlfiles.Query("trace_rows")
	if err != nil {
		return nil, err
	}
	statement, err := template.New("").Parse(text)
	if err != nil {
		return nil, fmt.Errorf("read the query trace_rows: %w", err)
	}
	var b bytes.Buffer
	if err := statement.Execute(&b, table); err != nil {
		return nil, fmt.Errorf("render the query trace_rows: %w", err)
	}
	return t.rows(ctx, "trace_rows of "+table, b.String(), s.Source, s.Account, s.OrderID)
}

// facts reads the order and its lines.
func (t *Tracer) facts(ctx context.Context, s *Story) error {
	d, err := sqlfiles.Dictionary()
	if err != nil {
		return err
	}
	s.Lines = []Lines{}
	for i := range d.Tables {
		table := &d.Tables[i]
		if table.Schema != "main" || table.View || !hasColumn(table, "landing_ref") {
			continue
		}
		rows, err := t.of(ctx, s, "main."+table.Name)
		if err != nil {
			return err
		}
		switch {
		case len(rows) == 0:
		case table.Name == "orders":
			s.Order = &rows[0]
		default:
			s.Lines = append(s.Lines, Lines{"main." + table.Name, rows})
		}
	}
	return nil
}

func hasColumn(t *sqlfiles.Table, name string) bool {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return true
		}
	}
	return false
}

// bookkeeping are the columns of a version that say where and when it came
// from, not what it was.
var bookkeeping = map[string]bool{
	"version_no": true, "valid_from": true, "valid_to": true, "run_id": true, "payload_sha256": true, "landing_ref": true,
}

func (t *Tracer) versions(ctx context.Context, s *Story) error {
	rows, err := t.ask(ctx, "trace_versions", s.Source, s.Account, s.OrderID)
	if err != nil {
		return err
	}
	s.Versions = []Version{}
	for i := range rows {
		v, err := versionOf(&rows[i])
		if err != nil {
			return err
		}
		if i > 0 {
			v.Changed = changes(&rows[i-1], &rows[i])
		}
		s.Versions = append(s.Versions, v)
	}
	return nil
}

func versionOf(r *Row) (v Version, err error) {
	v = Version{Run: r.Text("run_id"), Ref: r.Text("landing_ref"), Changed: []Change{}}
	if v.No, err = strconv.ParseInt(r.Text("version_no"), 10, 64); err != nil {
		return v, fmt.Errorf("read a version: %w", err)
	}
	if v.ValidFrom, err = time.Parse(time.RFC3339Nano, r.Text("valid_from")); err != nil {
		return v, fmt.Errorf("read a version: %w", err)
	}
	if to := r.Text("valid_to"); to != "" {
		at, err := time.Parse(time.RFC3339Nano, to)
		if err != nil {
			return v, fmt.Errorf("read a version: %w", err)
		}
		v.ValidTo = &at
	}
	return v, nil
}

// changes compares two states column by column.
func changes(before, after *Row) []Change {
	changed := []Change{}
	for i, c := range after.Columns {
		if b := before.Columns[i]; !bookkeeping[c.Name] && !bytes.Equal(b.Value, c.Value) {
			changed = append(changed, Change{c.Name, b.Value, c.Value})
		}
	}
	return changed
}

// issues reads what was refused and doubted.
func (t *Tracer) issues(ctx context.Context, s *Story) (err error) {
	if s.Rejects, err = t.of(ctx, s, "audit.rejects"); err != nil {
		return err
	}
	s.Findings, err = t.of(ctx, s, "audit.findings")
	return err
}

func (t *Tracer) links(ctx context.Context, s *Story) (err error) {
	s.Links, err = t.ask(ctx, "trace_links", s.Source, s.Account, s.OrderID)
	return err
}

func (t *Tracer) breaks(ctx context.Context, s *Story, query string, args ...any) error {
	rows, err := t.ask(ctx, query, args...)
	if err != nil {
		return err
	}
	s.Breaks = []Break{}
	for _, r := range rows {
		annotations, err := t.ask(ctx, "trace_annotations", r.Text("break_id"))
		if err != nil {
			return err
		}
		s.Breaks = append(s.Breaks, Break{r, annotations})
	}
	return nil
}

// standings finds the reports in which the order stands: those whose rows
// name it, and the one that adds it up by a rule that is known here.
func (t *Tracer) standings(ctx context.Context, s *Story) error {
	s.Reports = []catalogue.Standing{}
	if s.Order == nil {
		return nil
	}
	var date time.Time
	if text := s.Order.Text("business_date"); text != "" {
		var err error
		if date, err = time.Parse(time.DateOnly, text); err != nil {
			return fmt.Errorf("read the business date: %w", err)
		}
	}
	rows, err := t.ask(ctx, "trace_revenue", s.Source, s.Account, s.OrderID)
	if err != nil {
		return err
	}
	for i := range rows {
		var of []string
		for _, column := range []string{"store", "channel", "status", "standing", "currency"} {
			if v := rows[i].Text(column); v != "" {
				of = append(of, column+" "+v)
			}
		}
		s.Reports = append(s.Reports, catalogue.Standing{
			Report: "revenue", Title: t.Titles["revenue"], Date: rows[i].Text("business_date"), Rows: 1,
			KnownBy: "flow revenue, not deleted: added up in the row of " + strings.Join(of, ", "),
		})
	}
	found, failed, err := t.Standings(ctx, catalogue.OrderKey{Source: s.Source, Account: s.Account, OrderID: s.OrderID}, date)
	if err != nil {
		return err
	}
	s.Reports = append(s.Reports, found...)
	for _, err := range failed {
		s.Notes = append(s.Notes, err.Error())
	}
	return nil
}
