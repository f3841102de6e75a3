package main

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// What docs/recovery.md says of a clock that was ahead, as an operator types it:
// vendor and computer were 40 days ahead together, so the night was taken. The
// night after is refused with exit code 2 and the command that helps; after it
// nights go on. So is a night whose clock alone is ahead.
func TestClockThatWasAhead(t *testing.T) {
	t.Parallel()
	var clock, vendor time.Time
	shop := httptest.NewServer(soms.New(soms.Options{
		Username: shopUser, Password: shopPassword, Now: func() time.Time { return vendor },
		Orders: []soms.Order{shopOrder("A1", "2024-04-10 10:00:00", "20.00")},
	}))
	t.Cleanup(shop.Close)
	file := filepath.Join(t.TempDir(), "nightaudit.yaml")
	config := "version: 1\npii: {key: k}\nsources:\n  soms:\n    - {account: retail, base_url: '" + shop.URL +
		"', tenant_id: '8560', rate: 1000/s, auth: {kind: basic, username: " + shopUser + ", password: '" + shopPassword + "'}}\n"
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	say := func(code int, want string, args ...string) {
		t.Helper()
		var out, said bytes.Buffer
		a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: newConsole(&said, noEnv), getenv: noEnv, now: func() time.Time { return clock }, program: "nightaudit"}
		a.log = slog.New(slog.NewTextHandler(a.stderr, nil))
		got := a.report(t.Context(), a.root().Run(t.Context(), append([]string{"nightaudit", "--config", file}, args...)))
		if text := out.String() + said.String(); got != code || !strings.Contains(text, want) {
			t.Errorf("%v ends with %d and says %q; want %d and %q", args, got, text, code, want)
		}
	}
	truth := time.Date(2024, 4, 11, 3, 0, 0, 0, time.UTC)
	at := func(days, ahead int) { clock, vendor = truth.AddDate(0, 0, days+ahead), truth.AddDate(0, 0, days) }
	at(0, 0)
	say(0, "complete", "run", "--no-report")
	at(40, 0)
	say(0, "complete", "run", "--no-report")
	at(2, 0)
	say(2, "nightaudit replay --correct-clock", "run", "--no-report")
	say(2, "nightaudit replay --correct-clock", "run", "--dry-run")
	say(2, "contradict each other", "replay", "--correct-clock", "--since", "2024-04-11")
	at(2, 1)
	say(2, "nothing was moved", "replay", "--correct-clock")
	at(2, 0)
	say(0, "moved     1 run or entry that stood in the future", "replay", "--correct-clock")
	at(3, 1)
	say(2, "the run's time is 2024-04-15T03:00:00Z, and soms/retail says 2024-04-14T03:00:00Z", "run", "--no-report")
	say(2, "the run's time is 2024-04-15T03:00:00Z, and soms/retail says 2024-04-14T03:00:00Z", "run", "--dry-run")
	at(3, 0)
	say(0, "nothing was loaded", "run", "--dry-run")
	say(0, "complete", "run", "--no-report")
}
