package demo

import (
	"fmt"
	"math/rand/v2"
	"strconv"
)

// Fen is an amount in hundredths of a yuan. The world is reckoned in fen
// only, so that what it expects owes nothing to the pipeline's decimals.
type Fen int64

// String is the amount in yuan with two decimals: "-2.05".
func (f Fen) String() string {
	sign, v := "", int64(f)
	if v < 0 {
		sign, v = "-", -v
	}
	return fmt.Sprintf("%s%d.%02d", sign, v/100, v%100)
}

// InFen is the amount as the courier writes it: a text of fen.
func (f Fen) InFen() string { return strconv.FormatInt(int64(f), 10) }

// yuan is a whole number of yuan.
func yuan(n int) Fen { return Fen(n) * 100 }

// milli is a quantity in thousandths: 0.685 kg is 685.
type milli int64

// String is the quantity without needless zeros: "2", "0.685".
func (q milli) String() string {
	if q%1000 == 0 {
		return strconv.FormatInt(int64(q)/1000, 10)
	}
	return fmt.Sprintf("%d.%03d", q/1000, q%1000)
}

// times is price × quantity, rounded half up to the fen as tills do.
func (f Fen) times(q milli) Fen { return (f*Fen(q) + 500) / 1000 }

// permille is f × n ÷ 1000, rounded half up.
func (f Fen) permille(n int) Fen { return (f*Fen(n) + 500) / 1000 }

// apportion is the share of part that falls on the stretch from before to
// before+weight of a whole. Shares of neighbouring stretches add up exactly,
// and none exceeds its weight while part does not exceed whole.
func apportion(part, before, weight, whole Fen) Fen {
	if whole == 0 {
		return 0
	}
	return part*(before+weight)/whole - part*before/whole
}

// dice draws from a seeded PCG. It reduces the generator's words itself, so
// that a world stays the same whatever a later Go does to rand's methods.
type dice struct{ pcg *rand.PCG }

// newDice gives each part of the world a sequence of its own: a change in
// one part leaves the others as they were.
func newDice(seed uint64, part string) dice {
	h := uint64(14695981039346656037) // FNV-1a
	for i := range len(part) {
		h = (h ^ uint64(part[i])) * 1099511628211
	}
	return dice{rand.NewPCG(seed, h)}
}

// under is a number from 0 to n-1.
func (d dice) under(n int) int { return int(d.pcg.Uint64() % uint64(n)) }

// between is a number from lo to hi, both included.
func (d dice) between(lo, hi int) int { return lo + d.under(hi-lo+1) }

// chance is true in permille of 1000 cases.
func (d dice) chance(permille int) bool { return d.under(1000) < permille }

// weighted is an index of weights, each as likely as its weight.
func (d dice) weighted(weights []int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := d.under(sum)
	for i, w := range weights {
		if n -= w; n < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// hex is n hexadecimal digits.
func (d dice) hex(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "0123456789abcdef"[d.under(16)]
	}
	return string(b)
}

// shuffle puts s into a random order.
func shuffle[T any](d dice, s []T) {
	for i := len(s) - 1; i > 0; i-- {
		j := d.under(i + 1)
		s[i], s[j] = s[j], s[i]
	}
}

// one is a random element of s.
func one[T any](d dice, s []T) T { return s[d.under(len(s))] }
