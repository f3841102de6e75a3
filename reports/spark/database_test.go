package spark

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/load/recon"
	"github.com/nightaudit/nightaudit/reports/reportstest"
)

// Reports, checks and the workbook agree over the database that NIGHTAUDIT_SPARK_DATABASE
// names, of any size: a published one, of which the last complete date and the thirty days
// before it are compared.
func TestDatabaseAgrees(t *testing.T) {
	file := os.Getenv("NIGHTAUDIT_SPARK_DATABASE")
	if file == "" {
		t.Skip("NIGHTAUDIT_SPARK_DATABASE names no published database")
	}
	own := filepath.Join(t.TempDir(), "own.duckdb")
	reportstest.Write(t, own, reportstest.Read(t, file))
	db := reportstest.OpenFile(t, own)
	day := texts(t, db, "SELECT (business_date - 30)::DATE || ' ' || business_date FROM audit.last_complete")[0]
	of := dates(strings.Fields(day))
	warehouse := t.TempDir()
	begun := time.Now()
	commit(t, db, warehouse)
	t.Logf("%s orders, committed in %.1f s; reports of %v", texts(t, db, "SELECT count(*) FROM orders")[0], time.Since(begun).Seconds(), of)
	lake := lakeOf(t, warehouse, "")
	t.Run("reports", func(t *testing.T) { compareReports(t, lake, db, of, 0) })
	t.Run("workbook", func(t *testing.T) { compareWorkbooks(t, lake, db, of) })
	t.Run("checks", func(t *testing.T) {
		begun := time.Now()
		got := foundBy(t, lake)
		t.Logf("%d breaks, in %.1f s through Spark", len(got), time.Since(begun).Seconds())
		same(t, got, foundBy(t, shownIn(t, db)))
	})
}

// foundBy are the breaks that the checks find anew over facts.
func foundBy(t *testing.T, facts recon.Facts) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "found.duckdb")
	w, err := load.Open(t.Context(), load.Options{Path: file})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.CheckElsewhere(t.Context(), facts, t.TempDir())
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return texts(t, reportstest.OpenFile(t, file), standing)
}
