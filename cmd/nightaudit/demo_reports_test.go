package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/demo"
	"github.com/nightaudit/nightaudit/reports/catalogue"
)

// demoNight is a demo that has run, with its workbook to be made in English.
type demoNight struct {
	t      *testing.T
	config string // --config=FILE
	dir    string
	world  *demo.World // the demo's world, made anew apart from the night
}

func newDemoNight(t *testing.T) *demoNight {
	t.Helper()
	n := &demoNight{t: t, dir: filepath.Join(t.TempDir(), "demo")}
	copyDemo(t, n.dir)
	at, err := time.Parse(time.RFC3339, keptDemo)
	if err != nil {
		t.Fatal(err)
	}
	y, m, d := at.Date()
	n.world = demo.New(time.Date(y, m, d, 0, 0, 0, 0, at.Location()), demo.Options{})
	words, err := os.ReadFile(filepath.Join(n.dir, "nightaudit.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	english := strings.Replace(string(words), "language: zh ", "language: en ", 1)
	file := filepath.Join(n.dir, "english.yaml")
	if err := os.WriteFile(file, []byte(english), 0o600); err != nil || english == string(words) {
		t.Fatalf("the demo's language was not changed: %v", err)
	}
	n.config = "--config=" + file
	return n
}

// query gives rows as texts by column; a null is missing.
func (n *demoNight) query(statement string) []map[string]string {
	n.t.Helper()
	var rows []map[string]*string
	out := nightaudit(n.t, "query", n.config, "--format", "json", "SELECT COLUMNS(*)::VARCHAR FROM ("+statement+")")
	if err := json.Unmarshal([]byte(out), &rows); err != nil {
		n.t.Fatalf("%s: %v", statement, err)
	}
	list := make([]map[string]string, len(rows))
	for i, row := range rows {
		list[i] = map[string]string{}
		for column, v := range row {
			if v != nil {
				list[i][column] = *v
			}
		}
	}
	if len(list) == 0 {
		n.t.Fatalf("%s: no rows", statement)
	}
	return list
}

// A newcomer's night, report by report and cell by cell.
func TestDemoReports(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole night over 5,000 orders")
	}
	n := newDemoNight(t)
	t.Run("as text", n.reportsAsText)
	t.Run("workbook", n.workbookRows)
}

// fleeting are the values of a report that differ from one demo to the next:
// the run's number, the database's, the hash of the configuration with the
// simulators' addresses, the program's version, and when the run ended.
var fleeting = []struct {
	is   *regexp.Regexp
	text string
}{
	{regexp.MustCompile(`\b\d{8}T\d{6}Z-[0-9a-f]{6}\b`), "RUN"},
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "HASH"},
	{regexp.MustCompile(`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`), "DATABASE"},
	{regexp.MustCompile(`(RUN \| 2025-05-31T22:30:00Z) \| 2025-05-31T22:3\S+`), "$1 | FINISHED"},
	{regexp.MustCompile(`(FINISHED \| complete \| 0) \| [^|]+ \|`), "$1 | VERSION |"},
}

// Each report of the catalogue gives what was read and found right once:
// testdata/reports, a file each. -update writes them anew, to be read
// again. Dated reports are of one business date.
func (n *demoNight) reportsAsText(t *testing.T) {
	all, err := catalogue.Load("")
	if err != nil {
		t.Fatal(err)
	}
	const folder = "testdata/reports"
	var kept, dated, dateless []string
	for i := range all {
		if r := &all[i]; r.Has("date_from") || r.Has("date_to") {
			dated = append(dated, r.Name)
		} else {
			dateless = append(dateless, r.Name)
		}
	}
	export := []string{"report", n.config, "--format", "csv", "--out", filepath.Join(n.dir, "csv")}
	files := nightaudit(t, append(append(slices.Clone(export), "--date", keptDate), dated...)...) + nightaudit(t, append(export, dateless...)...)
	paths := strings.Split(strings.TrimSpace(files), "\n")
	for i, name := range append(dated, dateless...) {
		rows := readCSV(t, paths[i])
		n.crossCheck(t, name, rows)
		got := asText(rows)
		golden := filepath.Join(folder, name+".txt")
		kept = append(kept, golden)
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Errorf("report %s is not kept as text (-update writes it): %v", name, err)
			continue
		}
		if got != string(want) {
			t.Errorf("report %s differs from %s (-update writes it anew): %s", name, golden, firstDifference(strings.Split(got, "\n"), strings.Split(string(want), "\n")))
		}
	}
	there, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range there {
		if !slices.Contains(kept, filepath.ToSlash(file)) {
			t.Errorf("%s belongs to no report", file)
		}
	}
}

func readCSV(t *testing.T, file string) [][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return rows
}

// readable is how many rows a person reads of a golden; of a longer report
// some rows are kept, and a line on each column that any changed value changes.
const readable = 20

