package probe

import (
	"context"
	"slices"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// important is a source of two questions of its own that asks the second one before
// anything else, and then no more.
type important struct{ extract.Source }

func (important) Questions() []byte {
	return []byte(`use: [order]
questions:
  - {id: minor, ask: {en: a, zh: 甲}, outcomes: {so: {sure: proven, say: {en: a, zh: 甲}}}}
  - {id: major, ask: {en: b, zh: 乙}, outcomes: {so: {sure: proven, say: {en: b, zh: 乙}}}}
`)
}

func (important) Probe(_ context.Context, s *Session) error {
	if err := s.Tell("major", "so", nil); err != nil {
		return err
	}
	if err := s.Tell("order", "stable", nil); err != nil {
		return err
	}
	return ErrCalls
}

// What decides most is asked first and stands first; what was not asked stands last.
func TestAnswersStandByImportance(t *testing.T) {
	s, err := NewSession(important{}, transform.Origin{}, landNowhere, NewCalls(40, 1000))
	if err != nil {
		t.Fatal(err)
	}
	answers, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range answers {
		got = append(got, a.Question)
	}
	if want := []string{"major", "order", "minor"}; !slices.Equal(got, want) {
		t.Errorf("the answers stand as %v, want %v", got, want)
	}
}
