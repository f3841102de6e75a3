package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	soms "github.com/nightaudit/nightaudit/extract/soms/sim"

	"github.com/nightaudit/nightaudit/cmd/internal/notify"
	"github.com/nightaudit/nightaudit/load/disk"
)

// group is a hotel group of two shops, a and b, whose nights are told to somebody.
type group struct {
	t       *testing.T
	dir     string
	file    string // the configuration
	limits  notify.Limits
	getenv  func(string) string
	clock   atomic.Int64    // nanoseconds since 1970: a stopped run leaves a vendor at work
	ctx     context.Context // of commands; it ends where shop b is asked and stops is set
	a       *soms.Vendor
	bIsDown atomic.Bool
	stops   atomic.Bool
}

// startGroup begins on 2024-04-11 with an order in each shop. config is what its
// configuration has besides the shops.
func startGroup(t *testing.T, config string) *group {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	g := &group{t: t, ctx: ctx, getenv: noEnv, limits: notify.Limits{Pause: time.Millisecond}, dir: t.TempDir()}
	g.setDay(11)
	options := func(orders ...soms.Order) soms.Options {
		return soms.Options{Username: shopUser, Password: shopPassword, Now: g.now, Orders: orders}
	}
	g.a = soms.New(options(shopOrder("A1", "2024-04-10 10:00:00", "20.00")))
	b := soms.New(options(shopOrder("B1", "2024-04-10 10:00:00", "30.50")))
	text := "version: 1\npii: {documents: drop}\nreport: {language: en}\nhttp: {retries: 0}\n" + config + "sources:\n  soms:\n"
	for name, handler := range map[string]http.Handler{"a": g.a, "b": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Not when it is asked for its time, before the run begins: then nothing is left.
		if g.stops.Load() && len(g.landed()) > 0 {
			stop()
		}
		if g.bIsDown.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		b.ServeHTTP(w, r)
	})} {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		text += fmt.Sprintf("    - {account: %s, base_url: %q, tenant_id: '8560', rate: 1000/s, auth: {kind: basic, username: %s, password: %q}}\n", name, server.URL, shopUser, shopPassword)
	}
	g.file = filepath.Join(g.dir, "nightaudit.yaml")
	write(t, g.file, text)
	return g
}

// landed are the records of the night of 2024-04-11, which in UTC is still the 10th.
func (g *group) landed() []string {
	runs, err := filepath.Glob(filepath.Join(g.dir, "data", "landing", "2024", "04", "10", "*", "run.json"))
	if err != nil {
		g.t.Error(err)
	}
	return runs
}

func (g *group) now() time.Time { return time.Unix(0, g.clock.Load()).In(soms.Zone) }

func (g *group) setDay(day int) {
	g.clock.Store(time.Date(2024, 4, day, 6, 30, 0, 0, soms.Zone).UnixNano())
}

// night runs the program as at half past six of a day of April, and gives its exit
// code and what it said on standard error.
func (g *group) night(day int, args ...string) (code int, stderr string) {
	g.t.Helper()
	g.setDay(day)
	code, _, stderr = g.command(append([]string{"run"}, args...)...)
	return code, stderr
}

func (g *group) command(args ...string) (code int, stdout, stderr string) {
	g.t.Helper()
	var out, said bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: newConsole(&said, noEnv), getenv: g.getenv, now: g.now, program: "nightaudit"}
	a.telling = g.limits
	a.log = slog.New(slog.NewTextHandler(a.stderr, nil))
	code = a.report(g.ctx, a.root().Run(g.ctx, append([]string{"nightaudit", "--config", g.file}, args...)))
	return code, out.String(), said.String()
}

// unpaid is order A2 of shop a, of 12.00, for which 10.00 were paid.
func unpaid(modified string) soms.Order {
	o := shopOrder("A2", "2024-04-12 10:00:00", "12.00")
	o.Modified, o.Payment.Details[0].Amount = modified, "10.00"
	return o
}

// ear is a channel of a group: it keeps what it is told, unless it is down.
type ear struct {
	url  string
	down atomic.Bool
	told []string
}

