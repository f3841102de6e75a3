package pipeline_test

import (
	"context"
	"database/sql"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/demo"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
)

// group is the demo's hotel group with its five simulated vendors.
type group struct {
	t       *testing.T
	running *demo.Running
	cfg     *config.Config
	now     time.Time
}

// startGroup serves the demo's vendors as they were on a fixed day.
func startGroup(t *testing.T, o demo.Options) *group {
	t.Helper()
	return startGroupOn(t, o, 2026, time.April, 21)
}

// startGroupOn serves them as they were on the given day, at three in the
// morning.
func startGroupOn(t *testing.T, o demo.Options, year int, month time.Month, day int) *group {
	t.Helper()
	shanghai, err := time.LoadLocation(demo.Zone)
	if err != nil {
		t.Fatal(err)
	}
	g := &group{t: t, now: time.Date(year, month, day, 7, 0, 0, 0, shanghai)}
	g.running, err = demo.Start(t.Context(), filepath.Join(t.TempDir(), "demo"), demo.StartOptions{
		Anchor: time.Date(year, month, day, 0, 0, 0, 0, shanghai), Now: g.clock, World: o,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.running.Close() })
	g.cfg, err = config.Load(g.running.ConfigPath, config.Options{
		Drivers: all.Drivers(),
		Env: extract.Env{Now: g.clock, Tokens: new(extract.TokenStore), Transport: dated{g.clock}, HTTP: extract.HTTPLimits{
			// Retries do not wait in tests.
			Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func (g *group) clock() time.Time { return g.now }

// dated has vendors tell the time of now: the demo's keep the real clock.
type dated struct{ now func() time.Time }

func (d dated) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		response.Header.Set("Date", d.now().UTC().Format(http.TimeFormat))
	}
	return response, err
}

func (g *group) run(o pipeline.Options) *pipeline.Result {
	g.t.Helper()
	o.Now, o.Version = g.clock, "test"
	result, err := pipeline.Run(g.t.Context(), g.cfg, o)
	if err != nil {
		g.t.Fatal(err)
	}
	for source, calls := range g.running.Vendors.Refused() {
		g.t.Errorf("%s was sent calls that are no reads: %v", source, calls)
	}
	return result
}

func (g *group) wantExit(r *pipeline.Result, code int) {
	g.t.Helper()
	if r.ExitCode != code {
		g.t.Errorf("exit code %d, want %d", r.ExitCode, code)
		for _, a := range r.Accounts {
			g.t.Logf("%s %s: %s %v %v", a.Source, a.Account, a.State, a.Messages, a.Err)
		}
	}
}

// only leaves one source in a configuration.
func only(cfg *config.Config, source string) {
	cfg.Accounts = slices.DeleteFunc(cfg.Accounts, func(a config.Account) bool { return a.Driver.Name != source })
}

func open(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", path+"?access_mode=READ_ONLY")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// lines gives a query's rows as text, columns joined by " | ".
func lines(t *testing.T, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), "SELECT COLUMNS(*)::VARCHAR FROM ("+query+")", args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		values, into := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, v := range values {
			if !v.Valid {
				v.String = "–"
			}
			texts = append(texts, v.String)
		}
		out = append(out, strings.Join(texts, " | "))
	}
	return out
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("%s: in the database only: %s", what, g)
		}
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("%s: expected only: %s", what, w)
		}
	}
	if len(got) != len(want) && !t.Failed() {
		t.Errorf("%s: %d rows, want %d", what, len(got), len(want))
	}
}
