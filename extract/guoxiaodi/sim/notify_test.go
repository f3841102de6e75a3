package sim

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// The vendor asks at 0, 5, 15, 35 and 75 s, until it is answered with OK.
func TestNotify(t *testing.T) {
	for _, c := range []struct {
		answers []string
		taken   bool
		waits   string
	}{
		{[]string{"OK"}, true, "[]"},
		{[]string{"ok\n"}, true, "[]"},
		{[]string{"", "NO", "Ok"}, true, "[5s 10s]"},
		{[]string{"1", "2", "3", "4", "5", "OK"}, false, "[5s 10s 20s 40s]"},
	} {
		var waits []time.Duration
		var bodies []string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			_, _ = io.WriteString(w, c.answers[len(bodies)])
			bodies = append(bodies, r.Method+" "+string(body))
		}))
		n := Notifier{URL: server.URL, Sleep: func(_ context.Context, d time.Duration) error {
			waits = append(waits, d)
			return nil
		}}
		attempts, taken, err := n.Notify(context.Background(), Notification{OrderNo: "Y1", ExpressStatus: "RECEIVED", HappenTime: 1607929171334})
		server.Close()
		if err != nil || taken != c.taken || attempts != len(waits)+1 || len(bodies) != attempts || fmt.Sprint(waits) != c.waits {
			t.Errorf("%q: taken %v after %d attempts, waits %v, %v", c.answers, taken, attempts, waits, err)
		}
		slices.Sort(bodies)
		if got := slices.Compact(bodies); len(got) != 1 || got[0] != `POST {"orderNo":"Y1","sourceOrderNo":"","expressStatus":"RECEIVED","happenTime":1607929171334,"expressWorkerName":"","expressWorkerPhone":"","cancelDeductionsAmount":""}` {
			t.Errorf("posted %q", got)
		}
	}
}
