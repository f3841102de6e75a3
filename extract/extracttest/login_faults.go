package extracttest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

// testFails: a log-in is worth trying again for the same reasons as a read, as
// often as a read, and what stays is final.
func (l *LogIn) testFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault Fault
		asked int // how often where it is answered so for ever
		class extract.Class
	}{
		{"down", Fault{Status: 502}, 1 + retries, extract.Transient},
		{"reset", Fault{Reset: true}, 1 + retries, extract.Transient},
		{"empty", Fault{}, 1 + retries, extract.Transient},
		{"a page of HTML", Fault{Body: "<html>leaked"}, 3, extract.Permanent},
		{"ends early", Fault{Body: `{"success":true,"result":{"access_token":"leaked`}, 3, extract.Permanent},
		{"no token", Fault{Body: `{"success":true,"result":{}}`}, 3, extract.Permanent},
		{"401", Fault{Status: 401, Body: "<html>leaked"}, 2, extract.Permanent},
		{"403", Fault{Status: 403, Body: "<html>leaked"}, 2, extract.Permanent},
		{"404", Fault{Status: 404, Body: "<html>leaked"}, 2, extract.Permanent},
		{"400", Fault{Status: 400}, 1, extract.Permanent},
	} {
		b := l.bench(t)
		b.oneShot, b.retries = c.fault.Reset, retries
		b.script.Next(forever, nil, c.fault)
		err := readOrders(t, b.client(t, ClientSecret))
		var e *extract.Error
		if n := b.script.Requests(); !errors.As(err, &e) || e.Class != c.class || e.Op != "log in" || n != c.asked || strings.Contains(err.Error(), "leaked") {
			t.Errorf("%s for ever: error %v after %d requests, want one of the log-in and class %v after %d", c.name, err, n, c.class, c.asked)
		}
		if c.asked == 1 {
			continue
		}
		b = l.bench(t)
		b.oneShot, b.retries = c.fault.Reset, retries
		b.script.Next(c.asked-1, nil, c.fault)
		if err := readOrders(t, b.client(t, ClientSecret)); err != nil {
			t.Errorf("%s, %d times: %v", c.name, c.asked-1, err)
		}
		if n := b.script.Requests(); n != c.asked-1+2 { // log-in, read
			t.Errorf("%s, %d times: %d requests, want %d", c.name, c.asked-1, n, c.asked-1+2)
		}
	}
}

// testRenewalFails: a renewal that fails for a moment is tried again, one that
// is answered by what is no answer is replaced by a log-in, and no error shows
// the refresh token, wherever that stands.
func (l *LogIn) testRenewalFails(t *testing.T) {
	for _, c := range []struct {
		name     string
		fault    Fault
		times    int
		requests int // besides the log-in and the read of the evening before
		class    extract.Class
		ok       bool
	}{
		{"down twice", Fault{Status: 502}, 2, 2 + 2, 0, true},          // renewal, read
		{"a page of HTML", Fault{Body: "<html>"}, 1, 1 + 2, 0, true},   // log-in, read
		{"HTML, thrice", Fault{Body: "<html>"}, 3, 2 + 1 + 2, 0, true}, // renewal, log-in, renewal; log-in, read
		{"down for ever", Fault{Status: 502}, forever, 3, extract.Transient, false},
		{"HTML for ever", Fault{Body: "<html>"}, forever, 3 * 2, extract.Permanent, false}, // a renewal and a log-in each time
	} {
		b := l.bench(t)
		client := b.client(t, ClientSecret)
		if err := readOrders(t, client); err != nil {
			t.Fatal(err)
		}
		b.forward(3 * time.Hour)
		b.script.Next(c.times, nil, c.fault)
		err := readOrders(t, client)
		if (err == nil) != c.ok || extract.ClassOf(err) != c.class || strings.Contains(fmt.Sprint(err), "refresh-") {
			t.Errorf("%s: error %v, want class %v without the token", c.name, err, c.class)
		}
		if n := b.script.Requests() - 2; n != c.requests {
			t.Errorf("%s: %d requests, want %d", c.name, n, c.requests)
		}
	}
}
