package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// upgrade has the program take up what the last program of schema 1 has left, as
// testdata/released/v1 says: three orders of April 2026, of 10.00 and 20.50 in revenue and
// a canceled one, a comment and a close. Its vendor has another address here. What that
// program's own query printed of each table is what the tables hold before and after, in
// all columns that there were; and the way back leads to the same.
func (p *operator) upgrade() {
	p.t.Helper()
	const fixture = "../../testdata/released/v1"
	dir := filepath.Join(p.t.TempDir(), "before")
	p.unpack(fixture, dir)
	shop := httptest.NewServer(soms.New(soms.Options{Username: "u", Password: "p", Orders: []soms.Order{
		shopOrder("R1", "2026-04-10 09:00:00", "10.00"), shopOrder("R2", "2026-04-11 09:00:00", "20.50"), canceled(shopOrder("R3", "2026-04-12 09:00:00", "30.00")),
	}}))
	defer shop.Close()
	file := filepath.Join(dir, "nightaudit.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		p.t.Fatal(err)
	}
	write(p.t, file, strings.Replace(string(text), "https://shop.example", shop.URL, 1))
	p.sameRows(fixture, dir, "1")
	for _, command := range []string{"status", "runs last", "trace R1", "report revenue"} {
		p.wants(p.sh(dir, "! nightaudit "+command), "its schema has version 1, and this command reads version 2", "nightaudit run brings it up to date")
	}
	p.block("Upgrade", 0, dir)
	upgraded := p.block("Upgrade", 1, dir)
	p.wants(upgraded, "✓ soms/shop: reached", "soms/shop  complete")
	if strings.Contains(upgraded, "level=WARN") {
		p.t.Errorf("the first night of the new program warns:\n%s", upgraded)
	}
	newest, err := sqlfiles.SchemaVersion()
	if err != nil {
		p.t.Fatal(err)
	}
	p.sameRows(fixture, dir, strconv.Itoa(newest))
	got := p.sh(dir, `nightaudit query --format csv "SELECT business_date, orders, net_amount, canceled_amount FROM daily_revenue ORDER BY ALL"; nightaudit query --format csv "SELECT period, closed_by FROM audit.closes"`)
	want := "business_date,orders,net_amount,canceled_amount\n2026-04-10,1,10.0000,0.0000\n2026-04-11,1,20.5000,0.0000\n2026-04-12,0,0.0000,30.0000\nperiod,closed_by\n2026-04,chen\n"
	if got != want {
		p.t.Errorf("after the upgrade:\n%s\nwant:\n%s", got, want)
	}
	p.wants(p.sh(dir, "nightaudit verify; nightaudit status"), "0 findings", "complete       4         0      0", "open breaks of severity error")
	p.block("Upgrade", 2, dir)
	p.sameRows(fixture, filepath.Join(dir, "before"), "1")
}

// What a night moves by right, so that it is compared in the database of the old program
// alone: tables of the database, of the program's rules and of what their checks rested on,
// and when a break was seen last.
var (
	movedTables  = []string{"audit.meta", "audit.migrations", "recon.rules", "recon.basis"}
	movedColumns = []string{"last_seen"}
)

// sameRows compares what the published database of that schema holds with what the old
// program's query printed of it. To the ledger a night has added its own run.
func (p *operator) sameRows(fixture, dir, schema string) {
	p.t.Helper()
	if got := p.sh(dir, `nightaudit query --format csv "SELECT schema_version FROM audit.meta"`); got != "schema_version\n"+schema+"\n" {
		p.t.Errorf("%s is of %s, want %s", dir, got, schema)
	}
	files, err := filepath.Glob(filepath.Join(fixture, "rows", "*.jsonl"))
	if err != nil || len(files) < 20 {
		p.t.Fatalf("%d tables: %v", len(files), err)
	}
	compared := 0
	for _, file := range files {
		table := strings.TrimSuffix(filepath.Base(file), ".jsonl")
		if schema != "1" && slices.Contains(movedTables, table) {
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			p.t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(want)), "\n")
		if lines[0] == "" { // the old program had none
			continue
		}
		names := keysOf(p.t, lines[0])
		got := p.sh(dir, `nightaudit query --timezone UTC --format jsonl "SELECT `+strings.Join(names, ", ")+` FROM `+table+` ORDER BY ALL"`)
		without := ""
		if schema != "1" {
			names = slices.DeleteFunc(names, func(name string) bool { return slices.Contains(movedColumns, name) })
			without = p.lastRun(dir)
		}
		if was, is := members(p.t, string(want), names, ""), members(p.t, got, names, without); was != is {
			p.t.Errorf("schema %s: %s holds\n%s\nand held\n%s", schema, table, is, was)
		}
		compared++
	}
	if compared < 8 {
		p.t.Errorf("%d tables with rows were compared", compared)
	}
}

// keysOf are the names of an object's members, in their order.
func keysOf(t *testing.T, object string) (names []string) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(object))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		name, err := d.Token()
		var value json.RawMessage
		if err == nil {
			err = d.Decode(&value)
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
	}
	return names
}

// lastRun is the id of the night that was published last, as a JSON text.
func (p *operator) lastRun(dir string) string {
	p.t.Helper()
	return strings.TrimSpace(p.sh(dir, `nightaudit query --format jsonl "SELECT published_run_id FROM audit.meta" | cut -d: -f2 | tr -d '}'`))
}

// members are those of some names of objects, a line each, with their own text. Objects of
// the run without are left out.
func members(t *testing.T, objects string, names []string, without string) string {
	t.Helper()
	var b strings.Builder
	for d := json.NewDecoder(strings.NewReader(objects)); d.More(); {
		var object map[string]json.RawMessage
		if err := d.Decode(&object); err != nil {
			t.Fatal(err)
		}
		if without != "" && string(object["run_id"]) == without {
			continue
		}
		for _, name := range names {
			fmt.Fprintf(&b, "%s=%s ", name, object[name])
		}
		b.WriteString("\n")
	}
	return b.String()
}

func canceled(o soms.Order) soms.Order {
	o.State = "canceled"
	return o
}

// unpack lays a released version's files out as its program left them.
func (p *operator) unpack(fixture, dir string) {
	p.t.Helper()
	must := func(err error) {
		p.t.Helper()
		if err != nil {
			p.t.Fatal(err)
		}
	}
	for _, name := range []string{"data", "secrets", "reports"} {
		must(os.MkdirAll(filepath.Join(dir, name), 0o700))
	}
	must(os.CopyFS(filepath.Join(dir, "data", "landing"), os.DirFS(filepath.Join(fixture, "landing"))))
	text, err := os.ReadFile(filepath.Join(fixture, "nightaudit.yaml"))
	must(err)
	write(p.t, filepath.Join(dir, "nightaudit.yaml"), string(text))
	packed, err := os.ReadFile(filepath.Join(fixture, "warehouse.duckdb.zst"))
	must(err)
	decoder, err := zstd.NewReader(nil)
	must(err)
	database, err := decoder.DecodeAll(packed, nil)
	must(err)
	must(os.WriteFile(filepath.Join(dir, "data", "warehouse.duckdb"), database, 0o600))
	must(os.Mkdir(filepath.Join(dir, "published"), 0o750))
	must(os.WriteFile(filepath.Join(dir, "published", "nightaudit.duckdb"), database, 0o440))
}
