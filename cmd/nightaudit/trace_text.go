package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/trace"
	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/figure"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/sql"
)

// storyPrinter prints a story for people: amounts with their currency,
// instants in the account's time zone.
type storyPrinter struct {
	*app
	zone    *time.Location
	instant map[string]bool // columns that hold instants
}

func (a *app) printStory(s *trace.Story, zone *time.Location) error {
	d, err := sql.Dictionary()
	if err != nil {
		return &failure{code: exit.Failed, what: "read the dictionary", err: err}
	}
	p := &storyPrinter{app: a, zone: zone, instant: map[string]bool{}}
	for i := range d.Tables {
		for _, c := range d.Tables[i].Columns {
			if c.Type == "TIMESTAMPTZ" {
				p.instant[c.Name] = true
			}
		}
	}
	p.order(s)
	p.breaks(s.Breaks)
	p.versions(s.Versions)
	p.issues("Refused", s.Rejects)
	p.issues("Doubted", s.Findings)
	p.links(s)
	p.reports(s.Reports)
	p.answers(s.Answers)
	for _, note := range s.Notes {
		fmt.Fprintf(a.stdout, "\nnote: %s\n", note)
	}
	return nil
}

func (p *storyPrinter) title(words string, n int) {
	if n == 0 {
		fmt.Fprintf(p.stdout, "\n%s: none\n", words)
		return
	}
	fmt.Fprintf(p.stdout, "\n%s\n", words)
}

// unsaid are the columns that every row of an order repeats, or that the
// answers tell.
var unsaid = []string{"source", "account", "order_id", "run_id", "payload_sha256", "landing_ref", "currency", "stream"}

func (p *storyPrinter) order(s *trace.Story) {
	switch {
	case s.OrderID == "":
		fmt.Fprintf(p.stdout, "%s names no order\n", s.FoundBy)
		return
	default:
		p.sayf("%s/%s %s (found by %s; times in %s)", s.Source, s.Account, s.OrderID, s.FoundBy, s.Zone)
	}
	if s.Order == nil {
		fmt.Fprintln(p.stdout, "no row of this order was loaded")
	} else {
		for _, c := range s.Order.Columns {
			if words := p.value(s.Order, c.Name); words != "" && !slices.Contains(unsaid, c.Name) {
				fmt.Fprintf(p.stdout, "  %-18s %s\n", c.Name, words)
			}
		}
	}
	for _, l := range s.Lines {
		p.title(strings.TrimPrefix(l.Table, "main."), len(l.Rows))
		p.rows(l.Rows)
	}
}

// rows prints rows as a table of those columns in which any has a value.
func (p *storyPrinter) rows(rows []trace.Row, without ...string) {
	var names []string
	for _, c := range rows[0].Columns {
		some := slices.ContainsFunc(rows, func(r trace.Row) bool { return r.Text(c.Name) != "" })
		if some && !slices.Contains(unsaid, c.Name) && !slices.Contains(without, c.Name) {
			names = append(names, c.Name)
		}
	}
	header, right := table.Row{}, []int{}
	for i, name := range names {
		header = append(header, name)
		if isAmount(name) {
			right = append(right, i+1)
		}
	}
	t := p.newTable(header, right...)
	for i := range rows {
		var cells table.Row
		for _, name := range names {
			cells = append(cells, p.value(&rows[i], name))
		}
		t.AppendRow(cells)
	}
	t.Render()
}

func isAmount(column string) bool {
	return strings.HasSuffix(column, "amount") || slices.Contains([]string{"expected", "actual", "difference"}, column)
}

// value is a value of a row as people read it.
func (p *storyPrinter) value(r *trace.Row, column string) string {
	words := r.Text(column)
	switch {
	case words == "":
		return ""
	case isAmount(column):
		return money(words, r.Text("currency"))
	case p.instant[column]:
		return p.moment(words)
	case r.Raw(column)[0] != '"' && strings.Contains(words, "."): // a quantity or a price of six places
		return strings.TrimSuffix(strings.TrimRight(words, "0"), ".")
	}
	return labels.Called(p.names[labels.Coded[column]][words], words)
}

func money(decimal, currency string) string {
	if decimal == "" {
		return ""
	}
	return strings.TrimSpace(figure.Amount(decimal) + " " + currency)
}

func (p *storyPrinter) moment(words string) string {
	at, err := time.Parse(time.RFC3339Nano, words)
	if err != nil {
		return words // infinity, which no vendor's time becomes
	}
	return p.at(at)
}

func (p *storyPrinter) at(at time.Time) string { return at.In(p.zone).Format("2006-01-02 15:04:05") }

