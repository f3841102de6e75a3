package load

import (
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/transform"
)

// roomsOf is an answer of the rooms of A, which is created on 1 April, each of
// which costs 100.00.
func roomsOf(listsAll bool, rooms ...string) func(b *transform.Batch) {
	return func(b *transform.Batch) {
		r := b.Record("A", "/list", 0)
		if listsAll {
			r.ListsAll()
		}
		for _, room := range rooms {
			r.Stay(&transform.Stay{StayID: room, Total: yuan(100), Currency: "CNY"})
		}
	}
}

// A booking that goes from two rooms to one keeps one: an answer that lists all
// rooms of an order replaces them, one that may list a part takes none away.
func TestRoomsThatVanish(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		start time.Time // of the second night's windows
		fill  func(b *transform.Batch)
		want  []string
	}{
		{"one of two", time.Time{}, roomsOf(true, "s1"), []string{"s1"}},
		{"another one", time.Time{}, roomsOf(true, "s3"), []string{"s3"}},
		{"none at all", time.Time{}, roomsOf(true), nil},
		{"of a window that the order lies in", time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), roomsOf(true, "s1"), []string{"s1"}},
		{"of a window that begins after the order", time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC), roomsOf(true, "s3"), []string{"s1", "s2", "s3"}},
		{"a part", time.Time{}, roomsOf(false, "s3"), []string{"s1", "s2", "s3"}},
		{"the list that came last counts", time.Time{}, all(roomsOf(true, "s1", "s4"), roomsOf(true, "s1", "s2")), []string{"s1", "s2"}},
		{"a part after the list", time.Time{}, all(roomsOf(true, "s1"), roomsOf(false, "s5")), []string{"s1", "s5"}},
		{"a list after the part", time.Time{}, all(roomsOf(false, "s5"), roomsOf(true, "s1")), []string{"s1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := openFixture(t)
			f.night(map[string]func(b *transform.Batch){"list": listOrder("A", "confirmed", 200, 2, 200), "rooms": roomsOf(true, "s1", "s2")}, 1)
			f.start = c.start
			loaded := f.night(map[string]func(b *transform.Batch){"list": listOrder("A", "confirmed", 100, 3, 100), "rooms": c.fill}, 1)
			f.want("stay_id) FROM main.stays ORDER BY ALL", c.want...)
			if loaded.State != "complete" {
				t.Errorf("the night is %s: %v", loaded.State, loaded.Messages)
			}
			f.want("amount_in = amount_loaded) FROM audit.extract_totals WHERE run_id = 'run2' AND table_name = 'stays' AND amount_in <> amount_loaded")
		})
	}
}
