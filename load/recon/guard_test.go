package recon

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEveryCheckIsTested: each check of sql/checks is run on rows of its own
// by a test of this package.
func TestEveryCheckIsTested(t *testing.T) {
	checks, err := filepath.Glob("../../sql/checks/*.sql")
	if err != nil || len(checks) == 0 {
		t.Fatalf("no checks (%v)", err)
	}
	tests, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, file := range tests {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(data)
	}
	for _, check := range checks {
		name := strings.TrimSuffix(filepath.Base(check), ".sql")
		if !regexp.MustCompile(`\b(testCheck|only)\(t, "` + name + `"`).MatchString(code.String()) {
			t.Errorf("sql/checks/%s.sql has no test: write one in load/recon that calls testCheck(t, %q, …)", name, name)
		}
	}
}
