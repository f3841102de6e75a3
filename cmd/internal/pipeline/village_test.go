package pipeline_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	"github.com/nightaudit/nightaudit/reports/labels"
)

// village is a few shops, each a tenant at an address of its own, whose accounts
// get other names from night to night.
type village struct {
	t     *testing.T
	dir   string
	now   time.Time
	cfg   *config.Config
	shops map[string]*soms.Vendor // by letter
	urls  map[string]string
}

// startVillage opens shops, one for each letter.
func startVillage(t *testing.T, letters string) *village {
	t.Helper()
	v := &village{
		t: t, dir: t.TempDir(), now: time.Date(2026, 5, 2, 3, 0, 0, 0, soms.Zone),
		shops: map[string]*soms.Vendor{}, urls: map[string]string{},
	}
	for _, letter := range strings.Split(letters, "") {
		shop := soms.New(soms.Options{Tenant: fmt.Sprint(letter[0]), Username: "u", Password: "p", Now: v.clock})
		server := httptest.NewServer(shop)
		t.Cleanup(server.Close)
		v.shops[letter], v.urls[letter] = shop, server.URL
	}
	return v
}

func (v *village) clock() time.Time { return v.now }

// sell puts orders of April into a shop: each is paid, and says of its line that
// nine and a half make ten, so that each has a break of the rule item_total.
func (v *village) sell(letter string, ids ...string) {
	for i, id := range ids {
		at := soms.LocalTime(time.Date(2026, 4, 10+i, 9, 0, 0, 0, soms.Zone))
		o := paidOrder(id, at, at, "delivered", "10.00")
		o.Items[0].UnitPrice = "9.50"
		v.shops[letter].Put(o)
	}
}

// account is an account of the configuration: its name, its shop, and more keys.
func (v *village) account(name, letter string, more ...string) string {
	return fmt.Sprintf("    - {account: %s, base_url: %q, tenant_id: \"%d\", rate: 100000/s, page_size: 2, auth: {kind: basic, username: u, password: p}%s}\n",
		name, v.urls[letter], letter[0], strings.Join(append([]string{""}, more...), ", "))
}

// configure reads a configuration of accounts. head is what stands before them.
func (v *village) configure(head string, accounts ...string) {
	v.t.Helper()
	if err := v.tryConfigure(head, accounts...); err != nil {
		v.t.Fatal(err)
	}
}

func (v *village) tryConfigure(head string, accounts ...string) error {
	v.t.Helper()
	file := filepath.Join(v.dir, "nightaudit.yaml")
	text := "version: 1\npii: {key: k}\nreport: {language: " + labels.English + "}\n" + head + "sources:\n  soms:\n" + strings.Join(accounts, "")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		v.t.Fatal(err)
	}
	cfg, err := config.Load(file, config.Options{Drivers: all.Drivers(), Env: extract.Env{
		Now: v.clock, Tokens: new(extract.TokenStore),
		HTTP: extract.HTTPLimits{Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }},
	}})
	if err == nil {
		v.cfg = cfg
	}
	return err
}

// night carries out a night, a day after the last one.
func (v *village) night(o pipeline.Options) *pipeline.Result {
	v.t.Helper()
	result, err := v.tryNight(o)
	if err != nil {
		v.t.Fatal(err)
	}
	return result
}

func (v *village) tryNight(o pipeline.Options) (*pipeline.Result, error) {
	v.now = v.now.AddDate(0, 0, 1)
	o.Now, o.Version = v.clock, "test"
	return pipeline.Run(v.t.Context(), v.cfg, o)
}

// quiet is a night without workbooks that ends with an exit code.
func (v *village) quiet(code int) *pipeline.Result {
	v.t.Helper()
	result := v.night(pipeline.Options{NoReport: true})
	if result.ExitCode != code {
		v.t.Errorf("exit code %d, want %d: %q %+v", result.ExitCode, code, result.Notices, result.Accounts)
	}
	return result
}

func (v *village) replay() {
	v.t.Helper()
	if _, err := pipeline.Replay(v.t.Context(), v.cfg, pipeline.Options{Now: v.clock, Version: "test"}); err != nil {
		v.t.Fatal(err)
	}
}

func (v *village) published() string { return filepath.Join(v.cfg.Publish.Dir, "nightaudit.duckdb") }

func (v *village) read(query string, args ...any) []string {
	v.t.Helper()
	db := open(v.t, v.published())
	defer shut(v.t, db)
	return lines(v.t, db, query, args...)
}

