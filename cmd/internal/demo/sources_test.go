package demo

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/extract/extracttest"
)

// keysOf are the natural keys below the order.
var keysOf = map[string][]string{
	"orders": nil, "order_items": {"line_no"}, "payments": {"line_no"}, "discounts": {"line_no"}, "settlements": nil,
	"settlement_discounts": {"line_no"}, "stays": {"stay_id"}, "deliveries": {"delivery_id"}, "delivery_events": {"event_id"},
	"delivery_tips": {"tip_no"}, "invoices": {"line_no"}, "reminders": {"remind_id"}, "guests": {"guest_no"},
}

// resolve puts the rows of all streams together: what a later stream says
// stands above what an earlier one said.
func resolve(n *extracttest.Night, d *extract.Driver) map[string]map[string]extracttest.Row {
	out := map[string]map[string]extracttest.Row{}
	for _, s := range d.Streams {
		for table, rows := range n.Streams[s.Name] {
			if out[table] == nil {
				out[table] = map[string]extracttest.Row{}
			}
			for _, r := range rows {
				key := r["order_id"]
				for _, column := range keysOf[table] {
					key += "\x00" + r[column]
				}
				if out[table][key] == nil {
					out[table][key] = extracttest.Row{}
				}
				maps.Copy(out[table][key], r)
			}
		}
	}
	return out
}

// The real sources, reading the demo's vendors through its configuration,
// deliver what the world says they must: no finding, no reject, and every
// row and amount. What only the warehouse derives is left to its own tests.
func TestSourcesDeliverTheWorld(t *testing.T) {
	t.Parallel()
	running, err := Start(t.Context(), filepath.Join(t.TempDir(), "demo"), StartOptions{Anchor: anchor})
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	c, err := config.Load(running.ConfigPath, config.Options{Drivers: all.Drivers(), Env: extract.Env{Now: time.Now}})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Accounts) != 5 {
		t.Fatalf("the configuration has %d accounts, want 5", len(c.Accounts))
	}
	e := running.World.Expect()
	until := anchor
	var known []extract.KnownNumber
	for _, a := range c.Accounts {
		night := extracttest.Collect(t, t.Context(), a.Source, extract.Plan{Until: until, State: extract.State{Known: known}})
		source := a.Driver.Name
		for _, r := range night.Rejects {
			t.Errorf("%s: rejected: %+v", source, r)
		}
		for _, f := range night.Findings {
			if source != srcGuoxiaodi || !slices.Contains(e.Unknown, f.Raw) {
				t.Errorf("%s: doubted: %+v", source, f)
			}
		}
		if want := len(e.Unknown); source == srcGuoxiaodi && len(night.Findings) != want {
			t.Errorf("guoxiaodi has %d findings, want %d: the numbers that the courier does not know", len(night.Findings), want)
		}
		tables := resolve(night, a.Driver)
		if source == srcSoms {
			for _, d := range tables["deliveries"] {
				if d["carrier"] == "gxd" {
					known = append(known, extract.KnownNumber{Number: d["order_id"], OrderID: d["order_id"]})
				}
			}
			slices.SortFunc(known, func(a, b extract.KnownNumber) int { return strings.Compare(a.Number, b.Number) })
		}
		compareTables(t, source, tables, e)
		if refused := running.Vendors.Refused(); len(refused) > 0 {
			t.Errorf("calls outside the documented reads: %v", refused)
		}
	}
}

// derived are columns that the warehouse fills from several streams.
var derived = map[string]bool{
	"guoxiaodi orders paid_amount": true, "guoxiaodi orders tip_amount": true, "guoxiaodi deliveries tip_amount": true,
}

