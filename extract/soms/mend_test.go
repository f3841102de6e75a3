package soms

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/transform"
)

// One byte too many, anywhere in one of twenty orders of the document's size, of
// some 800 members each: the other nineteen arrive, and nothing that is none.
func TestOneByteCostsOneOrder(t *testing.T) {
	const orders, hit, places = 20, 7, 15
	sound := documentedPage(t, orders)
	begin := strings.Index(string(sound), fmt.Sprintf(`"id":"888%08d"`, hit)) - 1
	end := strings.Index(string(sound), fmt.Sprintf(`"id":"888%08d"`, hit+1)) - 3
	var want []string
	for i := range orders {
		if i != hit {
			want = append(want, fmt.Sprintf("888%08d", i))
		}
	}
	a := extracttest.Open(t, Driver(), accountYAML("https://soms.example"), extract.Env{})
	bad := fmt.Sprintf("888%08d", hit)
	apart := 0
	for i := range places {
		at := begin + 1 + i*(end-begin-2)/places
		for _, c := range []string{`"`, `}`, `]`, "\n"} {
			text := string(sound[:at]) + c + string(sound[at:])
			body, repairs, err := transform.Mend([]byte(text))
			if err != nil {
				t.Errorf("%q at byte %d of the order: %v", c, at-begin, err)
				continue
			}
			page := &extract.Page{Stream: streamOrders, Body: body, Repairs: repairs}
			night := extracttest.Decode(t, a, page)
			var got []string
			for _, row := range night.Tables[transform.TableOrders] {
				if row["order_id"] != bad {
					got = append(got, row["order_id"])
				}
			}
			if len(night.Rejects) > 0 {
				apart++
			}
			if !slices.Equal(got, want) {
				t.Errorf("%q at byte %d of the order: %d others arrive: %v", c, at-begin, len(got), got)
			}
		}
	}
	t.Logf("of %d pages, the order was set apart in %d", places*4, apart)
}
