package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/demo"
	"github.com/nightaudit/nightaudit/extract/simulate"
)

// stopsWithin is how soon a run must end once it is asked to.
const stopsWithin = 5 * time.Second

// TestInterrupted: a run over the demo's five vendors is asked to stop by
// Ctrl-C while the PMS holds back an answer in the middle of its second list,
// and taken up and asked by SIGTERM while the courier does. Each time it ends
// soon, with 1 and nothing published; the last run asks for nothing that had
// been read and gives the tables of a run that nobody stopped.
func TestInterrupted(t *testing.T) {
	slowTest(t)
	if runtime.GOOS == "windows" {
		t.Skip("no signals there")
	}
	shanghai, err := time.LoadLocation(demo.Zone)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "demo")
	running, err := demo.Start(t.Context(), dir, demo.StartOptions{Anchor: time.Date(2025, 4, 21, 0, 0, 0, 0, shanghai)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { running.Close() })
	n := nightOf{t, dir}
	vendors := &running.Vendors

	n.wantDone()
	want := n.tables()
	for _, made := range []string{"data", "published", "reports"} {
		if err := os.RemoveAll(filepath.Join(dir, made)); err != nil {
			t.Fatal(err)
		}
	}

	orders := count(func(path, asked string) bool {
		return strings.HasSuffix(path, "/pmsOrder/list") && !strings.Contains(asked, "search_str")
	})
	n.stop(os.Interrupt, func(held func(r *http.Request)) {
		vendors.Starhotel.Fault(func(r *http.Request) *simulate.Fault {
			asked := orders.note(r)
			if strings.HasSuffix(r.URL.Path, "/getAccomOrderList") && strings.Contains(asked, `"page":2`) {
				held(r)
			}
			return nil
		})
	})
	read := orders.n.Load()
	if read == 0 {
		t.Error("the list of orders was not read before that of accommodations")
	}

	statuses := count(func(path, _ string) bool { return strings.HasSuffix(path, "/query-status") })
	vendors.Starhotel.Fault(func(r *http.Request) *simulate.Fault { orders.note(r); return nil })
	n.stop(syscall.SIGTERM, func(held func(r *http.Request)) {
		vendors.Guoxiaodi.Fault(func(r *http.Request) *simulate.Fault {
			statuses.note(r)
			if strings.HasSuffix(r.URL.Path, "/query-status-feed") {
				held(r)
			}
			return nil
		})
	})
	// A run asks every vendor for the time, with one call at most.
	if again := orders.n.Load() - read; again > 1 {
		t.Errorf("%d calls for the list of orders, which had been read", again)
	}

	// Now all but the courier's orders are loaded, and the courier's states read.
	asked, read := vendors.Requests(), statuses.n.Load()
	if read == 0 {
		t.Error("the states were not read before the feeds")
	}
	vendors.Guoxiaodi.Fault(func(r *http.Request) *simulate.Fault { statuses.note(r); return nil })
	n.wantDone()
	for source, calls := range vendors.Requests() {
		if source != "guoxiaodi" && calls > asked[source]+1 {
			t.Errorf("%s was called %d times after it had been loaded", source, calls-asked[source])
		}
	}
	if again := statuses.n.Load() - read; again > 1 {
		t.Errorf("%d calls for states that had been read", again)
	}
	n.wantNoWindowTwice()
	got := n.tables()
	for _, table := range slices.Sorted(maps.Keys(want)) {
		if !slices.Equal(got[table], want[table]) {
			t.Errorf("%s: %d rows differ from the %d of a run that nobody stopped", table, len(got[table]), len(want[table]))
		}
	}
	for source, calls := range vendors.Refused() {
		t.Errorf("%s was sent calls that are no reads: %v", source, calls)
	}
}

// counter counts calls of a kind.
type counter struct {
	kind func(path, asked string) bool
	n    atomic.Int64
}

func count(kind func(path, asked string) bool) *counter { return &counter{kind: kind} }

// note counts r if it is of the kind, and returns its body.
func (c *counter) note(r *http.Request) string {
	body, err := io.ReadAll(r.Body)
	if err == nil && c.kind(r.URL.Path, string(body)) {
		c.n.Add(1)
	}
	return string(body)
}

// nightOf runs the program in the folder of a demo.
type nightOf struct {
	t   *testing.T
	dir string
}

