package pipeline_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
)

// walk is a village whose two shops are two accounts or, as tenant w, one, under
// names that change from night to night.
type walk struct {
	*village
	rnd    *rand.Rand
	shops  map[string]string   // by the letter of a shop: the name of its account now
	orders map[string][]string // by the letter n or s
	said   map[string]string   // by order
	books  []string            // workbooks of all nights
	keys   map[string][]string // more keys of an account, by the letter of its shop
	closed bool
	told   []string // what was done
}

var walkNames = []string{"a", "b", "c", "d", "e"}

func (w *walk) place(letter string) string {
	return fmt.Sprintf("%s tenant_id %d", w.urls[letter], letter[0])
}

// free is a name that no account has.
func (w *walk) free() string {
	for {
		name := walkNames[w.rnd.IntN(len(walkNames))]
		taken := false
		for _, n := range w.shops {
			taken = taken || n == name
		}
		if !taken {
			return name
		}
	}
}

// step does something to the names, and carries out the night.
func (w *walk) step() {
	w.keys = map[string][]string{}
	letters := make([]string, 0, 2)
	for l := range w.shops {
		letters = append(letters, l)
	}
	slices.Sort(letters)
	what := ""
	switch {
	case w.rnd.IntN(3) > 0: // other names
		for _, l := range letters {
			if w.rnd.IntN(2) == 0 {
				continue
			}
			old := w.shops[l]
			now := w.free()
			if slices.ContainsFunc(letters, func(o string) bool { return slices.Contains(w.keys[o], "aliases: ["+now+"]") }) {
				continue // its rows are moved in this very night
			}
			w.shops[l], w.keys[l] = now, []string{"aliases: [" + old + "]"}
			what += fmt.Sprintf(" %s→%s", old, now)
		}
	case len(letters) == 2: // the two become one
		n, s := w.shops["n"], w.shops["s"]
		name := []string{n, s, w.free()}[w.rnd.IntN(3)]
		earlier := slices.DeleteFunc([]string{n, s}, func(e string) bool { return e == name })
		w.shops = map[string]string{"w": name}
		w.keys["w"] = []string{"aliases: [" + strings.Join(earlier, ", ") + "]", fmt.Sprintf("moved_from: [%q, %q]", w.place("n"), w.place("s"))}
		what = fmt.Sprintf(" %s+%s→%s", n, s, name)
	default: // the one becomes two
		all := w.shops["w"]
		n := []string{all, w.free()}[w.rnd.IntN(2)]
		w.shops = map[string]string{"n": n, "w": all} // all is not free yet
		s := w.free()
		w.shops = map[string]string{"n": n, "s": s}
		if n != all {
			w.keys["n"] = []string{"aliases: [" + all + "]"}
		}
		w.keys["n"] = append(w.keys["n"], fmt.Sprintf("moved_from: [%q]", w.place("w")))
		w.keys["s"] = []string{"split_from: [" + all + "]"}
		what = fmt.Sprintf(" %s→%s+%s", all, n, s)
	}
	w.told = append(w.told, "night:"+what)
	w.apply()
	if result := w.night(pipeline.Options{}); result.ExitCode != 0 {
		w.t.Fatalf("%q: exit code %d: %q %+v", w.told, result.ExitCode, result.Notices, result.Accounts)
	} else if result.Workbook != "" {
		w.books = append(w.books, result.Workbook)
	}
}

func (w *walk) apply() {
	var accounts []string
	for _, l := range []string{"n", "s", "w"} {
		if name, ok := w.shops[l]; ok {
			accounts = append(accounts, w.account(name, l, w.keys[l]...))
		}
	}
	w.configure("landing: {keep: "+[]string{"36h", "400d"}[w.rnd.IntN(2)]+"}\n", accounts...)
}

// sellOne is an order that both the shop and the one of both list.
func (w *walk) sellOne() {
	letter := []string{"n", "s"}[w.rnd.IntN(2)]
	id := fmt.Sprintf("%s%d", strings.ToUpper(letter), len(w.orders[letter])+1)
	w.orders[letter] = append(w.orders[letter], id)
	w.sell(letter, id)
	w.sell("w", id)
	w.told = append(w.told, "sold "+id)
}

// say has somebody comment an order that nobody has commented, in a workbook of
// any night that has it.
func (w *walk) say() {
	letter := []string{"n", "s"}[w.rnd.IntN(2)]
	for _, id := range w.orders[letter] {
		if w.said[id] != "" || len(w.books) == 0 {
			continue
		}
		book := w.books[w.rnd.IntN(len(w.books))]
		if !slices.Contains(ordersIn(w.t, book), id) {
			continue
		}
		w.comment(book, map[string]string{id: "about " + id})
		w.said[id] = "about " + id
		w.told = append(w.told, "commented "+id)
		return
	}
}

func (w *walk) want() {
	w.t.Helper()
	var want []string
	for letter, ids := range w.orders {
		name, ok := w.shops[letter]
		if !ok {
			name = w.shops["w"]
		}
		for _, id := range ids {
			if w.said[id] == "" {
				want = append(want, name+" | "+id+" | open | – | –")
			} else {
				want = append(want, name+" | "+id+" | explained | Li Wei | "+w.said[id])
			}
		}
	}
	equal(w.t, fmt.Sprintf("%q: comments", w.told), w.comments(), want)
	if w.closed {
		equal(w.t, fmt.Sprintf("%q: closed figures", w.told), w.read(`SELECT account, sum(orders_closed + orders_effect), sum(net_amount_now) FROM restatement_totals GROUP BY ALL
			EXCEPT SELECT account, count(*), sum(net_amount) FROM orders WHERE deleted_at IS NULL GROUP BY ALL`), nil)
	}
	w.wantFresh(fmt.Sprintf("%q", w.told))
	if w.t.Failed() {
		w.t.FailNow()
	}
}

// Accounts get other names, become one and are divided again, night after night,
// while people comment breaks in workbooks of earlier nights, the month is closed,
// orders come, old answers are removed, and the whole is replayed: after every
// step the tables are those of a fresh load under the names of now, every break
// has what was said of it, and the closed month adds up.
func TestNamesWalk(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			longTest(t)
			w := &walk{
				village: startVillage(t, "nsw"), rnd: rand.New(rand.NewPCG(seed, 14)), shops: map[string]string{"n": "a", "s": "b"},
				orders: map[string][]string{}, said: map[string]string{}, keys: map[string][]string{},
			}
			for range 8 {
				w.sellOne()
			}
			for i := range 14 {
				w.step()
				if w.rnd.IntN(2) == 0 {
					w.say()
				}
				if i == 3 {
					w.closeApril()
					w.closed = true
					w.told = append(w.told, "closed")
				}
				if w.rnd.IntN(4) == 0 {
					w.replay()
					w.told = append(w.told, "replayed")
				}
				w.want()
				if w.rnd.IntN(2) == 0 {
					w.sellOne()
				}
				w.now = w.now.Add(time.Minute)
			}
			w.replay()
			w.told = append(w.told, "replayed")
			w.step()
			w.want()
		})
	}
}
