package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// configure reads the hamlet's configuration with some of its text replaced:
// pairs of what stands there and what shall.
func (h *hamlet) configure(pairs ...string) {
	h.t.Helper()
	original := filepath.Join(h.dir, "nightaudit.yaml")
	text, err := os.ReadFile(original)
	if err != nil {
		h.t.Fatal(err)
	}
	changed := strings.NewReplacer(pairs...).Replace(string(text))
	if len(pairs) > 0 && changed == string(text) {
		h.t.Fatalf("the configuration holds none of %q", pairs)
	}
	file := filepath.Join(h.dir, "changed.yaml")
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		h.t.Fatal(err)
	}
	h.cfg, err = config.Load(file, config.Options{Drivers: all.Drivers(), Env: extract.Env{
		Now: h.clock, Tokens: new(extract.TokenStore),
		HTTP: extract.HTTPLimits{Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }},
	}})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *hamlet) published() string { return filepath.Join(h.cfg.Publish.Dir, "nightaudit.duckdb") }

// fresh is what the present configuration gives where nothing was before.
func (h *hamlet) fresh() map[string][]string {
	h.t.Helper()
	kept := h.cfg
	defer func() { h.cfg = kept }()
	c := *h.cfg
	dir := h.t.TempDir()
	c.DataDir, c.Publish.Dir, c.Report.Dir = filepath.Join(dir, "data"), filepath.Join(dir, "published"), filepath.Join(dir, "reports")
	h.cfg = &c
	wantStates(h.t, h.run(), nil)
	return liveFacts(h.t, h.published())
}

// wantFresh compares the tables with those of a fresh load.
func (h *hamlet) wantFresh(what string) {
	h.t.Helper()
	got := liveFacts(h.t, h.published())
	for table, rows := range h.fresh() {
		equal(h.t, what+": "+table, got[table], rows)
	}
}

// read reads the published database and closes it.
func (h *hamlet) read(query string, args ...any) []string {
	h.t.Helper()
	db := open(h.t, h.published())
	defer shut(h.t, db)
	return lines(h.t, db, query, args...)
}

const deletedOrders = "SELECT source, order_id, deleted_at FROM orders WHERE deleted_at IS NOT NULL ORDER BY ALL"

// changes of the configuration, each with one that is no change to it.
var changesOfBasis = []struct {
	name  string
	pairs []string
	moved []string // sources whose orders move
}{
	{"time zone to the east", []string{"version: 1\n", "version: 1\ntimezone: Asia/Tokyo\n"}, []string{"soms"}},
	{"time zone to the west", []string{"version: 1\n", "version: 1\ntimezone: America/New_York\n"}, sources},
	{"zone of the vendor's times", []string{"  akubela:\n    - {account: a,", "  akubela:\n    - {account: a, wall_zone: Asia/Shanghai,"}, []string{"akubela"}},
	{"start of the day", []string{"version: 1\n", "version: 1\nbusiness_day_start: \"12:00\"\n"}, sources},
	{"currency", []string{"page_size: 2,", "page_size: 2, currency: USD,"}, []string{"soms", "starhotel"}},
	{"links", []string{"sources:\n", "links:\n  - {name: hamlet, tuya: [a], akubela: [a], starhotel: [a]}\nsources:\n"}, []string{"tuya"}},
	{"personal data", []string{"pii: {key: k}", "pii: {key: k, names: drop, rooms: hash}"}, []string{"tuya", "akubela", "starhotel"}},
	{"names of the accounts", []string{"account: a,", "account: b, aliases: [a],"}, nil},
}

