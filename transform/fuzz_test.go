package transform

import (
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-faster/jx"
)

// seedTexts adds every value of the vendors' documented answers, and every
// value of the file of cases, to the corpus.
func seedTexts(f *testing.F, cases string, add func(s Scalar)) {
	f.Helper()
	seen := map[Scalar]bool{}
	read := func(d *jx.Decoder) error {
		var s Scalar
		err := s.Read(d)
		if err == nil && s.Present() && !seen[s] {
			seen[s] = true
			add(s)
		}
		return err
	}
	for _, c := range readCases(f, cases) {
		_ = read(jx.DecodeStr(c.json)) // some cases are no JSON on purpose
	}
	answers := 0
	err := filepath.WalkDir("../testdata/samples", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.Name() != "answer.json" {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		answers++
		return eachValue(jx.DecodeBytes(body), read)
	})
	if err != nil || answers == 0 {
		f.Fatalf("read the documented answers: %d found, error %v", answers, err)
	}
}

// eachValue calls read at every value of a document that is neither an
// object nor an array.
func eachValue(d *jx.Decoder, read func(d *jx.Decoder) error) error {
	switch d.Next() {
	case jx.Object:
		return d.ObjBytes(func(d *jx.Decoder, _ []byte) error { return eachValue(d, read) })
	case jx.Array:
		return d.Arr(func(d *jx.Decoder) error { return eachValue(d, read) })
	}
	return read(d)
}

// plainDecimal is a decimal as JSON has it, or with zeros before it.
var plainDecimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// exactly reads a plain decimal with math/big, nil where text is none. It
// does not read exponents of more than three digits: the number would be too
// long to reckon with.
func exactly(t *testing.T, text string, scale int) (v *big.Rat, skip bool) {
	if !plainDecimal.MatchString(text) {
		return nil, false
	}
	if _, exponent, ok := strings.Cut(strings.ToLower(text), "e"); ok && len(strings.TrimLeft(exponent, "+-0")) > 3 {
		return nil, true
	}
	return scaledBig(t, text, scale), false
}

// fuzzBatch is one batch for all texts of a worker: to make one is slow.
type fuzzBatch struct{ b *Batch }

func newFuzzBatch() fuzzBatch { return fuzzBatch{NewBatch(Origin{Source: "test", Account: "a"})} }

// record begins a record of a batch in which there are no findings.
func (f fuzzBatch) record(t *testing.T, cal Calendar) *Record {
	if f.b.Rows() > 1000 {
		if left := issuesOf(t, f.b); len(left) > 0 {
			t.Errorf("findings that nobody looked at: %+v", left)
		}
	}
	f.b.origin.Calendar = cal
	return f.b.Record("1", "", -1)
}

// checkDoubt fails the test unless r has one finding, of field f, which keeps
// the vendor's text.
func checkDoubt(t *testing.T, r *Record, text string) {
	t.Helper()
	got := issuesOf(t, r.batch)
	text = strings.ToValidUTF8(text, "\uFFFD") // what is staged is UTF-8
	if len(text) > maxRaw {
		text = text[:maxRaw-3] // a cut raw ends at a character, with an ellipsis
	}
	if len(got) != 1 || got[0].field != "f" || got[0].reason == "" || !strings.HasPrefix(got[0].raw, text) {
		t.Errorf("%q: %+v, want one finding with the text", text, got)
	}
}

