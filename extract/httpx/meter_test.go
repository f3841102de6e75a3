package httpx_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/httpx"
	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// slow answers after a while, each request with what is next.
type slow struct {
	after   time.Duration
	answers []extracttest.Fault
}

func (s *slow) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(s.after)
	next := s.answers[0]
	s.answers = s.answers[1:]
	return &http.Response{
		StatusCode: next.Status, Header: next.Header, ContentLength: int64(len(next.Body)), Request: r,
		Body: io.NopCloser(strings.NewReader(next.Body)),
	}, nil
}

// Five requests a second, each answered after 50 ms, one after the other: the first
// goes at once, the second 150 ms after the answer to it. That is answered with 429
// and a wish for 2 s; by then the rate lets the third go at once, and the fourth
// again 150 ms after its answer. Fetched were four answers of 16, 6, 16 and 16 bytes
// in 200 ms, waited was for 150 + 2000 + 150 ms, in three times.
func TestTimesOfRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		vendor := &slow{50 * time.Millisecond, []extracttest.Fault{
			{Status: 200, Body: success},
			{Status: 429, Body: `{"a":1`, Header: http.Header{"Retry-After": {"2"}}},
			{Status: 200, Body: success},
			{Status: 200, Body: success},
		}}
		client := httpx.New(httpx.Options{
			BaseURL: "http://vendor.example", Rate: 5, Transport: vendor, Limits: extract.HTTPLimits{Retries: 2, MaxWait: time.Minute},
			Allow: []httpx.Read{{Method: http.MethodPost, Path: "/orders/list"}}, Check: check,
		})
		var m meter.Meter
		var waits []string
		ctx := extract.HearWaits(meter.With(t.Context(), &m), func(d time.Duration, why string) {
			waits = append(waits, d.Round(time.Millisecond).String()+" "+why)
		})
		for range 3 {
			if _, err := client.Do(ctx, ordersCall); err != nil {
				t.Fatal(err)
			}
		}
		want := map[meter.Stage]meter.Reading{
			meter.Wait:  {Microseconds: 2_300_000, Amount: meter.Amount{Calls: 3}},
			meter.Fetch: {Microseconds: 200_000, Amount: meter.Amount{Calls: 4, Bytes: 54}},
		}
		for _, got := range m.Readings("", ledger.AccountID{}) {
			w := want[got.Stage]
			delete(want, got.Stage)
			// The limiter reckons in seconds as floats.
			if off := got.Microseconds - w.Microseconds; off < -1 || off > 1 || got.Amount != w.Amount {
				t.Errorf("%s: %d µs, %+v; want %d, %+v", got.Stage, got.Microseconds, got.Amount, w.Microseconds, w.Amount)
			}
		}
		if len(want) > 0 {
			t.Errorf("not measured: %v", want)
		}
		if told := strings.Join(waits, ", "); told != "150ms , 2s 429, 150ms " {
			t.Errorf("told of the waits %q", told)
		}
	})
}
