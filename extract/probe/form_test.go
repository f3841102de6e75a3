package probe

import (
	"context"
	"errors"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
)

// TestForm asks vendors that answer two forms in every way: r reads the form, i gives
// orders whatever is asked for, p whatever range is, e gives none, n refuses it, u
// refuses a range that can hold nothing.
func TestForm(t *testing.T) {
	refused := &extract.Error{Class: extract.Permanent, Answered: true, Err: errors.New("no")}
	for _, c := range []struct {
		taken, other byte
		outcome      string // "" where the account is refused
		form         string // to go on with
	}{
		{'r', 'r', "as_taken", "taken"},
		{'r', 'n', "as_taken", "taken"},
		{'n', 'r', "other", "other"},
		{'e', 'r', "other", "other"},
		{'i', 'r', "other", "other"},
		{'u', 'r', "other", "other"},
		{'i', 'n', "unread", "taken"},
		{'n', 'i', "unread", "other"},
		{'e', 'i', "unread", "other"},
		{'p', 'p', "unread", "taken"},
		{'p', 'n', "unread", "taken"},
		{'n', 'p', "other", "other"},
		{'e', 'p', "other", "other"},
		{'i', 'p', "other", "other"},
		{'e', 'e', "empty", "taken"},
		{'e', 'n', "empty", "taken"},
		{'n', 'e', "unclear", "other"},
		{'u', 'u', "unclear", "taken"},
		{'l', 'r', "unclear", "taken"}, // the first order came once the form in force had been tried
		{'n', 'n', "", ""},
	} {
		t.Run(string([]byte{c.taken, c.other}), func(t *testing.T) {
			calls := map[string]int{}
			s, err := NewSession(former{}, Origin{}, landNowhere, NewCalls(9, 1))
			if err != nil {
				t.Fatal(err)
			}
			form, err := s.Form(t.Context(), Form{Question: "form", Taken: "taken", Other: "other", Pages: true, Ask: func(_ context.Context, form string, of Range) (*Reading, error) {
				kind := c.taken
				if form == "other" {
					kind = c.other
				}
				calls[form]++
				r := &Reading{}
				switch {
				case kind == 'n', kind == 'u' && of != Everything:
					r.Refused = refused
				case kind == 'i', kind == 'p' && of == Nothing, of == Everything && kind != 'e' && (kind != 'l' || calls[form] > 1):
					r.Facts.Rows = 1
				}
				return r, nil
			}})
			if got := s.Outcome("form"); got != c.outcome || form != c.form || (c.outcome == "") != errors.Is(err, error(refused)) {
				t.Errorf("told %q, on with %q, %v; want %q, and %q", got, form, err, c.outcome, c.form)
			}
		})
	}
}

// former is an account with a question of two forms.
type former struct{ asker }

func (former) Questions() []byte {
	text := "use: []\nquestions:\n  - id: form\n    ask: {en: q, zh: q}\n    outcomes:\n"
	for _, name := range []string{"as_taken", "other", "unread", "empty", "unclear"} {
		text += "      " + name + ": {sure: open, say: {en: s, zh: s}, do: {en: d, zh: d}}\n"
	}
	return []byte(text)
}
