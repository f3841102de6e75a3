package extracttest

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"net/http"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

// retries is http.retries of these tests: more than any fault that is not the
// network's or the vendor's own is asked again.
const retries = 4

// faultTest is one kind of wrong answer.
type faultTest struct {
	name  string
	fault Fault
	// asked is how often a read is sent that is answered so for ever, and class
	// the error's then. One wrong answer less, and nothing is lost; 1 is a
	// fault that is final at once.
	asked int
	class extract.Class
	logIn bool // between two of these reads, where tokens can be renewed

	once    bool          // tried once only: the vendor does not answer, which takes time
	slept   time.Duration // a wait that must have been asked for
	timeout time.Duration
}

// patience is the timeout of tests in which the vendor does not answer: long
// enough for a busy machine to answer all other calls.
const patience = 400 * time.Millisecond

// faults are the table of httpx (pauses), row by row, as a source meets it.
func (s Subject) faults() []faultTest {
	const (
		all   = 1 + retries // the network, and a vendor that is down or busy
		twice = 1 + 2       // what is no answer of the vendor's
		once  = 1 + 1       // what mostly stays
		never = 1
	)
	html := http.Header{"Content-Type": {"text/html"}}
	retryDate := http.Header{"Date": {"Sat, 08 Mar 2025 04:00:00 GMT"}, "Retry-After": {"Sat, 08 Mar 2025 04:01:30 GMT"}}
	const half = `{"success":true,"error_code":0,"code":0,"result":[{"a":1},{"b":`
	tests := []faultTest{
		{name: "429", fault: Fault{Status: 429}, asked: all, class: extract.Limited},
		{name: "429 with Retry-After", fault: Fault{Status: 429, Header: http.Header{"Retry-After": {"7"}}}, asked: all, class: extract.Limited, slept: 7 * time.Second},
		{name: "429 with a date", fault: Fault{Status: 429, Header: retryDate}, asked: all, class: extract.Limited, slept: 90 * time.Second},
		{name: "500", fault: Fault{Status: 500, Body: "Internal Server Error"}, asked: all, class: extract.Transient},
		{name: "502", fault: Fault{Status: 502, Header: html, Body: "<html>"}, asked: all, class: extract.Transient},
		{name: "503", fault: Fault{Status: 503}, asked: all, class: extract.Transient},
		{name: "reset", fault: Fault{Reset: true}, asked: all, class: extract.Transient},
		{name: "timeout", fault: Fault{Hang: true}, once: true, timeout: patience},
		{name: "slow drip", fault: Fault{Drip: true, Body: `{"success":true}`}, once: true, timeout: patience},
		{name: "connection closed within the answer", fault: Fault{Truncated: true, Body: `{"success":true,"`}, asked: all, class: extract.Transient},
		{name: "empty answer", fault: Fault{}, asked: all, class: extract.Transient},

		{name: "HTML with 200", fault: Fault{Header: html, Body: "<html>log in</html>"}, asked: twice},
		{name: "204", fault: Fault{Status: 204}, asked: twice},
		{name: "ends early", fault: Fault{Body: half}, asked: twice},
		{name: "ends early, after a bracket", fault: Fault{Body: half + `{}`}, asked: twice},
		{name: "invalid JSON", fault: Fault{Body: `{"success":true,"result":}`}, asked: twice},
		{name: "wrong envelope", fault: Fault{Body: cmp.Or(s.WrongEnvelope, `{"status":"ok"}`)}, asked: twice},
		{name: "wrong shape", fault: Fault{Body: s.WrongShape}, asked: twice},

		{name: "401", fault: Fault{Status: 401}, asked: once, class: extract.Expired, logIn: true},
		{name: "403", fault: Fault{Status: 403, Header: html, Body: "<html>no"}, asked: once},
		{name: "404", fault: Fault{Status: 404, Header: html, Body: "<html>not here"}, asked: once},
		{name: "undocumented code", fault: Fault{Body: s.UnknownCode}, asked: once},

		{name: "400", fault: Fault{Status: 400}, asked: never},
		{name: "gzip bomb", fault: bomb(), asked: never},
	}
	if s.Lists == nil {
		// Of a call about one order such a code is the order's.
		tests[slices.IndexFunc(tests, func(f faultTest) bool { return f.name == "undocumented code" })].asked = never
	}
	if s.RateCode != "" {
		tests = append(tests, faultTest{name: "rate code in a 200", fault: Fault{Body: s.RateCode}, asked: all, class: extract.Limited})
	}
	return tests
}

// largest is http.max_response of these tests, in bytes.
const largest = 1 << 20

// bomb is eight times largest, compressed.
func bomb() Fault {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(bytes.Repeat([]byte("{"), 8*largest)) // to memory
	_ = w.Close()
	return Fault{Header: http.Header{"Content-Encoding": {"gzip"}}, Body: b.String()}
}