// nightsBefore lets two nights pass, and closes April in May: an order of the
// shop's of the first of May, at nine, comes into April where a day begins at
// noon.
func (h *hamlet) nightsBefore() {
	h.t.Helper()
	wantStates(h.t, h.run(), nil)
	h.pass()
	wantStates(h.t, h.run(), nil)
	h.now = time.Date(2026, 5, 2, 3, 0, 0, 0, soms.Zone)
	at := soms.LocalTime(time.Date(2026, 5, 1, 9, 0, 0, 0, soms.Zone))
	h.soms.Put(soms.Order{
		ID: "MAY1", Created: at, Modified: at, State: "delivered", Front: &soms.Front{OrderID: "FMAY1", Created: at},
		Payment:   &soms.Payment{State: "paid", Amount: "7.00", Details: []soms.PaymentDetail{{Code: "wx", Amount: "7.00"}}},
		Items:     []soms.Item{{ItemID: "1", SKUID: "A", ItemTitle: "tea", Quantity: "1", UnitPrice: "7.00", Total: "7.00", PayAmount: "7.00"}},
		RealTotal: "7.00", OrigTotal: "7.00", SKUQuantity: "1",
	})
	wantStates(h.t, h.run(), nil)
	april := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	if _, err := pipeline.Close(h.t.Context(), h.cfg, pipeline.CloseOptions{Month: april, Options: pipeline.Options{Now: h.clock, By: "chen"}}); err != nil {
		h.t.Fatal(err)
	}
	h.now = h.now.AddDate(0, 0, 1)
}

// The configuration says another thing of what is there: the next plain run
// brings all of it to that, and the tables are those of a fresh load under it.
// Nothing is taken as deleted, what moved in a closed month is told as moved by
// the configuration, and the way back gives the first tables.
func TestChangesOfBasis(t *testing.T) {
	for _, c := range changesOfBasis {
		t.Run(c.name, func(t *testing.T) {
			longTest(t) // TestStartOfDayMovesDates and TestRename say it of what is changed most
			h := startHamlet(t)
			h.configure()
			h.nightsBefore()
			first := liveFacts(t, h.published())
			deleted := h.read(deletedOrders)
			if len(deleted) == 0 {
				t.Fatal("no order has disappeared: the test says nothing of deletions")
			}

			h.configure(c.pairs...)
			there := h.run()
			wantStates(t, there, nil)
			h.wantFresh("there")
			equal(t, "deleted orders there", h.read(deletedOrders), deleted)
			wantMoved(t, h, there, c.moved)
			if c.name == "personal data" {
				wantForgotten(t, h)
			}
			h.now = h.now.AddDate(0, 0, 1)
			wantStates(t, h.run(), nil)
			h.wantFresh("a night later")

			if c.name == "names of the accounts" {
				h.configure("account: a,", "account: a, aliases: [b],")
			} else {
				h.configure()
			}
			h.now = h.now.AddDate(0, 0, 1)
			wantStates(t, h.run(), nil)
			for table, rows := range liveFacts(t, h.published()) {
				equal(t, "back: "+table, rows, first[table])
			}
			equal(t, "deleted orders back", h.read(deletedOrders), deleted)
			equal(t, "restatements back", h.read("SELECT source, order_id, changed_columns FROM restatements"), nil)
			h.now = h.now.AddDate(0, 0, 1)
			wantStates(t, h.run(), nil)
			h.wantFresh("the night after")
			// What was landed under either is replayed under the one that holds.
			if _, err := pipeline.Replay(t.Context(), h.cfg, pipeline.Options{Now: h.clock}); err != nil {
				t.Fatal(err)
			}
			h.wantFresh("replayed")
			equal(t, "deleted orders replayed", h.read(deletedOrders), deleted)
		})
	}
}

// orderOfThatNumber is the beginning of the rows of the booking 801 and of its
// only stay: they are numbered, and not named after the room.
var orderOfThatNumber = regexp.MustCompile(`^starhotel \| a \| 801 \| (801 \| )?`)

// wantForgotten: no table holds the room 801 or the guest L* of the policy
// before, neither in earlier versions nor in the words of breaks.
func wantForgotten(t *testing.T, h *hamlet) {
	t.Helper()
	for table, rows := range wholeDump(t, h.published()) {
		for _, row := range rows {
			row = orderOfThatNumber.ReplaceAllString(row, "")
			if regexp.MustCompile(`\b801\b|L\*`).MatchString(row) {
				t.Errorf("%s: %s", table, row)
			}
		}
	}
}

