package probe

import "context"

// Bound is a bound of a filter by time.
type Bound struct {
	Question string
	Unit     Text // of what the bound is sent in: a millisecond, a day
	// Ask asks with the bound so many units before a record that is known, 0 on it,
	// below 0 beyond it, and reports whether that record came. A page that may have
	// left it out is unsure.
	Ask func(ctx context.Context, before int) (r *Reading, came, unsure bool, err error)
}

// Bound asks whether a filter answers the records on its bound. It takes 3 calls:
// what came on the bound must come so again, and otherwise one unit to the side.
func (s *Session) Bound(ctx context.Context, b Bound) error {
	var readings []*Reading
	var doubt bool
	ask := func(before int) (came bool, err error) {
		r, came, unsure, err := b.Ask(ctx, before)
		if err != nil {
			return false, err
		}
		readings = append(readings, r)
		doubt = doubt || unsure || r.Refused != nil
		return came, nil
	}
	on, err := ask(0)
	if err != nil {
		return err
	}
	side := 1
	if on {
		side = -1
	}
	beside, err := ask(side)
	if err != nil {
		return err
	}
	again, err := ask(0)
	if err != nil {
		return err
	}
	outcome := "unclear"
	switch {
	case doubt, on != again:
	case on && beside:
		outcome = "coarse"
	case on:
		outcome = "inclusive"
	case beside:
		outcome = "exclusive"
	}
	return s.Tell(b.Question, outcome, map[string]any{"unit": b.Unit.EN, "unit_zh": b.Unit.ZH}, readings...)
}
