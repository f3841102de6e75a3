package all_test

import (
	"testing"

	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/extract/extracttest"
)

func TestCarries(t *testing.T) {
	for _, d := range all.Drivers() {
		extracttest.CheckCarries(t, d)
	}
}

// Who begins chooses among sources by what each says of itself.
func TestEverySourceSaysWhatItIs(t *testing.T) {
	for _, d := range all.Drivers() {
		if d.About == "" {
			t.Errorf("%s does not say what it is", d.Name)
		}
	}
}
