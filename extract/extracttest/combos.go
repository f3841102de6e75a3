package extracttest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract/probe"
)

// Way is one of the ways in which a vendor may be, or the account of it.
type Way[V any] struct {
	Name string
	Set  func(v *V) // nil: as documented
	// Saves are keys, "first_page: 0", without which nights lose orders or fail and
	// which the probe sets. "" where there are none.
	Saves string
}

// Combos asks vendors that are in everything one way or another.
type Combos[V any] struct {
	Ways [][]Way[V] // those of a list exclude each other, the documented one first
	// Vendor is a vendor of chosen ways, of which their Set has been called in turn.
	Vendor func(t *testing.T, v *V) *Combo
	// Few and Many are how many are asked in all, by default and where
	// NIGHTAUDIT_LONG=1: all combinations where they are no more, else vendors that
	// depart from the documented one in one thing, and where it is slow in two, those in
	// which each two ways of two lists meet, and others by chance. NIGHTAUDIT_SLOW=1 asks
	// as many as Few by chance beside the others, -short those alone that depart.
	Few, Many int
}

// Combo is a vendor to be asked, and what is true of it.
type Combo struct {
	Probe    *Probe
	Vendor   Simulator
	Right    map[string][]string       // the outcomes that are true, by question, besides the open ones
	Must     []string                  // questions that are answered, for there is enough to see
	Personal []string                  // texts that no answer may hold
	Night    func(config string) error // what is wrong with a night, as Probe.Whole says it; nil reads none
	// Mends: with what is told the night is whole. Else no key of the configuration
	// can make it so, or not yet.
	Mends bool
}

// Run fails the test where a vendor is told anything wrong, or what is told spoils its
// nights or leaves them as incomplete as they were; and where a way that has Saves has
// saved none.
func (c Combos[V]) Run(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 3))
	var sizes []int
	for _, ways := range c.Ways {
		sizes = append(sizes, len(ways))
	}
	slow := os.Getenv("NIGHTAUDIT_SLOW") == "1" || long()
	count := c.Few
	if slow {
		count = c.Many
	}
	all := product(sizes, count)
	if all == nil {
		all = departing(sizes, slow)
		if testing.Short() {
			count = len(all)
		} else {
			all = append(all, pairs(sizes, r)...)
		}
		if slow && !long() {
			count = len(all) + c.Few
		}
	}
	plain := len(all)
	for len(all) < count {
		all = append(all, random(sizes, r))
	}
	s := counts{saved: map[string]int{}}
	for i, chosen := range all {
		most := ProbeCalls
		if i >= plain && i%2 == 1 { // the others have fewer calls
			most = 1 + r.IntN(ProbeCalls)
		}
		c.one(t, chosen, most, &s)
	}
	for _, ways := range c.Ways {
		for _, w := range ways {
			if w.Saves != "" && s.saved[w.Name] == 0 && s.nights > 0 && s.vendors == len(all) && !testing.Short() && !t.Failed() {
				t.Errorf("no night of %q was saved by %s", w.Name, w.Saves)
			}
		}
	}
	t.Logf("%d vendors, %d of them chosen so that each two ways of %d meet; of the nights of %d %d were not whole as configured, %d in silence, and %d with what was told, %d in silence; %d calls at most",
		len(all), plain, len(sizes), s.nights, s.lost, s.silent, s.still, s.stillSilent, s.calls)
}

// counts is what came of all vendors.
type counts struct {
	vendors            int            // fewer than all where a test of some is asked for
	saved              map[string]int // by the name of the way
	nights, calls      int            // calls: the most of a vendor
	lost, silent       int            // not whole as the account is configured
	still, stillSilent int            // nor with what is told
}

// one asks a vendor of the chosen ways.
func (c Combos[V]) one(t *testing.T, chosen []int, most int, s *counts) {
	t.Helper()
	var names []string
	var v V
	for i, k := range chosen {
		w := c.Ways[i][k]
		if w.Set != nil {
			w.Set(&v)
		}
		if k > 0 {
			names = append(names, w.Name)
		}
	}
	t.Run(fmt.Sprintf("%s (%v, %d calls)", strings.Join(names, ", "), chosen, most), func(t *testing.T) {
		combo := c.Vendor(t, &v)
		found := combo.Probe.Ask(t, combo.Vendor, most)
		s.vendors, s.calls = s.vendors+1, max(s.calls, found.Calls)
		found.Verify(t, combo.Right)
		found.Hides(t, combo.Personal...)
		if most == ProbeCalls {
			for q, a := range found.Answers {
				if a.Say.EN == "not asked" {
					t.Errorf("%s: %d calls are too few to ask it", q, found.Calls)
				}
			}
			for _, q := range combo.Must {
				if a := found.Answers[q]; a.Sure == probe.Open {
					t.Errorf("%s: told %q (%s), and there is enough to see", q, a.Outcome, a.Say.EN)
				}
			}
		}
		if combo.Night == nil || t.Failed() {
			return
		}
		config, was := found.Config(), combo.Night(combo.Probe.Config)
		is := was
		if config != combo.Probe.Config {
			is = combo.Night(config)
		}
		s.count(was, is)
		switch {
		case is == nil && was != nil:
			for i, k := range chosen {
				if w := c.Ways[i][k]; w.Saves != "" && strings.Contains("\n"+config+"\n", "\n"+w.Saves+"\n") {
					s.saved[w.Name]++
				}
			}
		case is != nil && was == nil:
			t.Errorf("with what was told the night is no longer whole: %v\n%s", is, config)
		case is != nil && most == ProbeCalls && combo.Mends:
			t.Errorf("with what was told: %v\n%s", is, config)
		}
	})
}