func (n nightOf) command(stdout io.Writer, stderr io.Writer, args ...string) *exec.Cmd {
	cmd := exec.Command("nightaudit", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = n.dir, stdout, stderr
	cmd.Env = append(os.Environ(), "NIGHTAUDIT_CONFIG=")
	return cmd
}

// run is the command of the night three hours after the demo's world ends.
func (n nightOf) run(stderr io.Writer) *exec.Cmd {
	return n.command(io.Discard, stderr, "run", "--no-report", "--at", "2025-04-21T03:00:00+08:00")
}

func (n nightOf) wantDone() {
	n.t.Helper()
	var stderr bytes.Buffer
	if err := n.run(&stderr).Run(); err != nil {
		n.t.Fatalf("the night: %v\n%s", err, &stderr)
	}
}

// stop starts the night and sends the signal once a vendor holds a call back.
// hold sets the vendor up; the call is held until its caller has given up.
func (n nightOf) stop(signal os.Signal, hold func(held func(r *http.Request))) {
	n.t.Helper()
	holds := make(chan struct{})
	var once sync.Once
	hold(func(r *http.Request) {
		once.Do(func() { close(holds) })
		<-r.Context().Done()
	})
	var stderr bytes.Buffer
	cmd := n.run(&stderr)
	if err := cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer cmd.Process.Kill()
	select {
	case <-holds:
	case err := <-ended:
		n.t.Fatalf("the night ended before it was stopped: %v\n%s", err, &stderr)
	}
	if err := cmd.Process.Signal(signal); err != nil {
		n.t.Fatal(err)
	}
	var err error
	select {
	case err = <-ended:
	case <-time.After(stopsWithin):
		n.t.Fatalf("the night goes on %s after %s", stopsWithin, signal)
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		n.t.Errorf("%s: %v, want exit code 1", signal, err)
	}
	if !strings.Contains(stderr.String(), "stopped on request") || !strings.Contains(stderr.String(), "the next run goes on from it") {
		n.t.Errorf("%s: the night says %q", signal, &stderr)
	}
	if _, err := os.Stat(filepath.Join(n.dir, "published", "nightaudit.duckdb")); err == nil {
		n.t.Errorf("%s: a database was published", signal)
	}
}

func (n nightOf) query(statement string) string {
	n.t.Helper()
	var out, stderr bytes.Buffer
	if err := n.command(&out, &stderr, "query", "--format", "csv", statement).Run(); err != nil {
		n.t.Fatalf("%s: %v\n%s", statement, err, &stderr)
	}
	return out.String()
}

// tables are the rows of every table of facts, and the breaks, without what
// names the run and the places of the answers.
func (n nightOf) tables() map[string][]string {
	n.t.Helper()
	names := strings.Fields(n.query("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'"))
	statement := "SELECT 'breaks', to_json(t)::VARCHAR FROM (SELECT * EXCLUDE (first_seen, last_seen) FROM recon.breaks) t"
	for _, name := range names[1:] { // without the heading
		statement += " UNION ALL SELECT '" + name + "', to_json(t)::VARCHAR FROM (SELECT * EXCLUDE (run_id, landing_ref, payload_sha256) FROM main." + name + ") t"
	}
	tables := map[string][]string{}
	for line := range strings.Lines(n.query(statement + " ORDER BY ALL")) {
		if name, row, ok := strings.Cut(line, ","); ok && strings.Contains(row, ":") {
			tables[name] = append(tables[name], row)
		}
	}
	if len(tables) != len(names) { // the breaks stand for the heading
		n.t.Errorf("rows in %d tables of %d: the comparison says nothing of the others", len(tables), len(names))
	}
	return tables
}

// wantNoWindowTwice looks into the accounts' journals: they belong to one run,
// and no window that was complete is entered again.
func (n nightOf) wantNoWindowTwice() {
	n.t.Helper()
	files, err := filepath.Glob(filepath.Join(n.dir, "data", "landing", "*", "*", "*", "*", "*.journal.jsonl"))
	if err != nil || len(files) != 5 {
		n.t.Fatalf("%d journals of five accounts: %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			n.t.Fatal(err)
		}
		seen := map[string]bool{}
		for line := range strings.Lines(string(data)) {
			var e struct{ Window *struct{ Key, Stream string } }
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				n.t.Fatalf("%s: %v", file, err)
			}
			if e.Window != nil && seen[e.Window.Key] {
				n.t.Errorf("%s: a window of %s was read again", filepath.Base(file), e.Window.Stream)
			}
			if e.Window != nil {
				seen[e.Window.Key] = true
			}
		}
	}
}