func (p *storyPrinter) breaks(breaks []trace.Break) {
	p.title("Breaks", len(breaks))
	for i := range breaks {
		b := &breaks[i].Row
		p.sayf("  %s %s, %s: %s", b.Text("severity"), b.Text("rule"), b.Text("status"), b.Text("explanation"))
		if b.Text("difference") != "" {
			fmt.Fprintf(p.stdout, "    expected %s, actual %s, difference %s\n", p.value(b, "expected"), p.value(b, "actual"), p.value(b, "difference"))
		}
		seen := "seen from " + p.value(b, "first_seen") + " to " + p.value(b, "last_seen")
		if at := p.value(b, "resolved_at"); at != "" {
			seen += ", resolved " + at
		}
		fmt.Fprintf(p.stdout, "    %s; reason %s; break %s\n", seen, b.Text("reason"), b.Text("break_id"))
		if owner, comment := b.Text("owner"), b.Text("comment"); owner+comment != "" {
			fmt.Fprintf(p.stdout, "    owner %s: %s\n", dash(owner), dash(comment))
		}
		for j := range breaks[i].Annotations {
			n := &breaks[i].Annotations[j]
			fmt.Fprintf(p.stdout, "    %s %s: %s → %s, %s\n", p.value(n, "annotated_at"), dash(n.Text("author")), dash(n.Text("status_before")), dash(n.Text("status")), dash(n.Text("comment")))
		}
	}
}

func dash(words string) string {
	if words == "" {
		return "–"
	}
	return words
}

func (p *storyPrinter) versions(versions []trace.Version) {
	p.title("Versions", len(versions))
	for _, v := range versions {
		what := "first seen"
		if v.No > 1 {
			what = plural(int64(len(v.Changed)), "column", "columns") + " changed"
			if len(v.Changed) == 0 {
				what = "the same again, from another answer"
			}
		}
		fmt.Fprintf(p.stdout, "  %d  %s  run %s  %s\n", v.No, p.at(v.ValidFrom), v.Run, what)
		for _, c := range v.Changed {
			before := trace.Row{Columns: []trace.Column{{Name: c.Column, Value: c.Before}}}
			after := trace.Row{Columns: []trace.Column{{Name: c.Column, Value: c.After}}}
			fmt.Fprintf(p.stdout, "       %s: %s → %s\n", c.Column, dash(p.value(&before, c.Column)), dash(p.value(&after, c.Column)))
		}
	}
}

func (p *storyPrinter) issues(title string, rows []trace.Row) {
	p.title(title, len(rows))
	if len(rows) > 0 {
		p.rows(rows)
	}
}

func (p *storyPrinter) links(s *trace.Story) {
	p.title("Matched orders", len(s.Links))
	for i := range s.Links {
		l := &s.Links[i]
		p.sayf("  %s/%s %s  by rule %s, %s; %s %s %s", l.Text("source"), l.Text("account"), l.Text("order_id"),
			l.Text("rule"), l.Text("certainty"), l.Text("kind"), dash(l.Text("status")), money(l.Text("net_amount"), l.Text("currency")))
	}
	for _, c := range s.AlsoIn {
		p.sayf("  %s also stands in %s/%s %s, as %s", s.Asked, c.Source, c.Account, c.OrderID, c.FoundBy)
	}
}

func (p *storyPrinter) reports(standings []catalogue.Standing) {
	p.title("Reports", len(standings))
	for _, s := range standings {
		date := ""
		if s.Date != "" {
			date = " --date " + s.Date
		}
		fmt.Fprintf(p.stdout, "  %s (nightaudit report %s%s): %s; %s\n", s.Title, s.Report, date, plural(int64(s.Rows), "row", "rows"), s.KnownBy)
	}
}

func (p *storyPrinter) answers(answers []trace.Answer) {
	p.title("Raw answers", len(answers))
	for i := range answers {
		a := &answers[i]
		state := a.State
		if a.State == trace.Damaged {
			state = paint(p.stdoutColour(), red, state)
		}
		fmt.Fprintf(p.stdout, "  %s line %d %s\n    %s", a.File, a.Line, a.At, state)
		if a.Note != "" {
			fmt.Fprintf(p.stdout, ": %s", a.Note)
		}
		fmt.Fprintf(p.stdout, "; sha256 %s\n", a.SHA256)
		if a.Path != "" {
			fmt.Fprintf(p.stdout, "    %s %s %s\n", a.Method, a.Path, a.Params)
		}
		if a.AnsweredAt != nil {
			status := ""
			if a.Status != 0 {
				status = fmt.Sprintf(", status %d", a.Status)
			}
			fmt.Fprintf(p.stdout, "    answered %s%s\n", p.at(*a.AnsweredAt), status)
		}
		if len(a.Rows) > 0 {
			fmt.Fprintf(p.stdout, "    named by %s\n", strings.Join(a.Rows, ", "))
		}
		if a.Raw != nil {
			fmt.Fprintf(p.stdout, "%s\n", indented(a.Raw))
		}
	}
}

// indented lays JSON out in lines; every number stays as it is written. A line
// of a file that holds JSON is laid out as that.
func indented(raw json.RawMessage) string {
	var line string
	if json.Unmarshal(raw, &line) == nil && strings.HasPrefix(line, "{") && json.Valid([]byte(line)) {
		raw = json.RawMessage(line)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "    ", "  "); err != nil {
		return "    " + string(raw)
	}
	return "    " + b.String()
}
