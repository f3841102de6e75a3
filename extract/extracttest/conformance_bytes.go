package extracttest

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// badBytes is one way in which an answer is no JSON, or not in UTF-8.
type badBytes struct {
	name string
	// member is what stands behind the id of one order, in every answer that has
	// it; else answer changes every answer.
	member string
	answer func(body []byte) []byte
	header string // Content-Type
	// Whether the order is named by a finding or by a reject, and of which field.
	finding, reject bool
	// unnamed is a finding without an order.
	unnamed bool
}

var allBadBytes = []badBytes{
	{name: "a line break in a text", member: ",\"odd\":\"a\nb\"", finding: true},
	{name: "a tab in a text", member: ",\"odd\":\"a\tb\"", finding: true},
	{name: "NaN", member: `,"odd":NaN`, finding: true},
	{name: "half a pair of surrogates", member: `,"odd":"\ud83d"`},
	{name: "a quote in a text", member: `,"odd":"5" tall and "wide""`, reject: true},
	{name: "two numbers", member: `,"odd":1 2`, reject: true},
	{name: "a byte order mark", answer: func(b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) }},
	{name: "bytes after the end", answer: func(b []byte) []byte { return append(slices.Clone(b), "<!-- 3 ms -->"...) }, unnamed: true},
	{name: "GBK", header: "application/json;charset=GBK", answer: inGBK},
	{name: "GB18030", header: "application/json; charset=gb18030", answer: inGBK},
	{name: "UTF-8 said to be latin1", header: "application/json;charset=ISO-8859-1", answer: func(b []byte) []byte { return b }},
	{name: "UTF-16", answer: inUTF16},
}

func inGBK(b []byte) []byte {
	text, err := simplifiedchinese.GB18030.NewEncoder().Bytes(b)
	if err != nil {
		panic(err) // the simulators' answers are UTF-8
	}
	return text
}

func inUTF16(b []byte) []byte {
	text, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes(b)
	if err != nil {
		panic(err)
	}
	return text
}

// spoiled is a vendor whose answers are spoiled.
type spoiled struct {
	*Vendor
	inner interface {
		http.Handler
		Refused() []string
	}
	bad badBytes
	id  *regexp.Regexp // of the order, as a value
}

func (s *spoiled) Refused() []string { return s.inner.Refused() }

func (s *spoiled) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	s.inner.ServeHTTP(answer, r)
	maps.Copy(w.Header(), answer.Header())
	body := answer.Body.Bytes()
	if s.IsRead(r) && answer.Code == http.StatusOK {
		if s.bad.answer != nil {
			body = s.bad.answer(body)
		} else if at := s.id.FindIndex(body); at != nil {
			body = slices.Concat(body[:at[1]], []byte(s.bad.member), body[at[1]:])
		}
		if s.bad.header != "" {
			w.Header().Set("Content-Type", s.bad.header)
		}
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body) // a client that hung up is no concern of the vendor's
}

// testBytes: whatever is wrong with the bytes of one order, all others arrive,
// and that one is named; what is wrong with an answer as a whole costs nothing.
func testBytes(t *testing.T, s Subject) {
	const orders, hit = 30, 7
	o := opening{orders: orders, pageSize: s.PageSize, workers: 1, direct: true}
	want, err := s.open(t, o).fetch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range allBadBytes {
		t.Run(bad.name, func(t *testing.T) {
			var id string
			subject := s
			subject.New = func(t testing.TB, n int) *Vendor {
				v := s.New(t, n)
				id = v.ID(hit)
				v.Handler = &spoiled{v, v.Handler, bad, regexp.MustCompile(`:\s*"?` + regexp.QuoteMeta(id) + `"?`)}
				return v
			}
			night, err := subject.open(t, o).fetch(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			checkNamed(t, bad, id, night)
			without := ""
			if bad.reject {
				without = id
			}
			for _, table := range slices.Sorted(maps.Keys(want.Tables)) {
				sound := slices.DeleteFunc(slices.Clone(want.Tables[table]), func(r Row) bool { return without != "" && r["order_id"] == without })
				if !slices.EqualFunc(sound, night.Tables[table], maps.Equal) {
					t.Errorf("%s: %d rows, want %d: those of all orders that are sound", table, len(night.Tables[table]), len(sound))
				}
			}
		})
	}
}

// checkNamed fails the test unless the order that is bad is named, by a finding
// or by a reject, with the field and the place, and no other is.
func checkNamed(t *testing.T, bad badBytes, id string, night *Night) {
	t.Helper()
	place := regexp.MustCompile(`\(byte [0-9]+ of the (record|answer)\)$`)
	count := func(issues []Issue, named bool) (n int) {
		for _, i := range issues {
			if !place.MatchString(i.Reason) {
				continue
			}
			n++
			if named && (i.OrderID != id || i.Field != "odd") || !named && i.OrderID != "" {
				t.Errorf("named: %+v", i)
			}
		}
		return n
	}
	found, refused := count(night.Findings, !bad.unnamed), count(night.Rejects, true)
	if (found > 0) != (bad.finding || bad.unnamed) || (refused > 0) != bad.reject {
		t.Errorf("%d findings and %d rejects tell of it", found, refused)
	}
}