func compareTables(t *testing.T, source string, got map[string]map[string]extracttest.Row, e Expect) {
	t.Helper()
	for table, bySource := range e.Tables {
		want, ok := bySource[source]
		if !ok {
			if len(got[table]) > 0 {
				t.Errorf("%s: %d rows of %s, want none", source, len(got[table]), table)
			}
			continue
		}
		if len(got[table]) != want.Rows {
			t.Errorf("%s: %d rows of %s, want %d", source, len(got[table]), table, want.Rows)
		}
		sums := map[string]Fen{}
		for _, r := range got[table] {
			for column, text := range r {
				if strings.HasSuffix(column, "_amount") || column == "amount" {
					sums[column] += fenOf(t, text)
				}
			}
		}
		for column := range sums {
			if _, ok := want.Sums[column]; !ok {
				t.Errorf("%s: %s.%s is filled, want null throughout", source, table, column)
			}
		}
		for column, sum := range want.Sums {
			if got := sums[column]; got != sum && !derived[source+" "+table+" "+column] {
				t.Errorf("%s: Σ %s.%s is %s, want %s", source, table, column, got, sum)
			}
		}
	}
	if source == srcGuoxiaodi {
		return // its states are derived from the events
	}
	status := map[string]int{}
	days := map[string]int{}
	for _, r := range got["orders"] {
		status[r["status"]]++
		days[r["business_date"]]++
	}
	if !maps.Equal(status, e.ByStatus[source]) {
		t.Errorf("%s: orders by status are %v, want %v", source, status, e.ByStatus[source])
	}
	if source == srcStarhotel {
		return // the business date of a booking is that of its stays
	}
	for day, f := range e.Days[source] {
		if days[day] != f.Rows {
			t.Errorf("%s: %d orders on %s, want %d", source, days[day], day, f.Rows)
		}
	}
}

// fenOf reads "10.0000".
func fenOf(t *testing.T, text string) Fen {
	t.Helper()
	short, ok := strings.CutSuffix(text, "00")
	if !ok {
		t.Fatalf("the amount %s has more than two decimals", text)
	}
	f, err := inFen(short)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	start := func() error {
		t.Helper()
		running, err := Start(t.Context(), dir, StartOptions{Anchor: anchor})
		if err == nil {
			err = running.Close()
		}
		return err
	}
	write := func(name string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	exists := func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err == nil
	}

	if err := start(); err != nil {
		t.Fatalf("a new folder: %v", err)
	}
	for _, name := range []string{"nightaudit.yaml", "secrets/soms", "secrets/pii-key"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want a file that nobody else may read", name, info, err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "register", "*.jsonl"))
	if err != nil || len(files) != 3 {
		t.Errorf("the register has %d files, want those of February, March and April", len(files))
	}

	write("data/warehouse.duckdb")
	write("reports/of-mine.xlsx")
	write("notes.txt")
	if err := start(); err != nil {
		t.Fatalf("an earlier demo's folder: %v", err)
	}
	if exists("data/warehouse.duckdb") {
		t.Error("the earlier demo's data is still there")
	}
	if !exists("reports/of-mine.xlsx") || !exists("notes.txt") {
		t.Error("a file that the demo did not make is gone")
	}

	if err := os.Remove(filepath.Join(dir, marker)); err != nil {
		t.Fatal(err)
	}
	err = start()
	if err == nil || !strings.Contains(err.Error(), "--dir") {
		t.Errorf("a folder of somebody else: %v; want a refusal with a remedy", err)
	}
	if !exists("notes.txt") || !exists("nightaudit.yaml") {
		t.Error("a refused folder was changed")
	}
}

// A vendor that states more than it shows is an option for tests; the demo's
// own night is complete.
func TestStatedTotalOff(t *testing.T) {
	running, err := Start(t.Context(), filepath.Join(t.TempDir(), "demo"), StartOptions{Anchor: anchor, World: Options{StatedTotalOff: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	c, err := config.Load(running.ConfigPath, config.Options{Drivers: all.Drivers(), Env: extract.Env{Now: time.Now}})
	if err != nil {
		t.Fatal(err)
	}
	check, err := c.Find(srcTuya, Hotel).Source.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]int64{}
	for _, o := range running.World.serviceOrders {
		shown[o.biz]++
	}
	if check.Orders != shown["MATERIAL"]+1 && check.Orders != shown["SERVICE"]+1 && check.Orders != int64(serviceOrders)+2 {
		t.Errorf("the vendor states %d orders and shows %v, want one more in each list", check.Orders, shown)
	}
}
