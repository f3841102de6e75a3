package demo

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"
)

var shanghai = time.FixedZone("UTC+8", 8*60*60)

// anchor is the date on which the tests' worlds end.
var anchor = time.Date(2026, 4, 21, 0, 0, 0, 0, shanghai)

func TestCleanWorldAddsUp(t *testing.T) {
	for _, seed := range []uint64{Seed, 1, 2, 3, 4, 5} {
		for _, o := range []Options{{Clean: true, Seed: seed}, {Small: true, Seed: seed}} {
			for _, found := range audit(t, booksOf(t, New(anchor, o))) {
				t.Errorf("%+v: %s", o, found)
			}
		}
	}
}

// finding is the break that the planted mismatch must give.
func (p Planted) finding() finding {
	f := finding{rule: p.Rule, source: p.Source, order: p.OrderID, line: p.Line, right: p.Right, reason: p.Reason}
	if p.Actual != "" {
		f.actual = p.Actual + "00"
	}
	if p.Expected != "" {
		f.expected = p.Expected + "00"
	}
	return f
}

// Every planted mismatch is found by its rule, with the figures and the reason
// written down, and nothing else is found by any rule.
func TestPlantsAreExactlyAsListed(t *testing.T) {
	w := New(anchor, Options{})
	var want []finding
	for _, p := range w.Planted {
		want = append(want, p.finding())
	}
	compareFindings(t, audit(t, booksOf(t, w)), want)
}

// compareFindings tells which are missing and which are too many.
func compareFindings(t *testing.T, got, want []finding) {
	t.Helper()
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("found, and not expected: %s", g)
		}
	}
	for _, p := range want {
		if !slices.Contains(got, p) {
			t.Errorf("expected, and not found: %s", p)
		}
	}
	if len(got) != len(want) && !t.Failed() {
		t.Errorf("%d are found, %d expected: some twice", len(got), len(want))
	}
}

func TestPlantedList(t *testing.T) {
	reasons := []string{"missing_left", "missing_right", "amount", "status", "unit_factor_100", "one_component", "rounding", "cutoff", "duplicate", "late_change", "unreadable"}
	orders := map[string]bool{}
	rules := map[string]int{}
	for _, p := range plantedMismatches() {
		if orders[p.OrderID] {
			t.Errorf("%s is planted twice", p.OrderID)
		}
		orders[p.OrderID] = true
		rules[p.Rule]++
		if !slices.Contains(reasons, p.Reason) || p.Sentence == "" || p.Account == "" || p.EN == "" || p.ZH == "" {
			t.Errorf("%s %s: no reason of the closed list, no sentence, no explanation or no account", p.Rule, p.OrderID)
		}
	}
	for _, rule := range []string{
		"item_total", "order_goods", "cashier", "courier_fee", "settlement", "payment_total", "courier_vs_shop", "courier_missing",
		"courier_status", "room_charges", "stay_match", "duplicate", "plausibility", "item_pay", "order_due", "stay_total",
	} {
		if rules[rule] == 0 {
			t.Errorf("nothing is planted for %s", rule)
		}
	}
}

