package main

import (
	"database/sql"
	"strings"
	"testing"
)

// The version that is printed is that of the DuckDB that runs.
func TestDuckDBVersion(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var runs string
	if err := db.QueryRowContext(t.Context(), "SELECT version()").Scan(&runs); err != nil {
		t.Fatal(err)
	}
	if said := readBuildInfo().duckdbText(); "v"+said != runs {
		t.Errorf("version prints duckdb %s, and %s runs", said, runs)
	}
}

func TestVersionTexts(t *testing.T) {
	for _, c := range []struct {
		b              buildInfo
		commit, duckdb string
	}{
		{buildInfo{}, "unknown", "unknown"},
		{buildInfo{commit: "0123456789abcdef", duckdb: "v2.10505.0"}, "0123456789abcdef", "1.5.5"},
		{buildInfo{commit: "0123456789abcdef", changed: true, duckdb: "v2.21001.3"}, "0123456789abcdef+changes", "2.10.1"},
		{buildInfo{duckdb: "(devel)"}, "unknown", "unknown"},
	} {
		if got := c.b.commitText(); got != c.commit {
			t.Errorf("%+v: commit %s, want %s", c.b, got, c.commit)
		}
		if got := c.b.duckdbText(); got != c.duckdb {
			t.Errorf("%+v: duckdb %s, want %s", c.b, got, c.duckdb)
		}
	}
	if v := versionText(); v == "" || strings.ContainsAny(v, " \n") {
		t.Errorf("the version is %q", v)
	}
}
