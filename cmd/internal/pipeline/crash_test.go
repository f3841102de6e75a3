package pipeline_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/demo"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// long says whether the long tests are asked for: NIGHTAUDIT_LONG=1.
func long() bool { return os.Getenv("NIGHTAUDIT_LONG") != "" }

// slow says whether the slow tests are asked for: NIGHTAUDIT_SLOW=1, or the
// long ones.
func slow() bool { return os.Getenv("NIGHTAUDIT_SLOW") != "" || long() }

// slowTest skips a test of more than a few seconds unless such tests are asked
// for, and then runs it beside others: a night keeps one core busy.
func slowTest(t *testing.T) {
	t.Helper()
	slowAlone(t)
	t.Parallel()
}

// slowAlone is slowTest for what cannot run beside others.
func slowAlone(t *testing.T) {
	t.Helper()
	if !slow() {
		t.Skip("NIGHTAUDIT_SLOW is not set: this test takes tens of seconds")
	}
}

// longTest skips a test of minutes, or one that shows little that a slow one does
// not, unless such tests are asked for.
func longTest(t *testing.T) {
	t.Helper()
	if !long() {
		t.Skip("NIGHTAUDIT_LONG is not set: this test takes minutes")
	}
	t.Parallel()
}

// childConfig names the configuration of a run in a process of its own, which
// makes the workbook too where childReport is set.
const childConfig, childNow, childReport = "NIGHTAUDIT_TEST_CHILD", "NIGHTAUDIT_TEST_NOW", "NIGHTAUDIT_TEST_REPORT"

// TestMain is also the process that TestKilledRuns starts and kills, and
// TestProcessZones starts.
func TestMain(m *testing.M) {
	path := os.Getenv(childConfig)
	if path == "" {
		os.Exit(m.Run())
	}
	now, err := time.Parse(time.RFC3339, os.Getenv(childNow))
	if err == nil {
		var cfg *config.Config
		clock := func() time.Time { return now }
		cfg, err = config.Load(path, config.Options{Drivers: all.Drivers(), Env: extract.Env{Now: clock, Tokens: new(extract.TokenStore)}})
		if err == nil {
			_, err = pipeline.Run(context.Background(), cfg, pipeline.Options{Now: clock, NoReport: os.Getenv(childReport) == ""})
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// facts is every table of main without the columns that name the run and the
// place of the raw answer, and the breaks without what names the night.
func facts(t *testing.T, path string) map[string][]string {
	t.Helper()
	tables := dump(t, path)
	delete(tables, "order_versions") // compared by the nights' own test
	db := open(t, path)
	for name := range tables {
		switch name {
		case "rules":
			continue
		case "exceptions":
			tables[name] = lines(t, db, "SELECT * EXCLUDE (run_id, landing_ref) FROM audit.exceptions ORDER BY ALL")
		case "links":
			tables[name] = lines(t, db, "SELECT * EXCLUDE (run_id) FROM recon.links ORDER BY ALL")
		case "breaks":
			tables[name] = lines(t, db, "SELECT * EXCLUDE (first_seen, last_seen, resolved_at) FROM recon.breaks ORDER BY ALL")
		default:
			tables[name] = lines(t, db, "SELECT * EXCLUDE (run_id, landing_ref, payload_sha256) FROM main."+name+" ORDER BY ALL")
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return tables
}

func wantSameFacts(t *testing.T, got, want map[string][]string) {
	t.Helper()
	for table, rows := range want {
		equal(t, table, got[table], rows)
	}
}

// A run that is killed at any moment and started again, until it is done,
// gives the tables of a run that nobody disturbed, and asks for no window
// twice that it had read to its end.
func TestKilledRuns(t *testing.T) {
	slowTest(t)
	kills := 5
	if long() {
		kills = 100
	}
	g := startGroup(t, demo.Options{})
	undisturbed := facts(t, g.run(pipeline.Options{NoReport: true}).Database)

	tally := attacks.In(t)
	rnd := rand.New(rand.NewPCG(1, uint64(kills)))
	span := 3 * time.Second // about a whole run
	for done := 0; done < kills; {
		if err := errors.Join(os.RemoveAll(g.cfg.DataDir), os.RemoveAll(g.cfg.Publish.Dir)); err != nil {
			t.Fatal(err)
		}
		for finished := false; !finished; {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), childConfig+"="+g.running.ConfigPath, childNow+"="+g.now.Format(time.RFC3339))
			var stderr strings.Builder
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			moment := time.After(time.Duration(rnd.Int64N(int64(span))))
			if done >= kills {
				moment = nil // the last one may end
			}
			select {
			case err := <-ended:
				if err != nil {
					t.Fatalf("the run failed: %v\n%s", err, stderr.String())
				}
				finished = true
			case <-moment:
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				<-ended
				done++
			}
		}
		wantSameFacts(t, facts(t, filepath.Join(g.cfg.Publish.Dir, "nightaudit.duckdb")), undisturbed)
		wantVerified(t, g.cfg)
		wantNoWindowTwice(t, filepath.Join(g.cfg.DataDir, "landing"))
	}
	tally.All(kills)
}

// wantNoWindowTwice looks into the journals: a window that was complete is
// never entered again.
func wantNoWindowTwice(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*", "*", "*", "*.journal.jsonl"))
	if err != nil || len(files) != 5 {
		t.Fatalf("%d journals of five accounts: %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for line := range strings.Lines(string(data)) {
			var e struct{ Window *landing.WindowEntry }
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			if e.Window == nil {
				continue
			}
			if seen[e.Window.Key] {
				t.Errorf("%s: a window of %s was read again after it had been complete", filepath.Base(file), e.Window.Stream)
			}
			seen[e.Window.Key] = true
		}
	}
}
