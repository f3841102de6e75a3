package extracttest

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
)

// One is a vendor whose orders are asked for by id, twelve of them or so.
type One struct {
	*Vendor // Plan asks for each order by id
	// Order is the one that cannot be shown, as findings name it, and Key its
	// order_id where that is another.
	Order, Key string
	// Of reports whether a read by id is of that order, alone or among others.
	Of func(r *http.Request, body string) bool
	// Reads is how many of these reads there are until it is known that it is this
	// order: one, but for calls that are of several orders and are cut in halves.
	Reads int
}

// testOne: whatever a vendor answers in the place of one order costs this order.
// All others arrive, the order is named once, its window is marked, and it is not
// asked for more often than any read that is answered so.
func testOne(t *testing.T, s Subject) {
	open := func(t *testing.T, f faultTest) (One, *bench) {
		var one One
		s := s
		s.New = func(t testing.TB, _ int) *Vendor { one = s.One(t); return one.Vendor }
		limits := extract.HTTPLimits{Retries: retries, MaxResponse: largest, Timeout: f.timeout}
		if f.once {
			limits.Retries = 0 // waiting in vain takes time
		}
		return one, s.open(t, opening{pageSize: s.PageSize, workers: 1, limits: limits, oneShot: f.fault.Reset})
	}
	for _, test := range s.faults() {
		if test.class == extract.Limited || test.class == extract.Expired {
			continue // of the account
		}
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, good := open(t, test)
			sound, err := good.fetch(t.Context())
			if err != nil || len(sound.Findings) != 0 {
				t.Fatalf("undisturbed: %v, findings %+v", err, sound.Findings)
			}
			one, b := open(t, test)
			asked := 0
			b.Next(forever, func(r *http.Request) bool {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
				bad := one.Of(r, string(body))
				if bad {
					asked++
				}
				return bad
			}, test.fault)
			night, err := b.fetch(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, table := range slices.Sorted(maps.Keys(sound.Tables)) {
				want, got := others(sound.Tables[table], one), others(night.Tables[table], one)
				if !slices.EqualFunc(want, got, maps.Equal) {
					t.Errorf("%s: %d rows of the other orders, want all %d", table, len(got), len(want))
				}
			}
			var named []string
			for _, f := range night.Findings {
				named = append(named, f.OrderID)
			}
			if !slices.Equal(named, []string{one.Order}) || len(night.Rejects) != 0 {
				t.Errorf("findings %+v, rejects %+v; want one, of %s", night.Findings, night.Rejects, one.Order)
			}
			marked := slices.ContainsFunc(night.Outcomes, func(o Outcome) bool { return strings.Contains(o.Unsettled, one.Order) })
			if !marked {
				t.Errorf("outcomes %+v, want one that names %s", night.Outcomes, one.Order)
			}
			if most := test.asked; test.asked > 0 && asked > max(one.Reads, 1)*most {
				t.Errorf("it was asked for %d times, want %d at most", asked, max(one.Reads, 1)*most)
			}
		})
	}
}

// others are the rows that are not of the order.
func others(rows []Row, o One) []Row {
	var kept []Row
	for _, row := range rows {
		if id := row["order_id"]; id != o.Order && id != o.Key {
			kept = append(kept, row)
		}
	}
	return kept
}
