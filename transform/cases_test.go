package transform

import (
	"bufio"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/go-faster/jx"
)

// textCase is one line of testdata/money.txt or instants.txt.
type textCase struct {
	line     int
	encoding string // the word of the section's heading
	argument string // what follows it there: a currency, a zone
	json     string // the value as it stands in the answer
	want     string
}

// readCases reads a file of cases; the files explain themselves.
func readCases(t testing.TB, path string) []textCase {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []textCase
	var c textCase
	lines := bufio.NewScanner(f)
	for c.line = 1; lines.Scan(); c.line++ {
		text := lines.Text()
		if heading, ok := strings.CutPrefix(text, "== "); ok {
			c.encoding, _, _ = strings.Cut(heading, "  ") // the rest is for the reader
			c.encoding, c.argument, _ = strings.Cut(c.encoding, " ")
			continue
		}
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		columns := strings.Split(text, " | ")
		if len(columns) < 2 || c.encoding == "" {
			t.Fatalf("%s:%d: not a case: %s", path, c.line, text)
		}
		c.json, c.want = columns[0], columns[1]
		cases = append(cases, c)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return cases
}

// outcome is what became of a value: its text, and the findings about it.
type outcome struct {
	value  string // "" where it is null
	issues []issue
}

type issue struct{ field, reason, raw string }

// issuesOf empties b and gives the findings and rejects that it held.
func issuesOf(t testing.TB, b *Batch) []issue {
	t.Helper()
	var issues []issue
	err := b.Take(func(table string, rec arrow.RecordBatch) error {
		if table != TableIssues {
			return nil
		}
		column := func(name string) *array.String {
			return rec.Column(rec.Schema().FieldIndices(name)[0]).(*array.String)
		}
		for i := range int(rec.NumRows()) {
			issues = append(issues, issue{
				strings.Clone(column("field").Value(i)), strings.Clone(column("reason").Value(i)), strings.Clone(column("raw").Value(i)),
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return issues
}

// checkCases runs the cases of a file; read tells what a value is worth.
func checkCases(t *testing.T, path string, least int, read func(t *testing.T, c *textCase, r *Record, s Scalar) string) {
	cases := readCases(t, path)
	if len(cases) < least {
		t.Errorf("%s has %d cases, at least %d are wanted", path, len(cases), least)
	}
	seen := map[[3]string]int{}
	for _, c := range cases {
		if first := seen[[3]string{c.encoding, c.argument, c.json}]; first > 0 {
			t.Errorf("%s:%d: the case of line %d once more", path, c.line, first)
		}
		seen[[3]string{c.encoding, c.argument, c.json}] = c.line
		var s Scalar
		err := ReadDocument([]byte(c.json), func(d *jx.Decoder) error { return s.Read(d) })
		if (err != nil) != (c.want == "not JSON") {
			t.Errorf("%s:%d: %s: error %v, want %s", path, c.line, c.json, err, c.want)
		}
		if err != nil {
			continue
		}
		b := NewBatch(Origin{Source: "test", Account: "a", Currency: "CNY"})
		var got outcome
		got.value = read(t, &c, b.Record("1", "", -1), s)
		got.issues = issuesOf(t, b)
		checkOutcome(t, path, &c, &s, got)
	}
}

func checkOutcome(t *testing.T, path string, c *textCase, s *Scalar, got outcome) {
	t.Helper()
	value, finding, doubted := strings.Cut(c.want, "finding: ")
	value = strings.TrimSuffix(value, ", ")
	if value == "absent" {
		value = ""
	}
	if got.value != value {
		t.Errorf("%s:%d: %s %s of %s is %q, want %q", path, c.line, c.encoding, c.argument, c.json, got.value, value)
	}
	if !doubted {
		if len(got.issues) > 0 {
			t.Errorf("%s:%d: %s %s: unexpected %+v", path, c.line, c.encoding, c.json, got.issues)
		}
		return
	}
	if len(got.issues) != 1 || !utf8.ValidString(got.issues[0].raw) || got.issues[0].field != "f" || got.issues[0].raw != s.Text || !strings.Contains(got.issues[0].reason, finding) {
		t.Errorf("%s:%d: %s %s: %+v, want one finding of f with the vendor's text and %q", path, c.line, c.encoding, c.json, got.issues, finding)
	}
}

func unitsText(units int64, valid bool, scale int32) string {
	if !valid {
		return ""
	}
	return decimal128.FromI64(units).ToString(scale)
}

func (m Money) text() string { return unitsText(m.Units, m.Valid, moneyScale) }
func (v Rate) text() string  { return unitsText(v.Units, v.Valid, priceScale) }
func (n Count) text() string { return unitsText(n.N, n.Valid, 0) }
func (i Instant) text() string {
	if !i.Valid {
		return ""
	}
	return i.Time().Format(time.RFC3339Nano)
}

// Every text of an amount that was thought of, for every encoding of amounts.
func TestMoneyTexts(t *testing.T) {
	checkCases(t, "testdata/money.txt", 150, func(t *testing.T, c *textCase, r *Record, s Scalar) string {
		switch c.encoding {
		case "money":
			return (&Decimal{s}).Money(r, "f").text()
		case "rate":
			return (&Decimal{s}).Rate(r, "f").text()
		case "minor":
			return (&Fen{s}).Money(r, "f", c.argument).text()
		case "count":
			return (&Integer{s}).Count(r, "f").text()
		case "quantity":
			return (&Integer{s}).Rate(r, "f").text()
		case "code":
			return (&Integer{s}).Code(r, "f")
		}
		t.Fatalf("line %d: no such encoding: %s", c.line, c.encoding)
		return ""
	})
}

// Every text of a time that was thought of, for every encoding of times.
func TestTimeTexts(t *testing.T) {
	checkCases(t, "testdata/instants.txt", 100, func(t *testing.T, c *textCase, r *Record, s Scalar) string {
		switch c.encoding {
		case "milliseconds":
			if c.argument != "" {
				return (&MillisOrSeconds{s}).Instant(r, "f").text()
			}
			return (&Millis{s}).Instant(r, "f").text()
		case "seconds":
			return (&Seconds{s}).Instant(r, "f").text()
		case "iso8601":
			return (&ISO8601{s}).Instant(r, "f").text()
		case "utc":
			return (&UTCTime{s}).Instant(r, "f").text()
		case "local":
			r.batch.origin.Calendar.Zone = zone(t, c.argument)
			return (&LocalTime{s}).Instant(r, "f").text()
		case "day":
			return (&LocalDay{s}).Date(r, "f").String()
		case "business":
			name, start, _ := strings.Cut(c.argument, " ")
			at, err := time.Parse("15:04", start)
			if err != nil {
				t.Fatalf("line %d: %v", c.line, err)
			}
			cal := Calendar{zone(t, name), time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute}
			return cal.BusinessDate((&ISO8601{s}).Instant(r, "f")).String()
		}
		t.Fatalf("line %d: no such encoding: %s", c.line, c.encoding)
		return ""
	})
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}
