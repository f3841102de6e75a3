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
