package probe

import "context"

// Form is a question of two forms in which the same can be asked, of which the
// vendor reads one.
type Form struct {
	Question     string
	Taken, Other string // what the configuration calls the form in force, and the other one
	// Ask asks in a form.
	Ask func(ctx context.Context, form string, of Range) (*Reading, error)
	// Pages: the number of a page is sent in that form as well.
	Pages bool
}

// Range is what a form is tried with.
type Range int

// The ranges: with all orders, with none, and a page of the first that lies behind all.
const (
	Everything Range = iota
	Nothing
	Behind
)

// Form finds out which form the vendor reads: with that, records come for
// everything and none for nothing. A vendor that passes over what it does not read
// gives the same for both; then the form is read in which pages are, where the other
// one brings nothing for sure. It returns the form to go on with: where it cannot tell,
// one that is not refused, and in which records come if in either.
func (s *Session) Form(ctx context.Context, f Form) (string, error) {
	var readings []*Reading
	came := map[string]string{}
	for _, form := range []string{f.Taken, f.Other} {
		found, asked, err := s.reads(ctx, f, form)
		readings = append(readings, asked...)
		if err != nil {
			return "", err
		}
		if came[form] = found; found != "read" {
			continue
		}
		if came[f.Taken] == "empty" { // orders may have come meanwhile
			again, err := f.Ask(ctx, f.Taken, Everything)
			if err != nil {
				return "", err
			}
			if readings = append(readings, again); again.answered() {
				break
			}
		}
		return f.told(s, form, readings)
	}
	if came[f.Other] == "ignored" && came[f.Taken] != "ignored" {
		return f.told(s, f.Other, readings)
	}
	if came[f.Taken] == "refused" && came[f.Other] == "refused" {
		return "", readings[0].Refused // whatever is asked: it is the account that is refused
	}
	comes := func(form string) bool { return came[form] == "ignored" || came[form] == "unread" }
	outcome := "unclear"
	switch {
	case comes(f.Taken) || comes(f.Other):
		outcome = "unread"
	case came[f.Taken] == "empty" && came[f.Other] != "read":
		outcome = "empty"
	}
	answered := f.Taken
	if found := came[f.Taken]; found == "refused" || found == "empty" && comes(f.Other) {
		answered = f.Other
	}
	return answered, s.Tell(f.Question, outcome, map[string]any{"taken": f.Taken, "other": f.Other}, readings...)
}

// told tells that a form is read.
func (f Form) told(s *Session, form string, readings []*Reading) (string, error) {
	outcome := "as_taken"
	if form != f.Taken {
		outcome = "other"
	}
	return form, s.Tell(f.Question, outcome, map[string]any{"form": form, "taken": f.Taken}, readings...)
}

// reads tells what comes of asking in a form: "read", "refused", "empty", "ignored"
// where orders come for a range that can hold none, "unread" where they do for any page
// as well, or "unclear".
func (s *Session) reads(ctx context.Context, f Form, form string) (found string, all []*Reading, err error) {
	ask := func(of Range) (*Reading, error) {
		r, err := f.Ask(ctx, form, of)
		if err == nil {
			all = append(all, r)
		}
		return r, err
	}
	first, err := ask(Everything)
	switch {
	case err != nil:
		return "", all, err
	case first.Refused != nil:
		return "refused", all, nil
	case !first.answered():
		return "empty", all, nil
	}
	nothing, err := ask(Nothing)
	switch {
	case err != nil:
		return "", all, err
	case nothing.Refused != nil:
		return "unclear", all, nil
	case !nothing.answered():
		return "read", all, nil
	case !f.Pages:
		return "ignored", all, nil
	}
	behind, err := ask(Behind)
	if err != nil || !behind.answered() {
		return "ignored", all, err
	}
	again, err := ask(Everything) // of a list that moves any page differs
	if err == nil && same(first, again) && !same(first, behind) {
		return "ignored", all, nil
	}
	return "unread", all, err
}