func startEar(t *testing.T) *ear {
	t.Helper()
	l := &ear{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.down.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		l.told = append(l.told, string(body))
	}))
	t.Cleanup(server.Close)
	l.url = server.URL
	return l
}

// A run that was stopped tells nobody, for it ends at once; the next one says that it
// was cut short. One that finds another at work tells who wants to know, and the next
// one that it is over. One of another configuration, which is refused the data folder,
// is told of and leaves nothing in it.
func TestNotifiedOfStopAndLock(t *testing.T) {
	t.Parallel()
	l := startEar(t)
	g := startGroup(t, "notify:\n  - {kind: webhook, locked: true, url: "+l.url+", template: hook.tmpl}\n")
	write(t, filepath.Join(g.dir, "hook.tmpl"), "{{.night.outcome}} {{.night.exit_code}}{{range .news}}; {{.change}} {{or .key .text}}{{end}}")
	running := g.ctx
	g.stops.Store(true)
	if code, said := g.night(11, "--no-report"); code != 1 || !strings.Contains(said, "stopped on request") || len(l.told) != 0 {
		t.Errorf("the night that was stopped ends with %d, says %s and tells %v", code, said, l.told)
	}
	g.stops.Store(false)
	g.ctx = context.WithoutCancel(running)
	lock := disk.Lock(filepath.Join(g.dir, "data", "lock"), 0o600)
	if ok, err := lock.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if code, said := g.night(12, "--no-report"); code != 4 {
		t.Errorf("the night that finds another ends with %d: %s", code, said)
	}
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	if code, said := g.night(13, "--no-report"); code != 0 {
		t.Errorf("the night after ends with %d: %s", code, said)
	}
	died := g.landed()
	if len(died) != 1 {
		t.Fatalf("the night that was stopped left %v", died)
	}
	want := []string{
		"locked 4; begun locked",
		"complete 0; once run " + filepath.Base(filepath.Dir(died[0])) + " was cut short and did not come to its end; once no run on 2024-04-12 (nights: 1); nothing is lost, this run read on from where the last one ended; ended locked",
	}
	if !slices.Equal(l.told, want) {
		t.Errorf("told\n%s\nwant\n%s", strings.Join(l.told, "\n"), strings.Join(want, "\n"))
	}
	memory := func() string {
		text, err := os.ReadFile(filepath.Join(g.dir, "data", "notify.json"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	before := memory()
	text, err := os.ReadFile(g.file)
	if err != nil {
		t.Fatal(err)
	}
	g.file = filepath.Join(g.dir, "another.yaml")
	write(t, g.file, string(text)+"# another one\n")
	if code, said := g.night(14, "--no-report"); code != 2 || l.told[len(l.told)-1] != "failed 2; begun run" || memory() != before {
		t.Errorf("the night of another configuration ends with %d, tells %q and says %s", code, l.told[len(l.told)-1], said)
	}
}

// A week of the whole program over simulated shops: one goes down and comes back, an
// order does not add up and is corrected, the channel is down for a night, all shops
// are down, and for two nights nothing runs. Exit codes are those of the nights, and
// the messages those that the rules ask for.
func TestNotifiedNights(t *testing.T) {
	t.Parallel()
	l := startEar(t)
	g := startGroup(t, "notify:\n  - {kind: webhook, url: "+l.url+", template: hook.tmpl}\n")
	write(t, filepath.Join(g.dir, "hook.tmpl"), `{{.night.outcome}}{{range .untold}}; not told {{.change}} {{.key}}{{end}}{{range .news}}; {{.change}} {{.key}}{{with .since}} since {{slice . 0 10}}{{end}}{{end}}{{range .night.missed}}; missed {{.}}{{end}}{{range .night.files}}; {{.kind}}{{end}}{{with .night.verdict}}; it says {{slice . 0 7}}{{end}}`)
	for _, night := range []struct {
		day  int
		what func()
		code int
		told string // "" for nothing
		book bool
	}{
		{11, func() {}, 0, "", false},
		{12, func() { g.bIsDown.Store(true) }, 3, "partial; begun account soms/b since 2024-04-11", false},
		{13, func() { g.a.Put(unpaid("2024-04-13 05:00:00")) }, 3, "partial; goes_on account soms/b since 2024-04-11; begun breaks payment_total since 2024-04-12", false},
		{14, func() { g.bIsDown.Store(false) }, 0, "complete; goes_on breaks payment_total since 2024-04-12; ended account soms/b since 2024-04-11; workbook; page; it says No data", true},
		{15, func() {
			l.down.Store(true)
			paid := unpaid("2024-04-15 05:00:00")
			paid.Payment.Details[0].Amount = "12.00"
			g.a.Put(paid)
		}, 0, "", false},
		{16, func() { l.down.Store(false) }, 0, "complete; not told ended breaks payment_total", false},
		{19, func() {}, 0, "complete; once ; missed 2024-04-17; missed 2024-04-18", false},
	} {
		l.told = nil
		night.what()
		args := []string{"--no-report"}
		if night.book { // of the thirteenth, on which nobody ordered anything
			args = nil
		}
		code, said := g.night(night.day, args...)
		if got := strings.Join(l.told, "\n"); got != night.told || code != night.code {
			t.Errorf("the night of %d ends with %d and tells\n%s\nwant %d and\n%s\nit said %s", night.day, code, got, night.code, night.told, said)
		}
		if logged := strings.Contains(said, `msg="a channel did not take the news`); logged != l.down.Load() {
			t.Errorf("the night of %d said %s", night.day, said)
		}
	}
}

// Whatever channels do, the night ends with the code that is its own, and what it
// published is there: they hang, fail, ask for time, redirect, refuse, cannot be
// reached, and the memory of what was told cannot be written.
func TestNightEndsWhateverChannelsDo(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/hangs":
			<-ended
		case "/fails":
			w.WriteHeader(http.StatusInternalServerError)
		case "/often":
			w.Header().Set("Retry-After", "20")
			w.WriteHeader(http.StatusTooManyRequests)
		case "/redirects":
			http.Redirect(w, r, "/taken", http.StatusTemporaryRedirect)
		case "/refuses":
			_, _ = io.WriteString(w, `{"errcode":93000,"errmsg":"invalid webhook url"}`)
		default:
			t.Errorf("%s was called", r.URL.Path)
		}
	}))
	t.Cleanup(vendor.Close)
	t.Cleanup(func() { close(ended) })
	config := "notify:\n"
	for _, path := range []string{"hangs", "fails", "often", "redirects", "refuses"} {
		config += fmt.Sprintf("  - {kind: wecom, name: %s, when: always, url: '%s/%s?key=k-e-y'}\n", path, vendor.URL, path)
	}
	config += "  - {kind: slack, name: nobody, when: always, url: 'http://127.0.0.1:9/k-e-y'}\n"
	config += "  - {kind: mail, name: post, when: always, host: 127.0.0.1, port: 9, from: a@x.example, to: [b@x.example], username: u, password: k-e-y}\n"
	config += "  - {kind: command, name: absent, when: always, command: [./absent]}\n"
	g := startGroup(t, config)
	g.limits = notify.Limits{Attempt: 100 * time.Millisecond, Slow: 500 * time.Millisecond, Total: time.Second, Pause: time.Millisecond}
	for _, night := range []struct {
		day, code int
		args      []string
		what      func()
	}{
		{11, 0, nil, func() {}},
		{12, 3, nil, func() { g.bIsDown.Store(true) }},
		{13, 1, []string{"--account", "b"}, func() {}},
		{14, 5, []string{"--account", "a", "--fail-on", "error"}, func() { g.a.Put(unpaid("2024-04-13 05:00:00")) }},
		{15, 0, []string{"--account", "a"}, func() {
			for _, name := range []string{"notify.json", "notify.lock"} {
				file := filepath.Join(g.dir, "data", name)
				if err := os.Remove(file); err != nil {
					t.Fatal(err)
				}
				write(t, filepath.Join(file, "in the way"), "")
			}
		}},
	} {
		night.what()
		code, said := g.night(night.day, append([]string{"--no-report"}, night.args...)...)
		if code != night.code {
			t.Errorf("the night of %d ends with %d, want %d: %s", night.day, code, night.code, said)
		}
		if n := strings.Count(said, `msg="a channel did not take the news`); n != 8 || strings.Contains(said, "k-e-y") {
			t.Errorf("%d channels did not take the news of %d, want all 8, and no secret:\n%s", n, night.day, said)
		}
		if _, err := os.Stat(filepath.Join(g.dir, "published", "nightaudit.duckdb")); err != nil {
			t.Error(err)
		}
	}
}

