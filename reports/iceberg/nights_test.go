package iceberg

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/reports/reportstest"
)

// A night commits what has changed and nothing else, and each night can be read again as
// it was published.
func TestNights(t *testing.T) {
	t.Parallel()
	h := newHotel(t, Options{})
	r := h.night()
	want := []string{"main.order_items +1 -0", "main.orders +1 -0", "audit.meta +1 -0", "recon.breaks +1 -0", "audit.runs +1 -0"}
	if got := written(r); !slices.Equal(got, want) {
		t.Errorf("the first night wrote %v, want %v", got, want)
	}
	if o := of(t, r, "main.orders"); o.Rows != 5 || o.Files != 1 || o.Bytes != o.WrittenBytes || o.Bytes == 0 {
		t.Errorf("the first night left %+v", o)
	}

	again, err := h.commit(h.copies["run-1"])
	if err != nil || again.Changed() {
		t.Errorf("the same database again: %v, %v", written(again), err)
	}
	if o := of(t, again, "main.orders"); o.Rows != 5 || o.Files != 1 || o.Written != 0 || o.WrittenBytes != 0 {
		t.Errorf("the same database again left %+v", o)
	}
	// No vendor had news: the run itself, and that it was published, is all that is new.
	if got, want := written(h.night()), []string{"audit.meta +1 -1", "audit.runs +1 -1"}; !slices.Equal(got, want) {
		t.Errorf("a night without news wrote %v, want %v", got, want)
	}
	h.exec("UPDATE main.orders SET net_amount = 21 WHERE order_id = 'A1'")
	if got, want := written(h.night()), []string{"main.orders +1 -1", "audit.meta +1 -1", "audit.runs +1 -1"}; !slices.Equal(got, want) {
		t.Errorf("a night with a changed order wrote %v, want %v", got, want)
	}
	h.exec("DELETE FROM recon.breaks")
	if got, want := written(h.night()), []string{"audit.meta +1 -1", "recon.breaks +0 -1", "audit.runs +1 -1"}; !slices.Equal(got, want) {
		t.Errorf("a night whose break is gone wrote %v, want %v", got, want)
	}

	nights := h.allNights()
	if len(nights) != 4 {
		t.Fatalf("the lake has %d nights, want 4", len(nights))
	}
	for i, n := range nights {
		// 5 orders, 4 lines, a break until the last night, the database, and the runs so far.
		rows := []int{12, 13, 14, 14}[i]
		if got := h.sameAs(n, h.copies[n.Run]); got != rows {
			t.Errorf("%s compared %d rows, want %d", n.Run, got, rows)
		}
	}
}

// What a snapshot says of its night.
func TestSummary(t *testing.T) {
	t.Parallel()
	h := newHotel(t, Options{})
	h.night()
	h.exec("UPDATE main.orders SET net_amount = 21 WHERE order_id = 'A1'")
	h.night()
	states, err := h.lake.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(states, func(s State) bool { return s.Name == "main.orders" })
	for property, want := range map[string]string{
		"nightaudit.run_id":                "run-2",
		"nightaudit.database_id":           "db-1",
		"nightaudit.published_at":          "2026-04-04T18:00:00Z",
		"nightaudit.rows":                  "5",
		"nightaudit.total.net_amount.CNY":  "100000000000030.9999", // 21 + 99999999999999.9999 + 7 + 3
		"nightaudit.total.net_amount.HKD":  "-5.0000",
		"nightaudit.total.paid_amount.CNY": "27.1234",
	} {
		if got := states[i].Properties[property]; got != want {
			t.Errorf("%s is %q, want %q", property, got, want)
		}
	}
	if _, ok := states[i].Properties["nightaudit.total.quantity.CNY"]; ok {
		t.Error("a quantity is no money")
	}
}

