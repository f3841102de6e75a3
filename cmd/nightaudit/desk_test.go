package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	"github.com/nightaudit/nightaudit/load"
)

// desk is a shop of which April 2024 is loaded whole, with a break in each order; a
// workbook of it that somebody has filled in lies beside. The vendor goes by the real
// clock, as the commands do with which people add something.
type desk struct {
	*inn
	published string
	book      string                // filled in
	ask       func(r *http.Request) // is told of each call before it is answered; may be nil
}

const deskOrders = 20

func openDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{inn: &inn{t: t, dir: t.TempDir()}}
	d.published = filepath.Join(d.dir, "published", load.PublishedName)
	var orders []soms.Order
	for i := range deskOrders {
		o := shopOrder("A"+string(rune('A'+i)), "2024-04-10 10:00:00", "10.00")
		o.Items[0].UnitPrice = "9.50" // of one piece that costs 10.00: item_total
		orders = append(orders, o)
	}
	vendor := soms.New(soms.Options{Username: shopUser, Password: shopPassword, Orders: orders})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.ask != nil {
			d.ask(r)
		}
		vendor.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	write(t, filepath.Join(d.dir, "nightaudit.yaml"), "version: 1\npii: {documents: drop}\nreport: {language: en}\npublish: {keep: 2}\nsources:\n  soms:\n    - {account: retail, base_url: '"+server.URL+
		"', tenant_id: '8560', rate: 100000/s, auth: {kind: basic, username: "+shopUser+", password: '"+shopPassword+"'}}\n")
	d.mustRun("run", "--at", "2024-05-02T03:00:00+08:00")
	d.book = filepath.Join(d.dir, "filled.xlsx")
	fillDesk(t, filepath.Join(d.dir, "reports", "reconciliation_2024-05-01.xlsx"), d.book)
	return d
}

// fillDesk writes a comment beside every break of a workbook and saves it elsewhere.
func fillDesk(t testing.TB, book, to string) {
	t.Helper()
	f, err := excelize.OpenFile(book)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Breaks")
	if err != nil {
		t.Fatal(err)
	}
	rule, comment, written := slices.Index(rows[2], "Rule"), slices.Index(rows[2], "Comment"), 0
	for i, row := range rows[3:] {
		if len(row) > rule && row[rule] == "item_total" {
			cell, _ := excelize.CoordinatesToCellName(comment+1, i+4)
			if err := f.SetCellStr("Breaks", cell, "weighed again"); err != nil {
				t.Fatal(err)
			}
			written++
		}
	}
	if written != deskOrders {
		t.Fatalf("%d breaks are in the workbook, want %d", written, deskOrders)
	}
	if err := f.SaveAs(to); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) mustRun(args ...string) did {
	d.t.Helper()
	got := runOf(d.t, d.command(args...))
	if got.code != 0 {
		d.t.Fatalf("%v ended with %d\n%s%s", args, got.code, got.stdout, got.stderr)
	}
	return got
}

// deskFolders are what commands change.
var deskFolders = []string{"data", "published", "reports", "lake"}

func (d *desk) save() (saved string) {
	d.t.Helper()
	saved = d.t.TempDir()
	for _, folder := range deskFolders {
		if _, err := os.Stat(filepath.Join(d.dir, folder)); err == nil {
			copyFolder(d.t, filepath.Join(d.dir, folder), filepath.Join(saved, folder))
		}
	}
	return saved
}

func (d *desk) restore(saved string) {
	d.t.Helper()
	for _, folder := range deskFolders {
		d.replaceFolder(folder, saved)
	}
}

// replaceFolder puts a saved folder into its place, or removes it where none was.
func (d *desk) replaceFolder(folder, saved string) {
	d.t.Helper()
	if err := os.RemoveAll(filepath.Join(d.dir, folder)); err != nil {
		d.t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(saved, folder)); err == nil {
		copyFolder(d.t, filepath.Join(saved, folder), filepath.Join(d.dir, folder))
	}
}

// state are the orders, breaks, what people said of them and closes, without what
// names runs and the times of commands.
func (d *desk) state(database string) string {
	d.t.Helper()
	db := openFile(d.t, database)
	defer db.Close()
	var all []string
	for _, table := range []string{
		"main.orders", "main.order_items", "main.payments", "recon.breaks", "recon.annotations", "recon.workbooks",
		"audit.closes", "audit.close_totals", "audit.reopens", "audit.losses", "audit.adoptions", "audit.rejects",
	} {
		rows := column(d.t, db, "SELECT to_json(t)::VARCHAR FROM (SELECT COLUMNS(c -> NOT regexp_full_match(c, '"+byChance+"|.*_at|(.*_)?(entry|break|annotation)_id|first_seen|last_seen')) FROM "+table+") t ORDER BY 1")
		all = append(all, table, strings.Join(rows, "\n"))
	}
	return strings.Join(all, "\n")
}
