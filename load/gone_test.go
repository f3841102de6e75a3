package load

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// TestManyAreGone: a list that lacks too many orders at once deletes nothing until
// a complete night half a day later or more lacks them as well. Single orders are
// deleted at once.
func TestManyAreGone(t *testing.T) {
	t.Parallel()
	const orders = 40
	id := func(i int) string { return fmt.Sprintf("o%02d", i) }
	f := openFixture(t)
	for _, n := range []struct {
		what     string
		hour     int
		missing  int // the first so many orders
		state    ledger.WindowState
		deleted  int    // the first so many, after it
		unlisted string // where something is missing for the first time and not taken as deleted
	}{
		{"all", 0, 0, "", 0, ""},
		{"five, whatever part that is", 24, 5, "", 5, ""},
		{"six more", 48, 11, "", 5, "29 of 35"},
		{"the same night once more", 49, 11, "", 5, "29 of 35"},
		{"an incomplete night tells nothing", 72, 25, ledger.Unreconciled, 5, ""},
		{"the six again, and six others", 96, 17, "", 11, "23 of 35"},
		{"the six others are back", 120, 11, "", 11, ""},
		{"and missing for the first time once more", 144, 17, "", 11, "23 of 29"},
		{"half a day later, and a single one", 156, 18, "", 18, ""},
	} {
		loaded := f.deskRun(time.Date(2026, 5, 1, 18+n.hour, 0, 0, 0, time.UTC), answer{
			stream: "list", start: 1, end: 9, exhaustive: true, state: n.state,
			add: func(b *transform.Batch) {
				for i := n.missing; i < orders; i++ {
					good(id(i))(b)
				}
			},
		})
		says := strings.Join(loaded.Messages, "; ")
		held := strings.Contains(says, "the vendor lists "+n.unlisted+" orders that are known; nothing that is missing for the first time was taken as deleted")
		if held != (n.unlisted != "") || (loaded.State == ledger.Complete) != (n.unlisted == "" && n.state == "") {
			t.Errorf("%s: ended %s: %q, want %q", n.what, loaded.State, says, n.unlisted)
		}
		var deleted []string
		for i := range n.deleted {
			deleted = append(deleted, id(i))
		}
		f.want("order_id) FROM main.orders WHERE deleted_at IS NOT NULL ORDER BY order_id", deleted...)
	}
	f.want("order_id) FROM audit.absences")
}

// What a vendor may lose in a night: five orders, or five of a hundred.
func TestTooManyAreGone(t *testing.T) {
	for _, c := range []struct {
		gone, known int64
		too         bool
	}{
		{0, 0, false}, {5, 5, false}, {5, 40, false}, {6, 6, true}, {6, 40, true}, {6, 119, true}, {6, 120, false}, {35, 1000, false}, {51, 1000, true},
	} {
		if got := tooMany(c.gone, c.known); got != c.too {
			t.Errorf("%d of %d: %v, want %v", c.gone, c.known, got, c.too)
		}
	}
}