// comment has somebody write a comment on the break of each order into the
// newest workbook, and takes it.
func (v *village) comment(book string, comments map[string]string) {
	v.t.Helper()
	rows := map[string]entries{}
	for order, text := range comments {
		rows[order] = entries{"Explained", "Li Wei", text}
	}
	v.now = v.now.Add(time.Minute)
	_, err := pipeline.Annotate(v.t.Context(), v.cfg, pipeline.AnnotateOptions{
		Options: pipeline.Options{Now: v.clock, Version: "test", By: "operator"}, Workbook: fillIn(v.t, book, "Li Wei", rows),
	})
	if err != nil {
		v.t.Fatal(err)
	}
}

// comments are what stands beside the living breaks, by account and order.
func (v *village) comments() []string {
	v.t.Helper()
	return v.read("SELECT account, order_id, status, owner, comment FROM recon.breaks WHERE status <> 'resolved' AND rule = 'item_total' ORDER BY ALL")
}

// closeApril closes the month of all orders.
func (v *village) closeApril() {
	v.t.Helper()
	v.now = v.now.Add(time.Minute)
	april := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	if _, err := pipeline.Close(v.t.Context(), v.cfg, pipeline.CloseOptions{Month: april, Options: pipeline.Options{Now: v.clock, By: "chen"}}); err != nil {
		v.t.Fatal(err)
	}
}

// closed are the figures of April as closed, what moved since, and as they are now.
func (v *village) closed() []string {
	v.t.Helper()
	return v.read("SELECT period, account, orders_closed, orders_effect, orders_now, net_amount_closed, net_amount_now FROM restatement_totals ORDER BY ALL")
}

// wantFresh compares the tables in SQL, in both directions, with those of a load
// of the present configuration where nothing was before: the living facts and the
// open breaks, and no version that overlaps another.
func (v *village) wantFresh(what string) {
	v.t.Helper()
	dir := v.t.TempDir()
	kept := *v.cfg
	defer func() { *v.cfg = kept }()
	v.cfg.DataDir, v.cfg.Publish.Dir, v.cfg.Report.Dir = filepath.Join(dir, "data"), filepath.Join(dir, "published"), filepath.Join(dir, "reports")
	if r, err := pipeline.Run(v.t.Context(), v.cfg, pipeline.Options{Now: v.clock, Version: "test", NoReport: true}); err != nil || r.ExitCode != 0 {
		v.t.Fatal(what, err, r)
	}
	db := open(v.t, kept.Publish.Dir+"/nightaudit.duckdb")
	defer shut(v.t, db)
	if _, err := db.Exec("ATTACH '" + v.published() + "' AS fresh (READ_ONLY)"); err != nil {
		v.t.Fatal(err)
	}
	living := func(database, table string) string {
		return fmt.Sprintf(`SELECT * EXCLUDE (run_id, landing_ref, payload_sha256) FROM %[1]s.main.%[2]s t
			WHERE NOT EXISTS (FROM %[1]s.main.orders o WHERE o.source = t.source AND o.account = t.account AND o.order_id = t.order_id AND o.deleted_at IS NOT NULL)`, database, table)
	}
	tables := lines(v.t, db, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND database_name = 'nightaudit'")
	if len(tables) < 10 {
		v.t.Fatal("tables", tables)
	}
	both := func(name, here, fresh string) {
		equal(v.t, what+": "+name+" in the database only", lines(v.t, db, here+" EXCEPT ALL "+fresh), nil)
		equal(v.t, what+": "+name+" in a fresh load only", lines(v.t, db, fresh+" EXCEPT ALL "+here), nil)
	}
	for _, table := range tables {
		both(table, living("nightaudit", table), living("fresh", table))
	}
	const breaks = "SELECT rule, source, account, order_id, line_no, right_source, right_account, right_order_id, expected, actual, break_id FROM %s.recon.breaks WHERE status <> 'resolved' AND rule <> 'vendor_change'" // that rests on the nights before
	both("breaks", fmt.Sprintf(breaks, "nightaudit"), fmt.Sprintf(breaks, "fresh"))
	equal(v.t, what+": versions that hold at one time", lines(v.t, db, `SELECT v.account, v.order_id FROM audit.order_versions v JOIN audit.order_versions w
		ON w.source = v.source AND w.account = v.account AND w.order_id = v.order_id AND w.version_no > v.version_no AND coalesce(v.valid_to, 'infinity') > w.valid_from`), nil)
	equal(v.t, what+": orders without a version that holds", lines(v.t, db, `SELECT source, account, order_id FROM main.orders
		EXCEPT ALL SELECT source, account, order_id FROM audit.order_versions WHERE valid_to IS NULL`), nil)
}

// ordersIn are the orders of the rule item_total in a workbook.
func ordersIn(t *testing.T, book string) (orders []string) {
	t.Helper()
	f, err := excelize.OpenFile(book)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	grid, err := f.GetRows("Breaks")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range grid[3:] {
		if row[slices.Index(grid[2], "Rule")] == "item_total" {
			orders = append(orders, row[slices.Index(grid[2], "Order")])
		}
	}
	return orders
}