// wantMoved: the run tells which accounts it has brought to the configuration,
// and what moved in April was moved by that alone.
func wantMoved(t *testing.T, h *hamlet, r *pipeline.Result, moved []string) {
	t.Helper()
	var want []string
	for _, source := range moved {
		if !strings.Contains(strings.Join(r.Notices, "\n"), source+"/a: ") {
			t.Errorf("nothing is said of %s: %q", source, r.Notices)
		}
		want = append(want, source)
	}
	equal(t, "accounts with versions by the configuration",
		h.read("SELECT DISTINCT source FROM audit.order_versions WHERE cause = 'configuration' AND run_id = ?", r.RunID), want)
	equal(t, "causes of restatements", h.read("SELECT DISTINCT cause FROM restatements"), h.read("SELECT 'configuration' WHERE EXISTS (FROM restatements)"))
}

// The start of the day moves the dates of what is there, hand-counted: the
// hamlet's orders are of nine, ten and eleven in the morning, so with a day that
// begins at noon each belongs to the day before; the order of the first of May
// comes into closed April.
func TestStartOfDayMovesDates(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	h.configure()
	h.nightsBefore()
	equal(t, "before", h.read("SELECT order_id, booked_date, business_date FROM orders WHERE source = 'soms' AND order_id IN ('0601', 'MAY1')"),
		[]string{"0601 | 2026-04-06 | 2026-04-06", "MAY1 | 2026-05-01 | 2026-05-01"})
	h.configure("version: 1\n", "version: 1\nbusiness_day_start: \"12:00\"\n")
	r := h.run()
	equal(t, "after", h.read("SELECT order_id, booked_date, business_date FROM orders WHERE source = 'soms' AND order_id IN ('0601', 'MAY1')"),
		[]string{"0601 | 2026-04-05 | 2026-04-05", "MAY1 | 2026-04-30 | 2026-04-30"})
	equal(t, "restated", h.read("SELECT order_id, change, cause, business_date_before, business_date_after FROM restatements WHERE source = 'soms' AND order_id IN ('0601', 'MAY1')"),
		[]string{"0601 | changed | configuration | 2026-04-06 | 2026-04-05", "MAY1 | moved_in | configuration | 2026-05-01 | 2026-04-30"})
	// Of the shop 16 orders: three a day from the 6th to the 10th, and that of
	// May. The one that has disappeared moves too; it is no order of the month.
	want := "soms/a: business_day_start 00:00 → 12:00: 16 orders moved, of them in closed months: 2026-04: 15"
	if !strings.Contains(strings.Join(r.Notices, "\n"), want) {
		t.Errorf("notices %q, want %q", r.Notices, want)
	}
	equal(t, "noted", h.read("SELECT setting, value_before, value_after, orders_moved, closed_periods FROM audit.basis_changes WHERE source = 'soms'"),
		[]string{"business_day_start | 00:00 | 12:00 | 16 | 2026-04: 15"})
}

// Answers of the landing are gone: what needs them is refused with exit code 2
// of the command, before anything is read, and nothing has changed. The start
// of the day needs none.
func TestBasisWithoutAnswers(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	h.configure()
	h.nightsBefore()
	h.cfg.LandingKeep = 36 * time.Hour
	wantStates(t, h.run(), nil) // removes the answers of April
	before := wholeDump(t, h.published())

	h.configure("version: 1\n", "version: 1\ntimezone: Asia/Tokyo\n")
	_, err := pipeline.Run(t.Context(), h.cfg, pipeline.Options{Now: h.clock, NoReport: true})
	refused := (*pipeline.BasisError)(nil)
	if !errors.As(err, &refused) {
		t.Fatalf("a zone that cannot be brought about: %v", err)
	}
	for _, part := range []string{"tuya/a", "timezone Asia/Shanghai → Asia/Tokyo", "were removed for their age (landing.keep)"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	for table, rows := range wholeDump(t, h.published()) {
		equal(t, "after the refusal: "+table, rows, before[table])
	}

	h.configure("version: 1\n", "version: 1\nbusiness_day_start: \"12:00\"\n")
	wantStates(t, h.run(), nil)
	h.wantFresh("start of the day")
	deleted := h.read(deletedOrders)
	if _, err := pipeline.Replay(t.Context(), h.cfg, pipeline.Options{Now: h.clock}); err != nil {
		t.Fatal(err)
	}
	h.wantFresh("replayed")
	equal(t, "deleted orders replayed", h.read(deletedOrders), deleted)
}

// A damaged answer is not used for a restatement either.
func TestBasisWithDamagedAnswers(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	h.configure()
	wantStates(t, h.run(), nil)
	segments, err := filepath.Glob(filepath.Join(h.cfg.DataDir, "landing", "*", "*", "*", "*", "soms-a-orders.jsonl*"))
	if err != nil || len(segments) != 1 {
		t.Fatal(segments, err)
	}
	if err := os.Truncate(segments[0], 100); err != nil {
		t.Fatal(err)
	}
	h.configure("version: 1\n", "version: 1\ntimezone: Asia/Tokyo\n")
	_, err = pipeline.Run(t.Context(), h.cfg, pipeline.Options{Now: h.clock, NoReport: true})
	if refused := (*pipeline.BasisError)(nil); !errors.As(err, &refused) || refused.Account.String() != "soms/a" || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("a damaged landing: %v", err)
	}
}

