package load

import "testing"

// What an earlier database holds of an account is compared with what its parts hold
// together, a part of a part too; what is missing in all of them is lost.
func TestHoldingOfAnAccountThatWasSplit(t *testing.T) {
	t.Parallel()
	orders := func(account string, count int64) Held {
		return Held{Kind: heldOrders, Source: "soms", Account: account, Count: count}
	}
	windows := func(account string, count int64) Held {
		return Held{Kind: heldWindows, Run: "r1", Source: "soms", Account: account, Item: "orders", Count: count, Answers: count, Records: count}
	}
	earlier := newHolding("the base", []Held{orders("all", 9), windows("all", 2)}).Named(nil, []Alias{
		{Source: "soms", Earlier: "south", Name: "all"}, {Source: "soms", Earlier: "far", Name: "south"}, {Source: "soms", Earlier: "all", Name: "far"},
	})
	for _, c := range []struct {
		name string
		now  []Held
		lost int
	}{
		{"nothing", []Held{orders("all", 5), orders("south", 3), orders("far", 1), windows("all", 1), windows("south", 1)}, 0},
		{"an order", []Held{orders("all", 5), orders("south", 3), windows("all", 1), windows("south", 1)}, 1},
		{"a window", []Held{orders("all", 9), windows("all", 1)}, 1},
		{"of others, orders", []Held{orders("all", 5), orders("other", 4), windows("all", 2)}, 1},
	} {
		if lost, _ := newHolding("", c.now).Lost(earlier, nil, ""); len(lost) != c.lost {
			t.Errorf("%s is lost: %d losses, want %d: %v", c.name, len(lost), c.lost, lost)
		}
	}
}