// What notify --test says of each channel, and its exit code.
func TestNotifyTest(t *testing.T) {
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/wecom", "/dingtalk":
			_, _ = io.WriteString(w, `{"errcode":0}`)
		case "/feishu":
			_, _ = io.WriteString(w, `{"code":19021,"msg":"sign match fail"}`)
		case "/moved":
			http.Redirect(w, r, "/elsewhere", http.StatusMovedPermanently)
		}
	}))
	t.Cleanup(vendor.Close)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	g := startGroup(t, strings.NewReplacer("VENDOR", vendor.URL, "GONE", gone).Replace(`notify:
  - {kind: wecom, url: VENDOR/wecom?key=k-e-y}
  - {kind: dingtalk, url: VENDOR/dingtalk?access_token=k-e-y, secret: SECk-e-y}
  - {kind: feishu, url: VENDOR/feishu, secret: k-e-y}
  - {kind: slack, name: operators, url: http://GONE/services/k-e-y}
  - {kind: webhook, url: VENDOR/moved}
  - {kind: command, command: [cat]}
`))
	code, stdout, stderr := g.command("notify", "--test")
	got := strings.NewReplacer(strings.TrimPrefix(vendor.URL, "http://"), "robots.example", gone, "gone.example").Replace(stdout)
	if code != 1 || stderr != "" {
		t.Errorf("exit code %d, and %s", code, stderr)
	}
	file := filepath.Join("testdata", "notify_test.txt")
	if *update {
		write(t, file, got)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("it says\n%s\nwant %s:\n%s", got, file, want)
	}
	if _, err := os.Stat(filepath.Join(g.dir, "data")); !os.IsNotExist(err) {
		t.Errorf("the sample left something behind (%v)", err)
	}
	if code, _, said := g.command("notify"); code != 2 || !strings.Contains(said, "nightaudit notify --test sends each channel a sample") {
		t.Errorf("without --test it ends with %d: %s", code, said)
	}
}

