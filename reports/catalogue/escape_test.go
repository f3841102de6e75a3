package catalogue

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/judge"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/query"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// A report of report.extra_dir is judged as a query is, and takes one SELECT:
// whatever its file holds, the folder of the published database stays what it was,
// and what is refused leaves no file.
func TestExtraReportsDoNotEscape(t *testing.T) {
	dir, extra, out := t.TempDir(), t.TempDir(), t.TempDir()
	path := reportstest.FixtureFile(t, filepath.Join(dir, "nightaudit.duckdb"))
	before := reportstest.Folder(t, dir)
	db, err := query.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	held, cases := 0, reportstest.Escapes(path, dir)
	for _, c := range cases {
		reportstest.Write(t, filepath.Join(extra, "mine.sql"), "-- name: mine\n-- title.en: Mine\n-- title.zh: 我的\n\n"+c.SQL+"\n")
		all, err := Load(extra)
		if err != nil {
			t.Fatalf("%s: %v", c.SQL, err)
		}
		r, err := Find(all, "mine")
		if err != nil {
			t.Fatal(err)
		}
		file, err := Export(t.Context(), db, *r, ExportOptions{Dir: out, Format: "csv", Language: labels.English})
		var refused *judge.Refusal
		text, left := "", reportstest.Folder(t, out)
		if err == nil {
			text = reportstest.Read(t, file)
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
		wantRefused := c.Refused != "" || c.InQuery
		switch {
		case !r.Extra:
			t.Fatal("it is not known as a report of the user's own")
		case wantRefused && (err == nil || !errors.As(err, &refused) && !strings.Contains(err.Error(), c.Refused)):
			t.Errorf("%s: %v, want it refused", c.SQL, err)
		case wantRefused && strings.Count(left, "\n") != 1:
			t.Errorf("%s left\n%s", c.SQL, left)
		case !wantRefused && (err != nil || c.Want != "" && text != c.Want):
			t.Errorf("%s: %v, %q, want %q", c.SQL, err, text, c.Want)
		case reportstest.Folder(t, dir) != before:
			t.Fatalf("%s: the folder is\n%s\nand was\n%s", c.SQL, reportstest.Folder(t, dir), before)
		default:
			held++
		}
	}
	attacks.In(t).Count(len(cases), held)
	if len(cases) < 150 {
		t.Errorf("only %d statements", len(cases))
	}
}
