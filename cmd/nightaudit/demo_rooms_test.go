package main

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
)

// occupied is a stay in a room: of the PMS, or of the door locks.
type occupied struct {
	row      map[string]string
	room     string // as the PMS names it
	from, to time.Time
	keys     []occupied
	orders   int
	ordered  *big.Rat // nil where nothing was ordered
}

// pmsRoom is the PMS's name of a room: speakers and locks leave out the A of
// the eighth floor.
func pmsRoom(name string) string {
	if strings.HasPrefix(name, "88") {
		return "A" + name
	}
	return name
}

// overlap is how long two stays have in common.
func (o *occupied) overlap(other *occupied) time.Duration {
	from, to := o.from, o.to
	if other.from.After(from) {
		from = other.from
	}
	if other.to.Before(to) {
		to = other.to
	}
	return to.Sub(from)
}

// same says whether two systems mean one stay: one room, for at least half of
// the shorter time.
func (o *occupied) same(other *occupied) bool {
	return o.room == other.room && 2*o.overlap(other) >= min(o.to.Sub(o.from), other.to.Sub(other.from))
}

// stays are those of a source that guests came for or may yet come for.
func (n *demoNight) stays(t *testing.T, source string) []occupied {
	t.Helper()
	var list []occupied
	for _, row := range n.query(`SELECT s.* EXCLUDE (arrival_at, departure_at), o.business_date, epoch_ms(s.arrival_at) AS from_ms, epoch_ms(s.departure_at) AS to_ms
		FROM stays s JOIN orders o USING (source, account, order_id)
		WHERE s.source = '` + source + `' AND s.status NOT IN ('canceled', 'closed') AND o.status <> 'canceled'`) {
		list = append(list, occupied{row: row, room: pmsRoom(row["room_no"]), from: epochMillis(t, row["from_ms"]), to: epochMillis(t, row["to_ms"])})
	}
	return list
}

func epochMillis(t *testing.T, milliseconds string) time.Time {
	t.Helper()
	ms := rat(t, milliseconds)
	return time.UnixMilli(ms.Num().Int64())
}

// roomRows: every stay that guests came for, with what they ordered to the
// room meanwhile and the same stay in the door locks; the stays that only the
// door locks know; and what was ordered to rooms in which nobody stayed.
func (n *demoNight) roomRows(t *testing.T) []cells {
	guests, keys := n.stays(t, "starhotel"), n.stays(t, "akubela")
	var rows []cells
	for _, key := range keys {
		found := false
		for g := range guests {
			if key.same(&guests[g]) {
				guests[g].keys = append(guests[g].keys, key)
				found = true
			}
		}
		if !found && came(&key) {
			row := cells{"Place": "lakeside", "Match": "Key without stay", "Compared": "Not compared", "Stays": "0", "Keys": "1", "Room orders": "0"}
			row.put("Room", key.room)
			row.put("Status", orderWords[key.row["status"]])
			row.put("Key's order", key.row["order_id"])
			row.day("Key from", key.row["arrival_date"])
			row.day("Key to", key.row["departure_date"])
			rows = append(rows, row)
		}
	}
	n.orderToRooms(t, guests)
	for g := range guests {
		if came(&guests[g]) {
			rows = append(rows, roomRow(t, &guests[g]))
		}
	}
	return rows
}

// came says whether the guest has come, before the range's end.
func came(o *occupied) bool {
	status := o.row["status"]
	return (status == "in_progress" || status == "completed") && o.row["arrival_date"] <= keptDate
}

// orderToRooms gives what was delivered to a room to the guest who stayed
// there; to the later one where two stays meet.
func (n *demoNight) orderToRooms(t *testing.T, guests []occupied) {
	t.Helper()
	for _, o := range n.query(`SELECT order_id, room_no, net_amount, epoch_ms(created_at) AS ms FROM orders
		WHERE source = 'tuya' AND status = 'completed' AND net_amount <> 0`) {
		at := epochMillis(t, o["ms"])
		var guest *occupied
		for g := range guests {
			s := &guests[g]
			if s.room == pmsRoom(o["room_no"]) && !at.Before(s.from) && !at.After(s.to) && (guest == nil || s.from.After(guest.from)) {
				guest = s
			}
		}
		if guest == nil {
			t.Fatalf("order %s was placed in a room where nobody stayed: the demo has none such, and this check knows none", o["order_id"])
		}
		if guest.ordered == nil {
			guest.ordered = new(big.Rat)
		}
		guest.ordered.Add(guest.ordered, rat(t, o["net_amount"]))
		guest.orders++
	}
}

func roomRow(t *testing.T, s *occupied) cells {
	t.Helper()
	// The account by the name that the demo's configuration gives it.
	row := cells{"Place": "lakeside", "Match": "Stay without key", "Compared": "Not compared", "Stays": "1", "PMS": "starhotel", "Account": "云栖酒店"}
	row.put("Room", s.room)
	row.day("Arrival date", s.row["arrival_date"])
	row.day("Departure date", s.row["departure_date"])
	row.put("Stay's order", s.row["order_id"])
	row.put("Stay ID", s.row["stay_id"])
	row.put("Status", orderWords[s.row["status"]])
	row.put("Currency", s.row["currency"])
	row.day("Business date", s.row["business_date"])
	row.put("Room orders", big.NewInt(int64(s.orders)).String())
	ordered := s.ordered
	if ordered == nil { // nothing was ordered, and that is known
		ordered = new(big.Rat)
	}
	row.amount("Ordered to the room", ordered)
	billed := rat(t, s.row["consumption_amount"])
	row.amount("Billed by the PMS", billed)
	if s.row["status"] == "completed" {
		row.put("Compared", "Compared")
		row.amount("Difference", new(big.Rat).Sub(billed, ordered))
	}
	row.put("Keys", big.NewInt(int64(len(s.keys))).String())
	if len(s.keys) == 0 {
		return row
	}
	row.put("Match", "Stay and key")
	slices.SortFunc(s.keys, func(a, b occupied) int {
		return cmp.Or(cmp.Compare(a.row["arrival_date"], b.row["arrival_date"]), cmp.Compare(a.row["order_id"], b.row["order_id"]))
	})
	var orders []string
	certainty, to := "Likely", ""
	for _, key := range s.keys {
		orders = append(orders, key.row["order_id"])
		to = max(to, key.row["departure_date"])
		if key.row["arrival_date"] != s.row["arrival_date"] {
			certainty = "Possible"
		}
	}
	row.put("Key's order", strings.Join(orders, ", "))
	row.day("Key from", s.keys[0].row["arrival_date"])
	row.day("Key to", to)
	row.put("Certainty", certainty)
	return row
}