// FuzzMoney: whatever the text, an amount is exactly what math/big makes of it
// or a finding with the text; what fits its column is never refused; and the
// text of the amount is the amount.
func FuzzMoney(f *testing.F) {
	seedTexts(f, "testdata/money.txt", func(s Scalar) { f.Add(s.Text, s.Kind == Number) })
	type encoding struct {
		name  string
		scale int // of the column
		read  func(s Scalar, r *Record) (units int64, valid bool)
		whole bool // a point or an exponent is refused
		minor int  // decimals of the unit in which the text counts
	}
	fen := func(currency string) func(s Scalar, r *Record) (int64, bool) {
		return func(s Scalar, r *Record) (int64, bool) {
			m := (&Fen{s}).Money(r, "f", currency)
			return m.Units, m.Valid
		}
	}
	encodings := []encoding{
		{"money", 4, func(s Scalar, r *Record) (int64, bool) {
			m := (&Decimal{s}).Money(r, "f")
			return m.Units, m.Valid
		}, false, 0},
		{"rate", 6, func(s Scalar, r *Record) (int64, bool) {
			v := (&Decimal{s}).Rate(r, "f")
			return v.Units, v.Valid
		}, false, 0},
		{"count", 0, func(s Scalar, r *Record) (int64, bool) {
			n := (&Integer{s}).Count(r, "f")
			return n.N, n.Valid
		}, false, 0},
		{"fen", 4, fen("CNY"), true, 2},
		{"yen", 4, fen("JPY"), true, 0},
		{"fils", 4, fen("KWD"), true, 3},
	}
	batch := newFuzzBatch()
	f.Fuzz(func(t *testing.T, text string, number bool) {
		s := Scalar{String, text}
		if number {
			s.Kind = Number
		}
		if !s.Present() {
			return
		}
		for _, e := range encodings {
			r := batch.record(t, Calendar{})
			units, valid := e.read(s, r)
			want, skip := exactly(t, text, e.scale-e.minor)
			if skip {
				issuesOf(t, r.batch)
				continue
			}
			if !valid {
				checkDoubt(t, r, text)
				refusable := want == nil || !fitsColumn(want) || e.whole && strings.ContainsAny(text, ".eE")
				if !refusable {
					t.Errorf("%s: %q was refused, but is %s at scale %d", e.name, text, want.RatString(), e.scale)
				}
				continue
			}
			if r.findings > 0 || want == nil || want.Cmp(new(big.Rat).SetInt64(units)) != 0 || !fitsColumn(want) {
				t.Errorf("%s: %q was read as %d with %d findings, math/big reads %v", e.name, text, units, r.findings, want)
			}
			back := Scalar{String, unitsText(units, true, int32(e.scale))}
			if e.whole {
				back.Text = strconv.FormatInt(units/pow10[e.scale-e.minor], 10)
			}
			if again, ok := e.read(back, r); !ok || again != units {
				t.Errorf("%s: %q was read as %d, its text %s as %d", e.name, text, units, back.Text, again)
			}
		}
	})
}

// fuzzZones have summer time, half hours, a left-out day, and none of these.
var fuzzZones = []string{"Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"}

// FuzzInstant: whatever the text, an instant is the one that it names, of the
// years 2000 to 2100, or a finding with the text; and its business date is the
// day on the zone's clocks, or the day before where they stand before the
// roll.
func FuzzInstant(f *testing.F) {
	z := uint8(0)
	seedTexts(f, "testdata/instants.txt", func(s Scalar) {
		f.Add(s.Text, s.Kind == Number, z, uint16(6*60))
		z++ // each in another zone
	})
	var zones []*time.Location
	for _, name := range fuzzZones {
		zones = append(zones, zone(f, name))
	}
	batch := newFuzzBatch()
	f.Fuzz(func(t *testing.T, text string, number bool, z uint8, roll uint16) {
		s := Scalar{String, text}
		if number {
			s.Kind = Number
		}
		if !s.Present() {
			return
		}
		cal := Calendar{zones[int(z)%len(zones)], time.Duration(roll%1440) * time.Minute}
		for name, read := range map[string]func(r *Record) Instant{
			"milliseconds": func(r *Record) Instant { return (&Millis{s}).Instant(r, "f") },
			"seconds":      func(r *Record) Instant { return (&Seconds{s}).Instant(r, "f") },
			"either":       func(r *Record) Instant { return (&MillisOrSeconds{s}).Instant(r, "f") },
			"iso8601":      func(r *Record) Instant { return (&ISO8601{s}).Instant(r, "f") },
			"utc":          func(r *Record) Instant { return (&UTCTime{s}).Instant(r, "f") },
			"local":        func(r *Record) Instant { return (&LocalTime{s}).Instant(r, "f") },
		} {
			r := batch.record(t, cal)
			at := read(r)
			if !at.Valid {
				checkDoubt(t, r, text)
				continue
			}
			if y := at.Time().Year(); y < 2000 || y > 2100 {
				t.Errorf("%s: %q is of the year %d", name, text, y)
			}
			if !names(t, name, at, text, cal.Zone) {
				t.Errorf("%s: %q was read as %s", name, text, at.text())
			}
			if r.findings > 0 {
				if name != "local" {
					t.Errorf("%s: %q is kept with a finding", name, text)
				}
				checkDoubt(t, r, text) // a time that occurs twice
			}
			checkBusinessDate(t, cal, at)
		}
		r := batch.record(t, cal)
		day := (&LocalDay{s}).Date(r, "f")
		if !day.Valid {
			checkDoubt(t, r, text)
		} else if got := day.String(); text != got && text != got+" 00:00:00" {
			t.Errorf("the day %q was read as %s", text, got)
		}
	})
}