// Rows of an account that the configuration does not name stay in the books; the
// run says so and ends with 3 until they are named.
func TestStrangers(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	h.configure()
	wantStates(t, h.run(), nil)
	h.configure("account: a,", "account: b,")
	h.now = h.now.AddDate(0, 0, 1)
	r := h.run()
	if r.ExitCode != 3 || r.Strangers != 5 {
		t.Errorf("exit code %d, %d strangers; want 3 and all five", r.ExitCode, r.Strangers)
	}
	if text := strings.Join(r.Notices, "\n"); !strings.Contains(text, "soms/a has 12 orders") || !strings.Contains(text, "aliases:") || !strings.Contains(text, "retired:") {
		t.Errorf("notices %q", r.Notices)
	}
	equal(t, "orders", h.read("SELECT source, account, count(*) FROM orders WHERE source = 'soms' GROUP BY ALL"), []string{"soms | a | 12", "soms | b | 12"})

	// Named as aliases, what stands twice is one again.
	h.configure("account: a,", "account: b, aliases: [a],")
	h.now = h.now.AddDate(0, 0, 1)
	wantStates(t, h.run(), nil)
	h.wantFresh("renamed late")
	equal(t, "versions that hold at one time", h.read(`SELECT v.source, v.order_id, v.version_no FROM audit.order_versions v JOIN audit.order_versions w
		ON w.source = v.source AND w.account = v.account AND w.order_id = v.order_id AND w.version_no > v.version_no AND coalesce(v.valid_to, 'infinity') > w.valid_from`), nil)
	equal(t, "numbers of versions", h.read("SELECT source, account, order_id, version_no FROM audit.order_versions GROUP BY ALL HAVING count(*) > 1"), nil)
	if _, err := pipeline.Replay(t.Context(), h.cfg, pipeline.Options{Now: h.clock}); err != nil {
		t.Fatal(err)
	}
	h.wantFresh("replayed")
}

func TestRetired(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	h.configure()
	wantStates(t, h.run(), nil)
	var retired []string
	for _, source := range sources {
		retired = append(retired, source+"/a")
	}
	h.configure("account: a,", "account: b,", "version: 1\n", fmt.Sprintf("version: 1\nretired: [%s]\n", strings.Join(retired, ", ")))
	wantStates(t, h.run(), nil)
	equal(t, "orders", h.read("SELECT source, account, count(*) FROM orders WHERE source = 'soms' GROUP BY ALL"), []string{"soms | a | 12", "soms | b | 12"})
}

// What is landed of an account that nobody asks any more is replayed all the
// same.
func TestReplayOfDisabledAccount(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	h.configure()
	wantStates(t, h.run(), nil)
	before := liveFacts(t, h.published())
	h.configure(`tenant_id: "8560",`, `tenant_id: "8560", enabled: false,`)
	if _, err := pipeline.Replay(t.Context(), h.cfg, pipeline.Options{Now: h.clock}); err != nil {
		t.Fatal(err)
	}
	for table, rows := range liveFacts(t, h.published()) {
		equal(t, "replayed "+table, rows, before[table])
	}
	h.now = h.now.AddDate(0, 0, 1)
	if r := h.run(); r.ExitCode != 0 || r.Strangers != 0 {
		t.Errorf("exit code %d, notices %q", r.ExitCode, r.Notices)
	}
}
