package extracttest

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/nightaudit/nightaudit/extract"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/transform"
)

// NewBatch is a batch for one page of stream, of an account under the default
// policy of privacy.
func NewBatch(a extract.Source, stream string) *transform.Batch {
	s := a.Settings()
	b := transform.NewBatch(transform.Origin{
		Source: "test", Account: s.Account, Stream: stream,
		Calendar: s.Calendar(), Currency: s.Currency, Privacy: Privacy(),
	})
	b.Begin(transform.PageOrigin{Ref: stream + ".jsonl:1", SHA256: "00"})
	return b
}

// BenchDecode measures how a decodes page, which holds rows records, into
// rows of Arrow.
func BenchDecode(b *testing.B, a extract.Source, page *extract.Page, rows int) {
	b.Helper()
	batch := NewBatch(a, page.Stream)
	b.SetBytes(int64(len(page.Body)))
	b.ReportAllocs()
	for b.Loop() {
		batch.Begin(transform.PageOrigin{Ref: "page.jsonl:1", SHA256: "00", Body: page.Body})
		facts, err := a.Decode(page, batch)
		if err != nil || facts.Rows != rows {
			b.Fatalf("%d records, want %d; error %v", facts.Rows, rows, err)
		}
		if batch.Rows() > 10_000 {
			if err := batch.Take(func(string, arrow.RecordBatch) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// CheckDictionary fails the test unless the dictionary's from names, for each
// column that a member of the vendor's answers fills, that member.
func CheckDictionary(t testing.TB, source string, fields ...interface{ Declared() []transform.Declared }) {
	t.Helper()
	dictionary, err := sqlfiles.Dictionary()
	if err != nil {
		t.Fatal(err)
	}
	from := func(table, column string) (text string) {
		for _, field := range dictionary.Table(table).Column(column).From {
			if field.Source == source || field.Source == sqlfiles.Own {
				text = field.Name
			}
		}
		return text
	}
	for _, f := range fields {
		for _, d := range f.Declared() {
			text := from(d.Table, d.Column)
			if text == "the order's" {
				text = from(transform.TableOrders, d.Column)
			}
			if text == "" || !strings.Contains(text, d.Path) {
				t.Errorf("%s.%s: from says %q of %s, which fills it with %q", d.Table, d.Column, text, source, cmp.Or(d.Path, "what its code computes"))
			}
		}
	}
}

// CheckCarries fails the test if a stream of d says that it carries a table
// of facts or a column that does not exist.
func CheckCarries(t testing.TB, d extract.Driver) {
	t.Helper()
	known := map[string][]string{}
	for _, def := range transform.Facts {
		known[def.Name] = def.Columns()
	}
	for _, s := range d.Streams {
		for table, columns := range s.Carries {
			if known[table] == nil {
				t.Errorf("stream %s of %s carries %s, which is no table", s.Name, d.Name, table)
			}
			for _, column := range columns {
				if !slices.Contains(known[table], column) {
					t.Errorf("stream %s of %s carries %s, which is no column of %s", s.Name, d.Name, column, table)
				}
			}
		}
	}
}
