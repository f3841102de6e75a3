package extracttest

import (
	"net/http"
	"net/http/httptest"
)

// Direct is a transport that calls vendor in the process, for tests of what
// is read and not of how it travels.
func Direct(vendor http.Handler) http.RoundTripper { return direct{vendor} }

// DirectAddress is a base address for Direct.
const DirectAddress = "https://vendor.example"

type direct struct{ vendor http.Handler }

func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	arrived := req.Clone(req.Context())
	arrived.RequestURI, arrived.Host = req.URL.RequestURI(), req.URL.Host
	if arrived.Body == nil {
		arrived.Body = http.NoBody
	}
	defer func() { _ = arrived.Body.Close() }() // of memory
	answer := httptest.NewRecorder()
	d.vendor.ServeHTTP(answer, arrived)
	resp := answer.Result()
	resp.Request = req
	return resp, nil
}
