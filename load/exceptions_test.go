package load

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// desk is a source whose orders are listed by time and asked for again by id,
// and whose register adds an amount.
var desk = Source{Name: "desk", Streams: []ledger.Stream{
	{Name: "list", Carries: map[string][]string{"orders": {"kind", "gross_amount", "net_amount", "currency", "created_at", "booked_date", "business_date"}}},
	{Name: "register", Enriches: true, Carries: map[string][]string{"orders": {"tip_amount", "currency"}}},
	{Name: "shop", Carries: map[string][]string{"orders": {"kind", "currency"}, "order_items": nil}},
	{Name: "refresh", ByID: true, Carries: map[string][]string{"orders": {"kind", "gross_amount", "net_amount", "currency", "created_at", "booked_date", "business_date"}}},
}}

var (
	grossOf = transform.TargetOf(transform.TableOrders, "gross_amount")
	tipOf   = transform.TargetOf(transform.TableOrders, "tip_amount")
)

// answer is what one stream answers of one window.
type answer struct {
	stream     string
	start, end int // days; 0 stands for no bound
	filter     string
	state      ledger.WindowState
	exhaustive bool
	add        func(b *transform.Batch)
}

// deskNight loads what a night's windows brought.
func (f *fixture) deskNight(answers ...answer) {
	f.t.Helper()
	f.deskRun(time.Date(2026, 5, f.n+1, 18, 0, 0, 0, time.UTC), answers...)
}