// The message of the night in which a vendor is found to have changed says what of it.
func TestToldOfAVendorThatChanged(t *testing.T) {
	t.Parallel()
	l := startEar(t)
	g := startGroup(t, "notify:\n  - {kind: webhook, url: "+l.url+", template: hook.tmpl}\n")
	write(t, filepath.Join(g.dir, "hook.tmpl"), `{{range .news}}{{.change}}: {{.text}}{{end}}`)
	put := func(id, at, state string) {
		o := shopOrder(id, at, "12.00")
		o.Modified, o.State = at, state
		g.a.Put(o)
	}
	put("W1", "2024-04-10 05:00:00", "delivered")
	if code, said := g.night(11, "--no-report"); code != 0 || len(l.told) > 0 {
		t.Fatalf("the first night ends with %d and tells %s\n%s", code, l.told, said)
	}
	put("W2", "2024-04-11 10:00:00", "parked")
	code, said := g.night(12, "--no-report")
	got := strings.Join(l.told, "\n")
	if want := "begun: Vendor changed (warning): 1 open, such as soms/a: orders.source_status is parked in 1 of 2 rows of orders: a status that was never seen before and that the vendor's document does not name ("; code != 0 || !strings.Contains(got, want) {
		t.Errorf("the night ends with %d and tells\n%s\nwant\n%s\n%s", code, got, want, said)
	}
}