// names reports whether text is the instant in the given encoding.
func names(t *testing.T, encoding string, at Instant, text string, zone *time.Location) bool {
	counts := func(perSecond int64) bool {
		want, skip := exactly(t, text, 0)
		return skip || want != nil && want.Cmp(big.NewRat(at.Micros*perSecond, 1_000_000)) == 0
	}
	switch encoding {
	case "milliseconds":
		return counts(1000)
	case "seconds":
		return counts(1)
	case "either":
		return counts(1000) || counts(1)
	case "utc":
		return at.Time().Format("2006-01-02 15:04:05") == text
	case "local":
		return at.Time().In(zone).Format("2006-01-02 15:04:05") == text
	}
	return isoMicros(text) == strconv.FormatInt(at.Micros, 10)
}

var isoForm = regexp.MustCompile(`^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})0*)?(?:Z|([+-])(\d\d):(\d\d))$`)

// isoMicros reckons the microseconds since 1970 of an ISO-8601 instant by the
// parts of its text; "" where it has not that form.
func isoMicros(text string) string {
	parts := isoForm.FindStringSubmatch(text)
	if parts == nil {
		return ""
	}
	part := func(i int) int64 {
		n, _ := strconv.ParseInt("0"+parts[i], 10, 64) // digits, or nothing
		return n
	}
	// Days since 1970 of the civil calendar, years beginning in March.
	y, m := part(1), part(2)
	if m <= 2 {
		y, m = y-1, m+12
	}
	days := 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + part(3) - 1 - 719468
	seconds := ((days*24+part(4))*60+part(5))*60 + part(6)
	offset := (part(9)*60 + part(10)) * 60
	if parts[8] == "-" {
		offset = -offset
	}
	fraction, _ := strconv.ParseInt((parts[7] + "000000")[:6], 10, 64)
	return strconv.FormatInt((seconds-offset)*1_000_000+fraction, 10)
}

// checkBusinessDate compares with the clocks' own day, or the day before it.
func checkBusinessDate(t *testing.T, cal Calendar, at Instant) {
	t.Helper()
	local := at.Time().In(cal.Zone)
	want := time.Date(local.Year(), local.Month(), local.Day(), 12, 0, 0, 0, time.UTC)
	if since := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute; since < cal.DayStart {
		want = want.AddDate(0, 0, -1)
	}
	if got := cal.BusinessDate(at).String(); got != want.Format("2006-01-02") {
		t.Errorf("the business date of %s in %s, rolling at %s, is %s, want %s", at.text(), cal.Zone, cal.DayStart, got, want.Format("2006-01-02"))
	}
}