// bytesOf is everything that the vendors and the register of w hold.
func bytesOf(t *testing.T, w *World) []byte {
	t.Helper()
	var refunded []string // known to the vendor, not part of its answers
	for _, o := range w.somsOrders() {
		if o.RefundState != "" {
			refunded = append(refunded, o.ID)
		}
	}
	var stays [][]any
	for _, o := range w.starhotelOrders() {
		stays = append(stays, []any{o.OrderID, o.Accoms})
	}
	var register []string
	for _, c := range w.courierOrders {
		register = append(register, string(c.registerLine()))
	}
	b, err := json.Marshal([]any{
		w.tuyaOrders(), w.akubelaOrders(), w.starhotelOrders(), stays, w.somsOrders(), refunded, w.somsReminds(), w.guoxiaodiOrders(), register,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSameSeedSameBytes(t *testing.T) {
	once, again := bytesOf(t, New(anchor, Options{})), bytesOf(t, New(anchor, Options{}))
	if !bytes.Equal(once, again) {
		t.Error("two worlds of one seed and anchor differ")
	}
	if bytes.Equal(bytesOf(t, New(anchor, Options{Clean: true, Seed: 7})), bytesOf(t, New(anchor, Options{Clean: true}))) {
		t.Error("another seed makes the same world")
	}
}

// dates are the ways in which the vendors write a time: days, and seconds or
// milliseconds since 1970.
var dates = regexp.MustCompile(`\b(20\d\d-\d\d-\d\d([ T]\d\d:\d\d:\d\d(\.\d+Z)?)?|1[78]\d{8}(\d{3})?)\b`)

func TestAnchorMovesDatesOnly(t *testing.T) {
	a, b := New(anchor, Options{}), New(anchor.AddDate(0, 2, 11), Options{})
	textA := dates.ReplaceAllString(string(bytesOf(t, a)), "…")
	textB := dates.ReplaceAllString(string(bytesOf(t, b)), "…")
	if textA != textB {
		t.Error("more than the dates differ")
	}
	ea, eb := a.Expect(), b.Expect()
	if len(ea.Days[srcSoms]) != len(eb.Days[srcSoms]) {
		t.Error("the days differ in number")
	}
	ea.Days, eb.Days = nil, nil
	if !reflect.DeepEqual(ea, eb) {
		t.Error("what is expected depends on the anchor")
	}
}

// The world has the size and the variety that the demo promises.
func TestWorldIsLifelike(t *testing.T) {
	w := New(anchor, Options{})
	e := w.Expect()
	total := 0
	for source, want := range map[string][2]int{
		srcSoms: {2600, 2600}, srcTuya: {900, 900}, srcStarhotel: {500, 500}, srcAkubela: {450, 550}, srcGuoxiaodi: {490, 510},
	} {
		if n := e.Orders[source]; n < want[0] || n > want[1] {
			t.Errorf("%s has %d orders, want %d to %d", source, n, want[0], want[1])
		}
		total += e.Orders[source]
	}
	if total < 4900 || total > 5100 {
		t.Errorf("%d orders over all sources, want about 5,000", total)
	}
	for source, statuses := range map[string][]string{
		srcTuya:      {"pending", "in_progress", "completed", "canceled"},
		srcAkubela:   {"confirmed", "in_progress", "completed"},
		srcStarhotel: {"pending", "confirmed", "in_progress", "completed", "canceled", "closed"},
		srcSoms:      {"confirmed", "in_progress", "completed", "canceled"},
		srcGuoxiaodi: {"in_progress", "completed", "canceled", "refunded"},
	} {
		for _, s := range statuses {
			if e.ByStatus[source][s] == 0 {
				t.Errorf("no order of %s is %s", source, s)
			}
		}
	}
	var refunded, weighed, fourDecimals, split, reissued, twoWays int
	for _, o := range w.shopOrders {
		refunded += btoi(o.refunded)
		split += btoi(o.main != "")
		reissued += btoi(o.reissue != "")
		twoWays += btoi(len(o.payments) == 2)
		for _, l := range o.lines {
			weighed += btoi(l.quantity%1000 != 0)
			fourDecimals += btoi(l.settlePrice%100 != 0)
		}
	}
	for name, n := range map[string]int{
		"refunded order": refunded, "weighed line": weighed, "settlement price of four decimals": fourDecimals,
		"split order": split, "reissued order": reissued, "order paid in two ways": twoWays, "reminder": len(w.reminders),
		"invoice": e.Tables["invoices"][srcSoms].Rows, "tip": e.Tables["delivery_tips"][srcGuoxiaodi].Rows,
	} {
		if n == 0 {
			t.Errorf("there is no %s", name)
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New(anchor, Options{})
	}
}