// A table that outgrows one file gets partitions, and from then on a night rewrites those
// alone whose rows have changed.
func TestPartitions(t *testing.T) {
	t.Parallel()
	h := newHotel(t, Options{gathered: 30_000})
	h.night()
	h.exec(`INSERT INTO main.orders (source, account, order_id, currency, net_amount, business_date)
		SELECT 'soms', 'retail', 'B' || i, 'CNY', i / 7, DATE '2026-05-01' + (i % 31)::INTEGER FROM range(20000) t(i)`)
	r := h.night()
	// soms: March, April, May and no month; tuya: March.
	if got, want := written(r), []string{"main.orders +5 -1", "audit.meta +1 -1", "audit.runs +1 -1"}; !slices.Equal(got, want) {
		t.Fatalf("the night of growth wrote %v, want %v", got, want)
	}
	h.sameAs(h.allNights()[1], h.copies["run-2"])

	for _, step := range []struct {
		what, change string
		want         []string
	}{
		{"no change", "SELECT 1", []string{"audit.meta +1 -1", "audit.runs +1 -1"}},
		{"an order of May changed", "UPDATE main.orders SET net_amount = -1 WHERE order_id = 'B7'", []string{"main.orders +1 -1", "audit.meta +1 -1", "audit.runs +1 -1"}},
		{"an order without a date changed", "UPDATE main.orders SET net_amount = 8 WHERE order_id = 'A4'", []string{"main.orders +1 -1", "audit.meta +1 -1", "audit.runs +1 -1"}},
		// The lines are one file still.
		{"an order moved from March to April", "UPDATE main.orders SET business_date = '2026-04-02' WHERE order_id = 'A1'", []string{"main.order_items +1 -1", "main.orders +2 -2", "audit.meta +1 -1", "audit.runs +1 -1"}},
		{"an account gone", "DELETE FROM main.orders WHERE source = 'tuya'; DELETE FROM main.order_items WHERE source = 'tuya'", []string{"main.order_items +1 -1", "main.orders +0 -1", "audit.meta +1 -1", "audit.runs +1 -1"}},
	} {
		h.exec(step.change)
		if got := written(h.night()); !slices.Equal(got, step.want) {
			t.Errorf("%s: wrote %v, want %v", step.what, got, step.want)
		}
	}
	for _, n := range h.allNights() {
		h.sameAs(n, h.copies[n.Run])
	}
	// The month of a line is that of its order, and stands in the file.
	last := h.allNights()[6]
	db := reportstest.InMemory(t)
	got := one(t, db, "SELECT string_agg(order_id || ' ' || line_no || ' ' || business_month, ', ' ORDER BY order_id, line_no) FROM read_parquet(["+strings.Join(h.filesOf(last, "main.order_items"), ", ")+"])")
	if want := "A1 1 2026-04, A1 2 2026-04, A3 1 2026-04"; got != want {
		t.Errorf("the lines are of %s, want %s", got, want)
	}
}

// A column that the program has added since is added to the lake's table, and nights
// before it are read as they were.
func TestNewColumn(t *testing.T) {
	t.Parallel()
	h := newHotel(t, Options{})
	h.night()
	h.exec("ALTER TABLE main.order_items ADD COLUMN colour VARCHAR")
	if got, want := written(h.night()), []string{"main.order_items +1 -1", "audit.meta +1 -1", "audit.runs +1 -1"}; !slices.Equal(got, want) {
		t.Errorf("wrote %v, want %v", got, want)
	}
	for _, n := range h.allNights() {
		h.sameAs(n, h.copies[n.Run])
	}
	h.exec("ALTER TABLE main.order_items ALTER COLUMN colour TYPE BIGINT USING 1")
	_, file := h.publish()
	if _, err := h.commit(file); err == nil || !strings.Contains(err.Error(), "column colour is string in the lake and long in the database") {
		t.Errorf("a column of another type: %v", err)
	}
}

// cutShort commits a published database, and is killed before the last table.
func (h *hotel) cutShort(file string) {
	h.lake.o.beforeCommit = func(table string) {
		if table == runsTable {
			panic("killed")
		}
	}
	defer func() {
		recover()
		h.lake.o.beforeCommit = func(string) {}
	}()
	h.commit(file)
}

// A night that was cut short is completed by the next attempt, and until then readers of
// nights see the one before.
func TestCutShort(t *testing.T) {
	t.Parallel()
	h := newHotel(t, Options{})
	h.night()
	h.exec("UPDATE main.orders SET net_amount = 21 WHERE order_id = 'A1'")
	_, file := h.publish()
	h.cutShort(file)
	nights := h.allNights()
	if len(nights) != 1 {
		t.Fatalf("a night that was cut short is among %v", nights)
	}
	h.sameAs(nights[0], h.copies["run-1"])

	r, err := h.commit(file)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := written(r), []string{"audit.runs +1 -1"}; !slices.Equal(got, want) {
		t.Errorf("completing it wrote %v, want %v", got, want)
	}
	h.sameAs(h.allNights()[1], file)
}

