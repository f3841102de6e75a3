package exit_test

import (
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
)

// Scripts and people's queries of audit.runs know the codes and words as they
// are.
func TestContract(t *testing.T) {
	for i, c := range []struct {
		code    int
		outcome string
	}{
		{exit.Done, "complete"},
		{exit.Failed, "failed"},
		{exit.Usage, "failed"},
		{exit.Partial, "partial"},
		{exit.Locked, "failed"},
		{exit.Breaks, "breaks"},
	} {
		if c.code != i || exit.Outcome(c.code) != c.outcome {
			t.Errorf("code %d is %q, want %d, %q", c.code, exit.Outcome(c.code), i, c.outcome)
		}
	}
}
