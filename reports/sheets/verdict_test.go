package sheets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// verdictCase is a situation, a file in testdata/verdict: what differs from
// base.sql, and what the book then says of itself. The words were worked out by
// hand.
type verdictCase struct {
	Says     string
	From, To string
	SQL      string `yaml:"sql"`
	Colour   string // good, warn or bad
	En, Zh   string
}

func TestVerdict(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "verdict", "*.yaml"))
	if err != nil || len(files) < 25 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	base := reportstest.Read(t, filepath.Join("testdata", "verdict", "base.sql"))
	colours := map[workbook.Role]string{workbook.RoleVerdictGood: "good", workbook.RoleVerdictWarn: "warn", workbook.RoleVerdictBad: "bad"}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			var c verdictCase
			data, err := os.ReadFile(file)
			if err == nil {
				err = yaml.UnmarshalWithOptions(data, &c, yaml.DisallowUnknownField())
			}
			if err != nil {
				t.Fatal(err)
			}
			said := verdictsOf(t, base+c.SQL, c.day(t, c.From), c.day(t, c.To))
			for language, want := range map[string]string{labels.English: c.En, labels.Chinese: c.Zh} {
				if got := said[language]; got.text != want || colours[got.role] != c.Colour {
					t.Errorf("%s\n got %s %s\nwant %s %s", c.Says, colours[got.role], got.text, c.Colour, want)
				}
			}
		})
	}
}

func (c *verdictCase) day(t *testing.T, text string) time.Time {
	t.Helper()
	if text == "" {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return day
}

// verdictsOf are the verdicts of the book of a range over a database of rows, by
// language.
func verdictsOf(t *testing.T, rows string, from, to time.Time) map[string]verdict {
	t.Helper()
	db := reportstest.Empty(t)
	reportstest.Exec(t, db, rows)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	w, err := newWorkbook(t.Context(), catalogue.DuckDB(tx), &Options{Language: labels.English, From: from, To: to})
	if err != nil {
		t.Fatal(err)
	}
	words, err := labels.Load()
	if err != nil {
		t.Fatal(err)
	}
	v := &summaryView{w: w}
	if err := v.readVerdict(); err != nil {
		t.Fatal(err)
	}
	said := map[string]verdict{}
	for _, language := range []string{labels.English, labels.Chinese} {
		w.Book = workbook.New(words, language, w.q.Zone, t.TempDir())
		said[language] = v.verdict()
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return said
}
