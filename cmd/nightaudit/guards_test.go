package main

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryReportHasAGolden: what each report gives on the fixture is kept.
func TestEveryReportHasAGolden(t *testing.T) {
	reports, err := filepath.Glob("../../sql/reports/*.sql")
	if err != nil || len(reports) == 0 {
		t.Fatalf("no reports (%v)", err)
	}
	goldens := map[string]bool{}
	err = filepath.WalkDir("../../reports", func(path string, _ fs.DirEntry, err error) error {
		if strings.Contains(filepath.ToSlash(path), "/testdata/") {
			name, _, _ := strings.Cut(filepath.Base(path), ".")
			goldens[name] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, report := range reports {
		if name := strings.TrimSuffix(filepath.Base(report), ".sql"); !goldens[name] {
			t.Errorf("sql/reports/%s.sql has no golden in a testdata folder of reports: write one with go test -update (docs/adding-a-report.md)", name)
		}
	}
}
