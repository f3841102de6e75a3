package httpx_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// Whoever hears the dates of a call is told of every answer, that of a vendor in
// trouble too, and of one that states no time.
func TestDatesAreTold(t *testing.T) {
	at := time.Date(2026, 4, 10, 3, 0, 0, 0, time.UTC)
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n++
		switch n {
		case 1:
			w.Header().Set("Date", at.Format(http.TimeFormat))
			w.WriteHeader(http.StatusInternalServerError)
			return
		case 2:
			w.Header()["Date"] = nil
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Date", at.Add(time.Minute).Format(http.TimeFormat))
		fmt.Fprint(w, `{}`)
	}))
	defer server.Close()
	c := httpx.New(httpx.Options{
		BaseURL: server.URL, Allow: []httpx.Read{{Method: "GET", Path: "/orders"}},
		Limits: extract.HTTPLimits{Retries: 3, Sleep: func(context.Context, time.Duration) error { return nil }},
	})
	var told []time.Time
	ctx := extract.HearDates(t.Context(), func(date time.Time) { told = append(told, date) })
	if _, err := c.Do(ctx, httpx.Call{Op: "read", Method: "GET", Path: "/orders"}); err != nil {
		t.Fatal(err)
	}
	if want := []time.Time{at, {}, at.Add(time.Minute)}; !slices.EqualFunc(told, want, time.Time.Equal) {
		t.Errorf("told %v, want %v", told, want)
	}
}