func (s *counts) count(was, is error) {
	s.nights++
	if was != nil {
		s.lost++
	}
	if inSilence(was) {
		s.silent++
	}
	if is != nil {
		s.still++
	}
	if inSilence(is) {
		s.stillSilent++
	}
}

// inSilence reports whether a night lost orders and marked nothing (Whole).
func inSilence(err error) bool { return err != nil && strings.Contains(err.Error(), "complete with") }

// Verify fails the test where an answer is wrong: neither among the right ones of its
// question nor open.
func (p *Probed) Verify(t testing.TB, right map[string][]string) {
	t.Helper()
	for q, a := range p.Answers {
		if a.Sure != probe.Open && !slices.Contains(right[q], a.Outcome) {
			t.Errorf("%s: told %q as %s, and right is %v: %s", q, a.Outcome, a.Sure, right[q], a.Say.EN)
		}
	}
}

// Hides fails the test where an answer holds one of texts.
func (p *Probed) Hides(t testing.TB, texts ...string) {
	t.Helper()
	for q, a := range p.Answers {
		written, err := json.Marshal(a)
		for _, text := range texts {
			if err != nil || strings.Contains(string(written), text) {
				t.Errorf("%s holds %q, %v: %s", q, text, err, written)
			}
		}
	}
}

// product lists all combinations, nil where they are more than most.
func product(sizes []int, most int) [][]int {
	all := [][]int{nil}
	for _, size := range sizes {
		var longer [][]int
		for _, one := range all {
			for k := range size {
				longer = append(longer, append(slices.Clone(one), k))
			}
		}
		if all = longer; len(all) > most {
			return nil
		}
	}
	return all
}

func random(sizes []int, r *rand.Rand) []int {
	one := make([]int, len(sizes))
	for i, size := range sizes {
		one[i] = r.IntN(size)
	}
	return one
}

// departing lists the combination of all firsts, and those that depart from it in one
// way, or in two.
func departing(sizes []int, inTwo bool) [][]int {
	plain := make([]int, len(sizes))
	all := [][]int{plain}
	for i, size := range sizes {
		for k := 1; k < size; k++ {
			one := slices.Clone(plain)
			one[i] = k
			all = append(all, one)
			for j := 0; inTwo && j < i; j++ {
				for l := 1; l < sizes[j]; l++ {
					two := slices.Clone(one)
					two[j] = l
					all = append(all, two)
				}
			}
		}
	}
	return all
}

// pairs lists combinations in which each two ways of two lists meet once at least. Each
// is the one of some by chance in which most meet for the first time.
func pairs(sizes []int, r *rand.Rand) (all [][]int) {
	type pair [4]int // list, way, list, way
	open := map[pair]bool{}
	each := func(one []int, do func(p pair)) {
		for i := range one {
			for j := range i {
				do(pair{j, one[j], i, one[i]})
			}
		}
	}
	for i, size := range sizes {
		for j := range i {
			for k := range size {
				for l := range sizes[j] {
					open[pair{j, l, i, k}] = true
				}
			}
		}
	}
	for len(open) > 0 {
		var left []pair
		for p := range open {
			left = append(left, p)
		}
		slices.SortFunc(left, func(a, b pair) int { return slices.Compare(a[:], b[:]) })
		var best []int
		most := 0
		for range 30 {
			one, p, brings := random(sizes, r), left[r.IntN(len(left))], 0
			one[p[0]], one[p[2]] = p[1], p[3]
			each(one, func(p pair) {
				if open[p] {
					brings++
				}
			})
			if brings > most {
				best, most = one, brings
			}
		}
		each(best, func(p pair) { delete(open, p) })
		all = append(all, best)
	}
	return all
}
