package notify

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/reports/labels"
)

var update = flag.Bool("update", false, "write the goldens anew")

// open makes a channel of settings, all of whose keys are taken as given.
func open(t *testing.T, s Settings) *Channel {
	t.Helper()
	keys := append([]string{}, kinds[s.Kind].needs...)
	channel, err := s.Open(keys, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return channel
}

// tellerOf is a teller with a memory of its own.
func tellerOf(t *testing.T, o Options, channels ...*Channel) *Teller {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	o.Channels, o.Zone, o.Language = channels, zone, cmp.Or(o.Language, labels.English)
	o.Dir = cmp.Or(o.Dir, t.TempDir())
	teller, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return teller
}

// failing is a night on which one account failed.
func failing(why string) Night {
	return Night{
		Run: "20231114T221320Z-a1b2c3", At: at.UTC(), ExitCode: exit.Partial, Outcome: exit.Outcome(exit.Partial), Configured: accounts, Checked: true,
		Accounts: []Account{{Account: "soms/retail", State: "failed", Message: why}},
	}
}

// clock goes on while somebody sleeps, and only then.
type clock struct{ at time.Time }

func (c *clock) options() Options {
	return Options{
		Now: func() time.Time { return c.at },
		Sleep: func(ctx context.Context, d time.Duration) error {
			c.at = c.at.Add(max(d, 0))
			return ctx.Err()
		},
	}
}

// textLog writes a log without times.
func textLog(into interface{ Write([]byte) (int, error) }) *slog.Logger {
	return slog.New(slog.NewTextHandler(into, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

func indented(t *testing.T, data []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.String() + "\n"
}

// golden compares with a file, or writes it anew.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		write(t, file, got)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant %s:\n%s", got, file, want)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
