package probe

import "context"

// Form is a question of two forms in which the same can be asked, of which the
// vendor reads one.
type Form struct {
	Question     string
	Taken, Other string // what the configuration calls the form in force, and the other one
	// Ask asks in a form: for everything, or for a range that can hold nothing.
	Ask func(ctx context.Context, form string, everything bool) (*Reading, error)
}

// Form finds out which form the vendor reads: with that, records come for
// everything and none for nothing. A vendor that passes over what it does not read
// gives the same for both. It returns the form to go on with: where it cannot tell,
// one that is not refused.
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
			again, err := f.Ask(ctx, f.Taken, true)
			if err != nil {
				return "", err
			}
			if readings = append(readings, again); again.answered() {
				break
			}
		}
		outcome := "as_taken"
		if form != f.Taken {
			outcome = "other"
		}
		return form, s.Tell(f.Question, outcome, map[string]any{"form": form, "taken": f.Taken}, readings...)
	}
	if came[f.Taken] == "refused" && came[f.Other] == "refused" {
		return "", readings[0].Refused // whatever is asked: it is the account that is refused
	}
	outcome := "unclear"
	switch {
	case came[f.Taken] == "ignored" || came[f.Other] == "ignored":
		outcome = "unread"
	case came[f.Taken] == "empty" && came[f.Other] != "read":
		outcome = "empty"
	}
	answered := f.Taken
	if came[answered] == "refused" {
		answered = f.Other
	}
	return answered, s.Tell(f.Question, outcome, map[string]any{"taken": f.Taken, "other": f.Other}, readings...)
}

// reads tells what comes of asking in a form: "read", "refused", "empty", "ignored"
// where orders come for a range that can hold none, or "unclear".
func (s *Session) reads(ctx context.Context, f Form, form string) (string, []*Reading, error) {
	all, err := f.Ask(ctx, form, true)
	switch {
	case err != nil:
		return "", nil, err
	case all.Refused != nil:
		return "refused", []*Reading{all}, nil
	case !all.answered():
		return "empty", []*Reading{all}, nil
	}
	none, err := f.Ask(ctx, form, false)
	switch {
	case err != nil:
		return "", []*Reading{all}, err
	case none.Refused != nil:
		return "unclear", []*Reading{all, none}, nil
	case none.answered():
		return "ignored", []*Reading{all, none}, nil
	}
	return "read", []*Reading{all, none}, nil
}