func asText(rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) {
		words := strings.Join(cells, " | ")
		for _, f := range fleeting {
			words = f.is.ReplaceAllString(words, f.text)
		}
		b.WriteString(strings.TrimRight(words, " ") + "\n")
	}
	line(rows[0])
	step := 1
	if len(rows)-1 > readable {
		step = (len(rows) + 3) / 5
	}
	for i := 1; i < len(rows); i += step {
		line(rows[i])
	}
	if step > 1 {
		fmt.Fprintf(&b, "\none row in %d of %d; of all rows:\n", step, len(rows)-1)
		for c, heading := range rows[0] {
			b.WriteString(heading + ": " + columnText(rows[1:], c) + "\n")
		}
	}
	return b.String()
}

// columnText tells of a column how many cells are filled, and their sum where
// they are amounts, else how many differ, and the first and last of them.
func columnText(rows [][]string, column int) string {
	filled, sum, amounts := 0, new(big.Rat), true
	seen := map[string]bool{}
	for _, row := range rows {
		words := row[column]
		if words == "" {
			continue
		}
		filled++
		for _, f := range fleeting {
			words = f.is.ReplaceAllString(words, f.text)
		}
		seen[words] = true
		if r, ok := new(big.Rat).SetString(words); ok && strings.Contains(words, ".") {
			sum.Add(sum, r)
		} else {
			amounts = false
		}
	}
	switch values := slices.Sorted(maps.Keys(seen)); {
	case filled == 0:
		return "empty"
	case amounts:
		return fmt.Sprintf("%d, sum %s", filled, sum.FloatString(4))
	case len(values) == 1:
		return fmt.Sprintf("%d, all %s", filled, values[0])
	default:
		return fmt.Sprintf("%d, of which %d differ, from %s to %s", filled, len(values), cut(values[0]), cut(values[len(values)-1]))
	}
}

// cut is the beginning of a text.
func cut(words string) string {
	if r := []rune(words); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return words
}

// crossCheck compares reports, as far as they can be, with what the world
// itself says they must come to: it counts and adds up the vendors' own
// orders, in fen and apart from the pipeline.
func (n *demoNight) crossCheck(t *testing.T, name string, rows [][]string) {
	t.Helper()
	expect := n.world.Expect()
	column := func(heading string) int {
		i := slices.Index(rows[0], heading)
		if i < 0 {
			t.Fatalf("report %s has no column %s: %v", name, heading, rows[0])
		}
		return i
	}
	switch name {
	case "orders":
		count, sum := map[string]int{}, map[string]*big.Rat{}
		source, netColumn := column("source"), column("net_amount")
		for _, row := range rows[1:] {
			count[row[source]]++
			if sum[row[source]] == nil {
				sum[row[source]] = new(big.Rat)
			}
			if row[netColumn] != "" {
				sum[row[source]].Add(sum[row[source]], rat(t, row[netColumn]))
			}
		}
		if len(count) != len(expect.Days) {
			t.Errorf("orders of %d sources, want %d", len(count), len(expect.Days))
		}
		for s, days := range expect.Days {
			if want := days[keptDate]; count[s] != want.Rows || sum[s].Cmp(rat(t, want.Sums["net_amount"].Money())) != 0 {
				t.Errorf("%s has %d orders of %s, want %d of %s", s, count[s], sum[s].FloatString(4), want.Rows, want.Sums["net_amount"].Money())
			}
		}
	case "breaks":
		var got, want []string
		order, difference := column("order_ref"), column("difference")
		for _, row := range rows[1:] {
			shown := "none" // of statuses and dates
			if row[difference] != "" {
				shown = rat(t, row[difference]).FloatString(2)
			}
			got = append(got, row[order]+" "+shown)
		}
		for _, p := range expect.Breaks {
			d := new(big.Rat)
			if p.Actual != "" {
				d.Add(d, rat(t, p.Actual))
			}
			if p.Expected != "" {
				d.Sub(d, rat(t, p.Expected))
			}
			shown := d.FloatString(2)
			if p.Actual == "" && p.Expected == "" {
				shown = "none"
			}
			want = append(want, p.OrderID+" "+shown)
		}
		sameRows(t, name, got, want)
	case "rejects":
		var got []string
		for _, row := range rows[1:] {
			got = append(got, row[column("raw")])
		}
		sameRows(t, name, got, expect.Unknown)
	case "calendar":
		for _, row := range rows[1:] {
			if row[column("state")] != "complete" {
				t.Errorf("the calendar says %v", row)
			}
		}
		if want := 14 * len(expect.Orders); len(rows)-1 != want {
			t.Errorf("the calendar has %d days, want %d", len(rows)-1, want)
		}
	case "closes", "restatements", "restated_orders", "restatements_totals":
		if len(rows) != 1 {
			t.Errorf("no month of the demo is closed, and %s has %d rows", name, len(rows)-1)
		}
	}
}

func rat(t *testing.T, words string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(words)
	if !ok {
		t.Fatalf("%q is no number", words)
	}
	return r
}

// sameRows compares two lists in which the order does not count.
func sameRows(t *testing.T, what string, got, want []string) {
	t.Helper()
	left := map[string]int{}
	for _, row := range want {
		left[row]++
	}
	for _, row := range got {
		if left[row]--; left[row] < 0 {
			t.Errorf("%s has, and should not:\n%s", what, row)
		}
	}
	for row, n := range left {
		if n > 0 {
			t.Errorf("%s lacks:\n%s", what, row)
		}
	}
}
