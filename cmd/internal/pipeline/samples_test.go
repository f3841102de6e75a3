package pipeline

import (
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/goccy/go-yaml"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

const samples = "../../../testdata/samples"

// samplePage is one documented answer and what it was the answer to.
type samplePage struct {
	Stream  string `yaml:"stream"`
	Filter  string `yaml:"filter"`
	Subject struct {
		OrderID string `yaml:"order_id"`
		Number  string `yaml:"number"`
	} `yaml:"subject"`
	Doc  string `yaml:"doc"`
	body []byte
}

type sampleIssue struct {
	Field  string `yaml:"field"`
	Reason string `yaml:"reason"`
	Raw    string `yaml:"raw"`
}

// sampleWant is what must stand in the database after the pages were loaded,
// worked out by hand from the vendor's document.
type sampleWant struct {
	Tables   map[string][]map[string]any `yaml:"tables"`
	Findings []sampleIssue               `yaml:"findings"`
	Rejects  []sampleIssue               `yaml:"rejects"`
}

// Every answer that a vendor's document shows goes through decode, transform
// and load; want.yaml states every value that must then be in the database.
func TestDocumentedSamples(t *testing.T) {
	for _, d := range all.Drivers() {
		cases, err := os.ReadDir(filepath.Join(samples, d.Name))
		if err != nil {
			t.Fatal(err)
		}
		if len(cases) == 0 {
			t.Errorf("%s has no documented samples", d.Name)
		}
		for _, c := range cases {
			t.Run(d.Name+"/"+c.Name(), func(t *testing.T) {
				t.Parallel()
				checkSample(t, d, filepath.Join(samples, d.Name, c.Name()))
			})
		}
	}
}

func checkSample(t *testing.T, d extract.Driver, dir string) {
	var want sampleWant
	readYAML(t, filepath.Join(dir, "want.yaml"), &want)
	db := loadSample(t, d, dir)

	for _, def := range transform.Facts {
		got := rowTexts(t, db, def)
		var wanted []string
		for _, row := range want.Tables[def.Name] {
			wanted = append(wanted, rowText(row))
		}
		slices.Sort(wanted)
		if g, w := strings.Join(got, "\n"), strings.Join(wanted, "\n"); g != w {
			t.Errorf("%s\n%s", def.Name, lineDiff(g, w))
		}
	}
	for name := range want.Tables {
		if !slices.ContainsFunc(transform.Facts, func(d *transform.TableDef) bool { return d.Name == name }) {
			t.Errorf("want.yaml names table %s, which does not exist", name)
		}
	}
	checkIssues(t, db, "findings", want.Findings)
	checkIssues(t, db, "rejects", want.Rejects)
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalWithOptions(data, into, yaml.Strict()); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// samplePages reads the pages of a case: its own, or those of its numbered
// subfolders in order.
func samplePages(t *testing.T, dir string) []samplePage {
	t.Helper()
	var pages []samplePage
	folders := []string{dir}
	if _, err := os.Stat(filepath.Join(dir, "page.yaml")); err != nil {
		if folders, err = filepath.Glob(filepath.Join(dir, "[0-9]*")); err != nil || len(folders) == 0 {
			t.Fatalf("%s has neither page.yaml nor numbered folders", dir)
		}
		slices.Sort(folders)
	}
	for _, folder := range folders {
		var p samplePage
		readYAML(t, filepath.Join(folder, "page.yaml"), &p)
		var err error
		if p.body, err = os.ReadFile(filepath.Join(folder, "answer.json")); err != nil {
			t.Fatal(err)
		}
		pages = append(pages, p)
	}
	return pages
}

func loadSample(t *testing.T, d extract.Driver, dir string) *sql.DB {
	t.Helper()
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	account, err := d.Open(func(into any) error {
		data, err := os.ReadFile(filepath.Join(dir, "account.yaml"))
		if err != nil {
			return err
		}
		return yaml.UnmarshalWithOptions(data, into, yaml.Strict())
	}, extract.Env{Now: time.Now, Zone: shanghai, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	w, err := load.Open(t.Context(), load.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	run := ledger.Run{ID: "sample", At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	settings := account.Settings()
	stage, err := w.Stage(run, loadSource(&d), settings.Account, filepath.Join(t.TempDir(), "stage"))
	if err != nil {
		t.Fatal(err)
	}
	defer stage.Discard()
	batches := map[string]*transform.Batch{}
	for i, p := range samplePages(t, dir) {
		b := batches[p.Stream]
		if b == nil {
			b = transform.NewBatch(transform.Origin{
				Source: d.Name, Account: settings.Account, Stream: p.Stream,
				Calendar: settings.Calendar(), Currency: settings.Currency, Privacy: samplePrivacy,
			})
			batches[p.Stream] = b
		}
		b.Begin(transform.PageOrigin{Ref: fmt.Sprintf("sample:%d", i+1), SHA256: "00", Window: stage.Begin(ledger.Window{Stream: p.Stream})})
		page := &extract.Page{
			Stream: p.Stream, Filter: p.Filter, Body: p.body, Status: 200, At: run.At,
			Subject: extract.Subject{OrderID: p.Subject.OrderID, Number: p.Subject.Number},
		}
		if _, err := account.Decode(page, b); err != nil {
			t.Fatalf("decode page %d: %v", i+1, err)
		}
	}
	for stream, b := range batches {
		err := b.Take(func(table string, rec arrow.RecordBatch) error { return stage.Write(stream, table, rec) })
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := stage.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := stage.Discard(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", path+"?access_mode=READ_ONLY")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// samplePrivacy is the contract's default policy.
var samplePrivacy = transform.Privacy{
	Names: transform.Mask, Phones: transform.Mask, Emails: transform.Mask,
	Documents: transform.Hash, Addresses: transform.Drop, Rooms: transform.Keep,
	Key: []byte("sample-key"),
}

// rowTexts gives the rows of a table, each as "column=value" lines of what is
// not null, sorted.
func rowTexts(t *testing.T, db *sql.DB, def *transform.TableDef) []string {
	t.Helper()
	var names, exprs []string
	for _, f := range def.Schema.Fields()[2:] { // but source and account
		switch {
		case f.Name == transform.ColSeq || f.Name == transform.ColPayload || f.Name == transform.ColLandingRef:
			continue
		case f.Type.ID() == arrow.TIMESTAMP:
			exprs = append(exprs, fmt.Sprintf("replace(strftime(%s AT TIME ZONE 'UTC', '%%Y-%%m-%%dT%%H:%%M:%%S.%%fZ'), '.000000Z', 'Z')", f.Name))
		default:
			exprs = append(exprs, f.Name+"::VARCHAR")
		}
		names = append(names, f.Name)
	}
	rows, err := db.Query("SELECT " + strings.Join(exprs, ", ") + " FROM main." + def.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var texts []string
	for rows.Next() {
		values := make([]sql.NullString, len(names))
		into := make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := map[string]any{}
		for i, v := range values {
			if v.Valid {
				row[names[i]] = v.String
			}
		}
		texts = append(texts, rowText(row))
	}
	slices.Sort(texts)
	return texts
}

func rowText(row map[string]any) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(row)) {
		fmt.Fprintf(&b, "%s=%v\n", name, row[name])
	}
	return b.String()
}

func checkIssues(t *testing.T, db *sql.DB, table string, want []sampleIssue) {
	t.Helper()
	rows, err := db.Query("SELECT field, reason, coalesce(raw, '') FROM audit." + table + " ORDER BY ALL")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	left := slices.Clone(want)
	for rows.Next() {
		var got sampleIssue
		if err := rows.Scan(&got.Field, &got.Reason, &got.Raw); err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(left, func(w sampleIssue) bool {
			return w.Field == got.Field && strings.Contains(got.Reason, w.Reason) && w.Raw == got.Raw
		})
		if i < 0 {
			t.Errorf("%s: unexpected %+v", table, got)
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, w := range left {
		t.Errorf("%s: missing %+v", table, w)
	}
}

// lineDiff shows the lines of which one side has more.
func lineDiff(got, want string) string {
	count := map[string]int{}
	for line := range strings.SplitSeq(got, "\n") {
		count[line]++
	}
	for line := range strings.SplitSeq(want, "\n") {
		count[line]--
	}
	var b strings.Builder
	for _, line := range slices.Sorted(maps.Keys(count)) {
		switch n := count[line]; {
		case n > 0:
			fmt.Fprintf(&b, "  in the database only: %s\n", line)
		case n < 0:
			fmt.Fprintf(&b, "  in want.yaml only:    %s\n", line)
		}
	}
	return b.String()
}
