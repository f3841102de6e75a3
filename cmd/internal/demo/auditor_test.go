package demo

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	akubela "github.com/nightaudit/nightaudit/extract/akubela/sim"
	guoxiaodi "github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	starhotel "github.com/nightaudit/nightaudit/extract/starhotel/sim"
	tuya "github.com/nightaudit/nightaudit/extract/tuya/sim"
)

// auditor holds the rules of docs/finance.md against what the vendors
// would answer: the simulators' own orders, read anew with exact fractions.
// It shares nothing with the world that made them, nor with the warehouse and
// its checks.
type auditor struct {
	t     *testing.T
	found []finding
}

// finding is a break as the auditor expects it. Amounts are in yuan with four
// decimals, as the database keeps them; empty where a side is missing.
type finding struct {
	rule, source, order string
	line                int    // 0: the whole order
	right               string // "source order" of the other side
	actual, expected    string
	reason              string
}

func (f finding) String() string {
	return fmt.Sprintf("%s %s %s line %d against %q: %q, expected %q, %s", f.rule, f.source, f.order, f.line, f.right, f.actual, f.expected, f.reason)
}

// num reads a decimal; a missing one is 0.
func (a *auditor) num(text string) *big.Rat {
	if text == "" {
		return new(big.Rat)
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		a.t.Fatalf("%q is no number", text)
	}
	return r
}

// yuanOf reads a text of fen.
func (a *auditor) yuanOf(fen string) *big.Rat {
	return new(big.Rat).Quo(a.num(fen), big.NewRat(100, 1))
}

func plus(terms ...*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for _, t := range terms {
		sum.Add(sum, t)
	}
	return sum
}

func minus(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }

func times(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }

func same(a, b *big.Rat) bool { return new(big.Rat).Abs(a).Cmp(new(big.Rat).Abs(b)) == 0 }

var cent = big.NewRat(1, 100)

// compare notes f where actual and expected differ by more than a cent. lines
// is the number of lines that add up, each of which may be rounded by a cent;
// parts are the amounts one of which may be what was left out or counted
// twice.
func (a *auditor) compare(f finding, actual, expected *big.Rat, lines int, parts ...*big.Rat) {
	d := minus(actual, expected)
	if d.Abs(d).Cmp(cent) <= 0 {
		return
	}
	f.actual, f.expected = actual.FloatString(4), expected.FloatString(4)
	f.reason = why(a.num(f.actual), a.num(f.expected), lines, parts)
	a.found = append(a.found, f)
}

// why is the reason of a difference between two figures, both of which are
// stated.
func why(actual, expected *big.Rat, lines int, parts []*big.Rat) string {
	d := minus(actual, expected)
	hundred := big.NewRat(100, 1)
	equal := 0
	for _, p := range parts {
		equal += btoi(same(p, d))
	}
	switch {
	case actual.Sign() != 0 && expected.Sign() != 0 && (actual.Cmp(times(expected, hundred)) == 0 || expected.Cmp(times(actual, hundred)) == 0):
		return "unit_factor_100"
	case equal == 1:
		return "one_component"
	case d.Abs(d).Cmp(times(cent, big.NewRat(int64(max(lines, 1)), 1))) <= 0:
		return "rounding"
	}
	return "amount"
}

func (a *auditor) note(f finding) { a.found = append(a.found, f) }

// created is a line of the register.
type created struct{ guoxiaodi.Created }

// books is everything that the vendors of a world hold.
type books struct {
	tuya      []tuya.Order
	akubela   []akubela.Order
	starhotel []starhotel.Order
	soms      []soms.Order
	reminds   []soms.Remind
	courier   []guoxiaodi.Order
	register  []created
	anchor    time.Time
}

func booksOf(t *testing.T, w *World) books {
	b := books{
		tuya: w.tuyaOrders(), akubela: w.akubelaOrders(), starhotel: w.starhotelOrders(), soms: w.somsOrders(),
		reminds: w.somsReminds(), courier: w.guoxiaodiOrders(), anchor: w.Anchor,
	}
	for _, c := range w.courierOrders {
		if !c.inRegister {
			continue
		}
		var line struct{ Data created }
		if err := json.Unmarshal(c.registerLine(), &line); err != nil {
			t.Fatal(err)
		}
		b.register = append(b.register, line.Data)
	}
	return b
}

// audit lists what does not add up, in a fixed order.
func audit(t *testing.T, b books) []finding {
	a := &auditor{t: t}
	a.speakers(b)
	a.shop(b)
	a.duplicates(b)
	a.payments(b)
	a.reception(b)
	a.keys(b)
	a.courier(b)
	a.plausible(b)
	slices.SortFunc(a.found, func(a, b finding) int { return cmp.Compare(a.String(), b.String()) })
	return a.found
}
