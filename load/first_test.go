package load

import (
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/transform"
)

// A night that finds nothing of the account leaves out what a night must do that
// finds earlier states of its orders. Both come to the same rows, versions aside.
func TestFirstNightIsAsALaterOne(t *testing.T) {
	t.Parallel()
	remind := func(id, order string) func(b *transform.Batch) {
		return func(b *transform.Batch) {
			b.Record(order, "/calls", 0).Reminder(&transform.Reminder{RemindID: id, ReplyState: "replied"})
		}
	}
	twice := func(b *transform.Batch) { // one line twice in one record: the later one counts
		r := b.Record("T", "/list", 0)
		r.Order(&transform.Order{Status: "completed", Gross: yuan(3), Currency: "CNY", CreatedAt: at(1), UpdatedAt: at(3)})
		r.Item(&transform.OrderItem{LineNo: 1, Total: yuan(1), Currency: "CNY"})
		r.Item(&transform.OrderItem{LineNo: 1, Total: yuan(2), Currency: "CNY"})
	}
	refused := func(b *transform.Batch) {
		r := b.Record("R", "/list", 0)
		r.Order(&transform.Order{Gross: yuan(6), Currency: "CNY"})
		r.Item(&transform.OrderItem{LineNo: 1, Total: yuan(6), Currency: "CNY"})
		r.Reject("gross_amount", "not a plain decimal number", "6,0")
	}
	finished := func(b *transform.Batch) {
		b.Record("A", "/detail", 0).Order(&transform.Order{Status: "completed", FinishedAt: at(3)})
	}
	list := all(listOrder("A", "pending", 10, 3, 4, 6), listOrder("B", "pending", 5, 3, 5))
	type streams = map[string]func(b *transform.Batch)
	for name, tonight := range map[string]streams{
		"one stream":               {"list": list},
		"orders alone":             {"list": listOrder("A", "pending", 10, 3)},
		"of two records the later": {"list": all(listOrder("A", "pending", 9, 2, 1, 8), listOrder("A", "completed", 10, 3, 10))},
		"a line twice":             {"list": all(list, twice)},
		"a refused record":         {"list": all(list, refused)},
		"a list and details":       {"list": list, "detail": finished},
		"keys of their own":        {"list": list, "calls": all(remind("1", "A"), remind("2", "B"))},
		"of an order not listed":   {"list": list, "calls": remind("1", "X")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, later := openFixture(t), openFixture(t)
			later.night(streams{
				"list":  all(listOrder("A", "open", 1, 1, 1, 2, 3), listOrder("B", "open", 1, 1), listOrder("T", "open", 1, 1, 9), listOrder("R", "open", 1, 1)),
				"calls": all(remind("1", "A"), remind("2", "A")),
			}, 4)
			first.night(tonight, -1)
			later.night(tonight, -1)
			for _, table := range []string{
				"SELECT order_id, status, gross_amount, finished_at, tip_amount, currency, updated_at FROM main.orders ORDER BY ALL",
				"SELECT order_id, line_no, total_amount, currency FROM main.order_items ORDER BY ALL",
				"SELECT order_id, delivery_id, status FROM main.deliveries ORDER BY ALL",
				"SELECT remind_id, order_id, reply_state FROM main.reminders ORDER BY ALL",
			} {
				got, want := rowsOf(t, first.w, table), rowsOf(t, later.w, table)
				told := func(row string) bool { // tonight, of the same order or reminder
					key, _, _ := strings.Cut(row, " | ")
					return slices.ContainsFunc(got, func(row string) bool { return strings.HasPrefix(row, key+" | ") })
				}
				want = slices.DeleteFunc(want, func(row string) bool { return !told(row) })
				if !slices.Equal(got, want) {
					t.Errorf("%s\n of a first night %q\n of a later one  %q", table, got, want)
				}
			}
		})
	}
}
