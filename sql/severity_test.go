package sql_test

import (
	"slices"
	"testing"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

func TestAtOrAbove(t *testing.T) {
	for severity, want := range map[string][]string{
		"info": {"info", "warning", "error"}, "warning": {"warning", "error"}, "error": {"error"}, "": nil, "fatal": nil,
	} {
		if got := sqlfiles.AtOrAbove(severity); !slices.Equal(got, want) {
			t.Errorf("AtOrAbove(%q) = %q, want %q", severity, got, want)
		}
	}
}