func (f *fixture) deskRun(now time.Time, answers ...answer) Loaded {
	f.t.Helper()
	f.n++
	run := ledger.Run{ID: fmt.Sprintf("run%d", f.n), At: now}
	stage, err := f.w.Stage(run, desk, "a", filepath.Join(f.t.TempDir(), "stage"))
	if err != nil {
		f.t.Fatal(err)
	}
	defer stage.Discard()
	batches := map[string]*transform.Batch{}
	for i, a := range answers {
		b := batches[a.stream]
		if b == nil {
			b = transform.NewBatch(transform.Origin{Source: "desk", Account: "a", Stream: a.stream, Calendar: transform.Calendar{Zone: time.UTC}, Currency: "CNY"})
			batches[a.stream] = b
		}
		w := ledger.Window{Stream: a.stream, Filter: a.filter, Exhaustive: a.exhaustive, Advances: true}
		if a.start > 0 {
			w.Start = day(a.start)
		}
		if a.end > 0 {
			w.End = day(a.end)
		}
		no := stage.Begin(w)
		b.Begin(transform.PageOrigin{Ref: fmt.Sprintf("%s/%s%d:1", run.ID, a.stream, i), SHA256: "00", Window: no, Body: []byte(`{"list":[{"id":null}]}`)})
		if a.add != nil {
			a.add(b)
		}
		if err := b.Take(func(table string, rec arrow.RecordBatch) error { return stage.Write(a.stream, table, rec) }); err != nil {
			f.t.Fatal(err)
		}
		state := a.state
		if state == "" {
			state = ledger.Complete
		}
		stage.End(no, -1, 1, state, "", b.TakeSums())
	}
	loaded, err := stage.Commit(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return loaded
}

// good is an order that can be read; bad is one whose gross amount cannot.
func good(id string) func(b *transform.Batch) {
	return func(b *transform.Batch) {
		b.Record(id, "/list", 0).Order(&transform.Order{Kind: "retail", Gross: yuan(5), Currency: "CNY", CreatedAt: at(2)})
	}
}

func bad(id, raw string) func(b *transform.Batch) {
	return func(b *transform.Batch) {
		r := b.Record(id, "/list", 0)
		r.Into(grossOf)
		r.Finding("gross", "not a plain decimal number", raw)
		r.Order(&transform.Order{Kind: "retail", Currency: "CNY", CreatedAt: at(2)})
	}
}

// nameless is a record without an id; undated an order without a time.
func nameless(b *transform.Batch) { b.Record("", "/list", 0) }

func undated(id string) func(b *transform.Batch) {
	return func(b *transform.Batch) {
		b.Record(id, "/list", 0).Order(&transform.Order{Kind: "retail", Gross: yuan(5), Currency: "CNY"})
	}
}

func badTip(id string) func(b *transform.Batch) {
	return func(b *transform.Batch) {
		r := b.Record(id, "/list", 0)
		r.Into(tipOf)
		r.Finding("tip", "not a whole number", "1.5")
		r.Order(&transform.Order{Currency: "CNY"})
	}
}

// What could not be taken stands until the record is read again, and comes from
// one reading only.
func TestExceptions(t *testing.T) {
	const standing = "kind, stream, order_id, table_name, column_name, is_amount, field, raw, run_id) FROM audit.exceptions ORDER BY ALL"
	list := func(add ...func(b *transform.Batch)) answer {
		return answer{stream: "list", start: 1, end: 9, add: all(add...)}
	}
	for _, c := range []struct {
		name   string
		nights [][]answer
		want   []string
	}{
		{
			"an amount",
			[][]answer{{list(bad("A", "1,389"), good("B"))}},
			[]string{"finding list A orders gross_amount true gross 1,389 run1"},
		},
		{
			"read again in the same words: not written again",
			[][]answer{{list(bad("A", "x"))}, {list(bad("A", "x"))}},
			[]string{"finding list A orders gross_amount true gross x run1"},
		},
		{
			"read again in other words",
			[][]answer{{list(bad("A", "x"))}, {list(bad("A", "y"))}},
			[]string{"finding list A orders gross_amount true gross y run2"},
		},
		{"read well", [][]answer{{list(bad("A", "x"))}, {list(good("A"))}}, nil},
		{
			"another record was read",
			[][]answer{{list(bad("A", "x"))}, {list(good("B"))}},
			[]string{"finding list A orders gross_amount true gross x run1"},
		},
		{
			"the last of several readings counts",
			[][]answer{{list(bad("A", "x")), list(good("A"))}, {list(good("B")), list(bad("B", "y"))}},
			[]string{"finding list B orders gross_amount true gross y run2"},
		},
		{"another stream answers the same column, in the same night", [][]answer{{list(bad("A", "x")), {stream: "refresh", add: good("A")}}}, nil},
		{"and on a later one", [][]answer{{list(bad("A", "x"))}, {{stream: "refresh", add: good("A")}}}, nil},
		{
			"and worse",
			[][]answer{{list(good("A"))}, {{stream: "refresh", add: bad("A", "y")}}},
			[]string{"finding refresh A orders gross_amount true gross y run2"},
		},
		{"a stream that does not carry the column", [][]answer{
			{list(bad("A", "x")), {stream: "register", add: badTip("A")}}, {{stream: "register", add: func(b *transform.Batch) { b.Record("A", "/list", 0) }}},
		}, []string{"finding list A orders gross_amount true gross x run1"}},
		{"a refused record, read again", [][]answer{{list(nameless)}, {list(nameless)}}, []string{"reject list false order_id run1"}},
		{"its window is read again without it", [][]answer{{list(nameless)}, {list(good("A"))}}, nil},
		{"a window around it", [][]answer{{list(nameless)}, {{stream: "list", add: good("A")}}}, nil},
		{"in two parts", [][]answer{{list(nameless)}, {{stream: "list", start: 1, end: 4}, {stream: "list", start: 4, end: 9, add: good("A")}}}, nil},
		{
			"with a gap between",
			[][]answer{{list(nameless)}, {{stream: "list", start: 1, end: 4}, {stream: "list", start: 5, end: 9, add: good("A")}}},
			[]string{"reject list false order_id run1"},
		},
		{"a part of it", [][]answer{{list(nameless)}, {{stream: "list", start: 2, end: 9, add: good("A")}}}, []string{"reject list false order_id run1"}},
		{"another filter", [][]answer{{list(nameless)}, {{stream: "list", start: 1, end: 9, filter: "x", add: good("A")}}}, []string{"reject list false order_id run1"}},
		{"another stream", [][]answer{{list(nameless)}, {{stream: "refresh", start: 1, end: 9, add: good("A")}}}, []string{"reject list false order_id run1"}},
		{
			"not read to its end",
			[][]answer{{list(nameless)}, {{stream: "list", start: 1, end: 9, state: ledger.Unreconciled, add: good("A")}}},
			[]string{"reject list false order_id run1"},
		},
		{"without an end, and then with one", [][]answer{{{stream: "list", start: 1, add: nameless}}, {list(good("A"))}}, []string{"reject list false order_id run1"}},
		{
			"an order without a time of creation",
			[][]answer{{list(undated("A"), good("B"))}},
			[]string{"finding list A orders created_at false created_at run1"},
		},
		{"is dated", [][]answer{{list(undated("A"))}, {list(good("A"))}}, nil},
		{
			"and is not missed in a window of creation times",
			[][]answer{{list(undated("A"), good("B"))}, {{stream: "list", start: 1, end: 9, exhaustive: true, add: good("B")}}},
			[]string{"finding list A orders created_at false created_at run1"},
		},
		{"an order that is gone keeps nothing", [][]answer{{list(bad("A", "x"), good("B"))}, {{stream: "list", start: 1, end: 9, exhaustive: true, add: good("B")}}}, nil},
		{"one of which the register still tells is not gone", [][]answer{
			{list(bad("A", "x"), good("B"))},
			{{stream: "list", start: 1, end: 9, exhaustive: true, add: good("B")}, {stream: "register", add: badTip("A")}},
		}, []string{"finding list A orders gross_amount true gross x run1", "finding register A orders tip_amount true tip 1.5 run2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := openFixture(t)
			for _, answers := range c.nights {
				f.deskNight(answers...)
			}
			f.want(standing, c.want...)
		})
	}
}

// An order of which something else stands than before waits for the checks,
// though no row of it changed; one of which the same stands does not.
func TestExceptionsWaitForTheChecks(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	night := func(add func(b *transform.Batch), want ...string) {
		t.Helper()
		if _, err := f.w.db.Exec("DELETE FROM recon.changed"); err != nil {
			t.Fatal(err)
		}
		f.deskNight(answer{stream: "list", start: 1, end: 9, add: add})
		f.want("order_id) FROM recon.changed ORDER BY ALL", want...)
	}
	night(bad("A", "x"), "A", "A") // as a row, and as one that lacks an amount
	night(bad("A", "x"))
	night(bad("A", "y"), "A")
	night(all(bad("A", "y"), nameless), "run4/list0:1#/list/0")
}

// An order that is asked for by itself and not shown is as it was: with its items,
// where the answer of a list lacks them, and with what its earlier answers could not
// give. That it was not shown stands until it is.
func TestNotShown(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	hidden := func(id string) func(b *transform.Batch) {
		return func(b *transform.Batch) { b.NotShown(id, "refused", "code 7") }
	}
	item := func(id string, items int) func(b *transform.Batch) {
		return func(b *transform.Batch) {
			r := b.Record(id, "/list", 0)
			r.Order(&transform.Order{Kind: "retail", Currency: "CNY"})
			for i := range items {
				r.Item(&transform.OrderItem{LineNo: i + 1, SkuID: "tea"})
			}
		}
	}
	for _, n := range []struct {
		what    string
		answers []answer
		stands  []string // order, column, ask_again
		items   string   // how many X has
	}{
		{"it is new", []answer{{stream: "list", add: good("A")}, {stream: "refresh", add: hidden("A")}}, []string{"A - true"}, "0"},
		{"and is shown", []answer{{stream: "refresh", add: bad("A", "x")}}, []string{"A gross_amount false"}, "0"},
		{"what was shown then still stands", []answer{{stream: "refresh", add: hidden("A")}}, []string{"A - true", "A gross_amount false"}, "0"},
		{"told the same again", []answer{{stream: "refresh", add: hidden("A")}}, []string{"A - true", "A gross_amount false"}, "0"},
		{"nobody asks", []answer{{stream: "list", add: good("B")}}, []string{"A - true", "A gross_amount false"}, "0"},
		{"a list that carries as much shows it", []answer{{stream: "list", add: good("A")}}, nil, "0"},
		{"with items", []answer{{stream: "shop", add: item("X", 2)}}, nil, "2"},
		{"listed without, and not shown", []answer{{stream: "shop", add: all(item("X", 0), hidden("X"))}}, []string{"X - true"}, "2"},
		{"listed without, and it has none", []answer{{stream: "shop", add: item("X", 0)}}, nil, "0"},
	} {
		f.deskNight(n.answers...)
		t.Log(n.what)
		f.want("order_id, coalesce(column_name, '-'), ask_again) FROM audit.exceptions ORDER BY ALL", n.stands...)
		f.want("count(*)) FROM main.order_items WHERE order_id = 'X'", n.items)
	}
}
