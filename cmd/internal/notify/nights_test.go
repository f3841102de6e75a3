package notify

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/reports/labels"
)

// What people are told over many nights is what stands in testdata/nights, where it
// was worked out by hand: no message is missing and none comes twice. Each night is
// told by a teller of its own, as by a process of its own, that has nothing but the
// file of what was told before; the channel is a server that is down on some nights.
func TestNights(t *testing.T) {
	files, err := filepath.Glob("testdata/nights/*.txt")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d files of nights (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			playNights(t, string(text))
		})
	}
}

// accounts are those of the configuration in all these nights.
var accounts = []string{"soms/retail", "tuya/a", "starhotel/inn", "guoxiaodi/courier"}

// play is a script of nights being played.
type play struct {
	t         *testing.T
	zone      *time.Location
	channel   *Channel
	language  string
	dir       string
	down      bool
	got       []string // messages of the night
	firstSeen map[string]time.Time
}

func playNights(t *testing.T, script string) {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	p := &play{t: t, zone: zone, dir: t.TempDir(), language: labels.English, firstSeen: map[string]time.Time{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.down {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		p.got = append(p.got, string(body))
	}))
	defer server.Close()
	if err := os.WriteFile(filepath.Join(p.dir, "text.tmpl"), []byte("{{.text}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	first, nights, _ := strings.Cut(withoutComments(script), "\nnight ")
	p.open(strings.TrimSpace(first), server.URL)
	for night := range strings.SplitSeq(nights, "\nnight ") {
		p.night(night)
	}
}

func withoutComments(script string) string {
	lines := slices.DeleteFunc(strings.Split(script, "\n"), func(l string) bool { return strings.HasPrefix(l, "#") || strings.TrimSpace(l) == "" })
	return strings.Join(lines, "\n")
}

// open makes the channel that the script's first line describes.
func (p *play) open(first, url string) {
	s := Settings{Kind: "webhook", URL: url, Template: "text.tmpl"}
	for word := range strings.SplitSeq(first, ", ") {
		switch key, value, _ := strings.Cut(word, " "); key {
		case "when":
			s.When = value
		case "min_severity":
			s.MinSeverity = value
		case "locked":
			s.Locked = true
		case "zh":
			p.language = labels.Chinese
		default:
			p.t.Fatalf("the first line says %q", word)
		}
	}
	var err error
	if p.channel, err = s.Open([]string{"kind", "url", "template"}, p.dir); err != nil {
		p.t.Fatal(err)
	}
}

// night plays one night and compares what was told with what was to be.
func (p *play) night(text string) {
	head, told, _ := strings.Cut(text, "\ntold")
	lines := strings.Split(head, "\n")
	at, err := time.ParseInLocation("2006-01-02 15:04", lines[0], p.zone)
	if err != nil {
		p.t.Fatal(err)
	}
	n := Night{At: at, Run: "run of " + lines[0], Checked: true, Configured: slices.Clone(accounts)}
	for _, name := range accounts {
		n.Accounts = append(n.Accounts, Account{Account: name, State: complete})
	}
	p.down, p.got = false, nil
	for _, line := range lines[1:] {
		p.happens(&n, strings.TrimSpace(line))
	}
	n.Outcome = exit.Outcome(n.ExitCode)
	if n.ExitCode == exit.Locked {
		n.Outcome = "locked"
	}
	teller, err := New(Options{
		Channels: []*Channel{p.channel}, Dir: p.dir, Language: p.language, Zone: p.zone,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	if err != nil {
		p.t.Fatal(err)
	}
	teller.Tell(p.t.Context(), n)
	var want []string
	for line := range strings.Lines(strings.TrimPrefix(told, "\n")) {
		want = append(want, strings.TrimSpace(line))
	}
	if got := strings.Join(p.got, "\n--- and a further message\n"); got != strings.Join(want, "\n") {
		p.t.Errorf("night %s\ngot:\n%s\nwant:\n%s", lines[0], got, strings.Join(want, "\n"))
	}
}

// happens is one line of what is wrong with a night.
func (p *play) happens(n *Night, line string) {
	about, words, _ := strings.Cut(line, ": ")
	first, rest, _ := strings.Cut(about, " ")
	switch {
	case line == "channel down":
		p.down = true
	case line == "memory damaged":
		if err := os.WriteFile(filepath.Join(p.dir, "notify.json"), []byte(`{"version":1,"chann`), 0o600); err != nil {
			p.t.Fatal(err)
		}
	case line == "locked":
		n.ExitCode, n.Run, n.Checked, n.Accounts = exit.Locked, "", false, nil
		n.Failure = &Failure{What: "another run is at work"}
	case about == "run failed":
		n.ExitCode, n.Checked, n.Accounts = exit.Failed, false, nil
		n.Failure = &Failure{What: "the night failed", Why: words, Do: "make room"}
	case about == "run in part":
		n.ExitCode, n.InPart = exit.Partial, words
	case about == "run with breaks":
		n.ExitCode, n.InPart = exit.Breaks, words
	case first == "cut":
		n.CutShort = strings.TrimPrefix(line, "cut short ")
	case first == "id":
		n.Run = rest
	case first == "missed":
		n.Missed = strings.Fields(rest)
	case first == "verdict":
		n.Verdict = strings.TrimPrefix(line, "verdict ")
	case first == "only":
		n.Accounts = slices.DeleteFunc(n.Accounts, func(a Account) bool { return a.Account != rest })
	case first == "without":
		n.Accounts = slices.DeleteFunc(n.Accounts, func(a Account) bool { return a.Account == rest })
		n.Configured = slices.DeleteFunc(n.Configured, func(name string) bool { return name == rest })
	case first == "breaks":
		title, severity, _ := strings.Cut(rest, ", ")
		for id := range strings.FieldsSeq(words) {
			if _, known := p.firstSeen[id]; !known {
				p.firstSeen[id] = n.At
			}
			n.Breaks = append(n.Breaks, Break{ID: id, Rule: title, Severity: severity, Title: labels.Words{EN: title, ZH: title}, Order: "soms/retail " + id, FirstSeen: p.firstSeen[id]})
		}
	case slices.Contains(accounts, first):
		n.Accounts = slices.DeleteFunc(n.Accounts, func(a Account) bool { return a.Account == first })
		n.Accounts = append(n.Accounts, Account{Account: first, State: rest, Message: words})
		n.ExitCode = max(n.ExitCode, exit.Partial)
		if n.Failure != nil {
			n.ExitCode = exit.Failed
		}
	default:
		p.t.Fatalf("a night says %q", line)
	}
}