// The same night is published anew, as it is after annotate, and cut short: no row of
// audit.runs has changed, and the night is completed all the same.
func TestCutShortWithoutRun(t *testing.T) {
	t.Parallel()
	h := newHotel(t, Options{})
	h.night()
	h.exec("DELETE FROM audit.runs WHERE run_id = 'run-1'") // so that the runs are the same in both
	h.exec("UPDATE recon.breaks SET status = 'explained'")
	h.nights = 0
	_, file := h.publish()
	h.cutShort(file)
	r, err := h.commit(file)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := written(r), []string{"audit.runs +1 -1"}; !slices.Equal(got, want) {
		t.Errorf("completing it wrote %v, want %v", got, want)
	}
	h.sameAs(h.allNights()[1], file)
	if r, err = h.commit(file); err != nil || r.Changed() {
		t.Errorf("once more: %v, %v", written(r), err)
	}
}

// An older night never replaces a later one.
func TestSuperseded(t *testing.T) {
	t.Parallel()
	h := newHotel(t, Options{})
	_, first := h.publish()
	h.night()
	if _, err := h.commit(first); !errors.Is(err, ErrSuperseded) {
		t.Errorf("the older night: %v", err)
	}
}

// Several databases share a lake: none takes away what another wrote.
func TestSharedLake(t *testing.T) {
	t.Parallel()
	a := newHotel(t, Options{gathered: 30_000})
	b := newHotel(t, Options{gathered: 30_000, Warehouse: a.options.Warehouse})
	b.exec("UPDATE audit.meta SET database_id = 'db-2'; UPDATE main.orders SET account = 'other'; UPDATE main.order_items SET account = 'other'")
	a.night()
	b.night()
	a.exec("INSERT INTO main.orders (source, account, order_id, currency, net_amount, business_date) SELECT 'soms', 'retail', 'B' || i, 'CNY', i / 7, DATE '2026-05-01' FROM range(20000) t(i)")
	a.night() // gives the table partitions
	if got := written(b.night()); !slices.Contains(got, "main.orders +4 -1") {
		t.Errorf("the other database followed with %v", got)
	}
	nights := a.allNights()
	for i, h := range []*hotel{a, b, a, b} {
		h.sameAs(nights[i], h.copies[nights[i].Run])
	}
	db := reportstest.InMemory(t)
	var all []string
	for _, f := range a.files("main.orders", nights[3].Snapshots["main.orders"]) {
		all = append(all, "'"+f+"'")
	}
	if got := one(t, db, "SELECT count(*) FROM read_parquet(["+strings.Join(all, ", ")+"])"); got != "20010" {
		t.Errorf("the lake holds %s orders, want 20010", got)
	}
}

// Old snapshots go with their files; what belongs to nothing is swept once it is old; what
// a night needs stays.
func TestTidy(t *testing.T) {
	t.Parallel()
	h := newHotel(t, Options{Keep: 2, ExpireAfter: time.Nanosecond, SweepAfter: time.Hour})
	expired := 0
	for i := range 4 {
		h.exec("UPDATE main.orders SET net_amount = $1 WHERE order_id = 'A1'", i)
		expired += h.night().Expired
	}
	// Of orders, runs and the database four each, of which two stay.
	if expired != 6 {
		t.Errorf("%d snapshots expired, want 6", expired)
	}
	nights := h.allNights()
	if len(nights) != 2 || nights[0].Run != "run-3" {
		t.Fatalf("the lake has %v", nights)
	}
	for _, n := range nights {
		h.sameAs(n, h.copies[n.Run])
	}
	data, err := filepath.Glob(h.options.Warehouse + "/main*/orders/data/*.parquet")
	if err != nil || len(data) != 2 {
		t.Errorf("the orders have the files %v, want those of two nights", data)
	}

	stray := filepath.Join(filepath.Dir(data[0]), "stray.parquet")
	reportstest.Write(t, stray, "of a writer that was killed")
	if r := h.night(); r.Swept != 0 {
		t.Errorf("%d files were swept that are young", r.Swept)
	}
	h.lake.o.SweepAfter = time.Nanosecond
	if r := h.night(); r.Swept == 0 {
		t.Error("nothing was swept")
	}
	h.lake.o.SweepAfter = time.Hour
	for _, n := range h.allNights() {
		h.sameAs(n, h.copies[n.Run])
	}
	if found, _ := filepath.Glob(stray); found != nil {
		t.Error("the stray file is still there")
	}
}
