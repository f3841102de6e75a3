package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/nightaudit/nightaudit/load/disk"
)

// metricsOf reads metrics as Prometheus writes them, by name and labels, and has them
// judged by its own rules for names, units and help.
func metricsOf(t *testing.T, text string) map[string]float64 {
	t.Helper()
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("promlint finds %v, %v", problems, err)
	}
	values := map[string]float64{}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if i := strings.LastIndex(line, "} "); i >= 0 { // labels may hold blanks
			name, value = line[:i+1], strings.TrimSpace(line[i+2:])
		}
		if strings.HasPrefix(line, "#") {
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil || !ok {
			t.Errorf("the line %q is no metric", line)
		}
		values[name] = n
	}
	return values
}

func wantMetrics(t *testing.T, when string, got, want map[string]float64) {
	t.Helper()
	for name, value := range want {
		if n, is := got[name]; !is || n != value {
			t.Errorf("%s: %s is %v (there: %v), want %v", when, name, n, is, value)
		}
	}
}

// A file for node_exporter after each run: of a good night, of one in which a shop is
// down and an order does not add up, of one that brought nothing, where what is
// published stands as it did; and none of one that found another at work. The values
// are worked out from what the shops hold.
func TestMetricsOfNights(t *testing.T) {
	t.Parallel()
	g := startGroup(t, "metrics: {textfile: nightaudit.prom}\n")
	file := filepath.Join(g.dir, "nightaudit.prom")
	read := func() map[string]float64 {
		t.Helper()
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return metricsOf(t, string(text))
	}
	at := func(day int) float64 { // half past six in China is half past ten of the day before in UTC
		return float64(time.Date(2024, 4, day-1, 22, 30, 0, 0, time.UTC).Unix())
	}
	before := time.Now()
	if code, said := g.night(11, "--no-report"); code != 0 {
		t.Fatalf("the first night ends with %d: %s", code, said)
	}
	first := read()
	wantMetrics(t, "the first night", first, map[string]float64{
		"nightaudit_run_exit_code":                                                        0,
		"nightaudit_run_missed_nights":                                                    0,
		"nightaudit_run_last_success_timestamp_seconds":                                   at(11),
		"nightaudit_published_timestamp_seconds":                                          at(11),
		`nightaudit_account_complete{account="a",source="soms"}`:                          1,
		`nightaudit_account_complete{account="b",source="soms"}`:                          1,
		`nightaudit_account_last_complete_timestamp_seconds{account="b",source="soms"}`:   at(11),
		`nightaudit_account_orders{account="a",source="soms"}`:                            1,
		`nightaudit_account_order_changes{account="a",outcome="inserted",source="soms"}`:  1,
		`nightaudit_account_order_changes{account="a",outcome="updated",source="soms"}`:   0,
		`nightaudit_account_order_changes{account="a",outcome="unchanged",source="soms"}`: 0,
		`nightaudit_account_rejects{account="a",source="soms"}`:                           0,
		`nightaudit_account_findings{account="a",source="soms"}`:                          0,
		`nightaudit_account_windows_incomplete{account="a",source="soms"}`:                0,
		`nightaudit_account_control_totals_differing{account="a",source="soms"}`:          0,
		`nightaudit_stage_rows{account="a",source="soms",stage="decode"}`:                 1,
		`nightaudit_stage_calls{account="",source="",stage="checks"}`:                     1,
		`nightaudit_breaks_open{rule="payment_total",severity="error"}`:                   0,
	})
	ended := time.UnixMilli(int64(first["nightaudit_run_end_timestamp_seconds"] * 1000))
	took := time.Duration(first["nightaudit_run_duration_seconds"] * float64(time.Second))
	if ended.Before(before.Truncate(time.Millisecond)) || ended.After(time.Now()) || took <= 0 || took > time.Since(before) {
		t.Errorf("it ended at %s after %s", ended, took)
	}
	database, err := os.Stat(filepath.Join(g.dir, "published", "nightaudit.duckdb"))
	if err != nil || first["nightaudit_database_bytes"] != float64(database.Size()) {
		t.Errorf("the database has %v bytes: %v, %v", first["nightaudit_database_bytes"], database, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("another user cannot read the file: %v, %v", info.Mode(), err)
	}

	g.bIsDown.Store(true)
	g.a.Put(unpaid("2024-04-13 05:00:00"))
	if code, said := g.night(13, "--no-report"); code != 3 {
		t.Fatalf("the night on which b is down ends with %d: %s", code, said)
	}
	partial := read()
	wantMetrics(t, "b is down", partial, map[string]float64{
		"nightaudit_run_exit_code":                                                       3,
		"nightaudit_run_missed_nights":                                                   1, // the twelfth
		"nightaudit_run_last_success_timestamp_seconds":                                  at(11),
		"nightaudit_published_timestamp_seconds":                                         at(13),
		`nightaudit_account_complete{account="a",source="soms"}`:                         1,
		`nightaudit_account_complete{account="b",source="soms"}`:                         0,
		`nightaudit_account_last_complete_timestamp_seconds{account="a",source="soms"}`:  at(13),
		`nightaudit_account_last_complete_timestamp_seconds{account="b",source="soms"}`:  at(11),
		`nightaudit_account_order_changes{account="a",outcome="inserted",source="soms"}`: 1,
		`nightaudit_account_windows_incomplete{account="b",source="soms"}`:               1,
		`nightaudit_breaks_open{rule="payment_total",severity="error"}`:                  1, // 12.00 due, 10.00 paid
	})
	if code, said := g.night(14, "--no-report", "--account", "b"); code != 1 {
		t.Fatalf("the night that brought nothing ends with %d: %s", code, said)
	}
	nothing := read()
	wantMetrics(t, "nothing came", nothing, map[string]float64{
		"nightaudit_run_exit_code":                                                      1,
		"nightaudit_run_last_success_timestamp_seconds":                                 at(11),
		"nightaudit_published_timestamp_seconds":                                        at(13),
		`nightaudit_account_complete{account="b",source="soms"}`:                        0,
		`nightaudit_account_last_complete_timestamp_seconds{account="a",source="soms"}`: at(13),
		`nightaudit_breaks_open{rule="payment_total",severity="error"}`:                 1,
	})
	for _, gone := range []string{"nightaudit_database_bytes", `nightaudit_account_orders{account="a",source="soms"}`, `nightaudit_account_windows_incomplete{account="b",source="soms"}`} {
		if n, is := nothing[gone]; is {
			t.Errorf("nothing came, and %s is %v", gone, n)
		}
	}

	lock := disk.Lock(filepath.Join(g.dir, "data", "lock"), 0o600)
	if ok, err := lock.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if code, _ := g.night(15, "--no-report"); code != 4 {
		t.Errorf("the night that finds another ends with %d", code)
	}
	if read()["nightaudit_run_end_timestamp_seconds"] != nothing["nightaudit_run_end_timestamp_seconds"] {
		t.Error("a run that was not begun took the place of the metrics of the one before")
	}
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	documented(t, first)
}

// documented compares metrics with the table of the contract, both ways.
func documented(t *testing.T, got map[string]float64) {
	t.Helper()
	text, err := os.ReadFile("../../docs/contract.md")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for name := range got {
		name, _, _ = strings.Cut(name, "{")
		names[name] = true
		if !strings.Contains(string(text), "`"+name) {
			t.Errorf("docs/contract.md does not name %s", name)
		}
	}
	for line := range strings.Lines(string(text)) {
		name, ok := strings.CutPrefix(line, "| `nightaudit_")
		if name = "nightaudit_" + name[:max(0, strings.IndexAny(name, "`{"))]; ok && !strings.HasPrefix(name, "nightaudit_listen_") && !names[name] {
			t.Errorf("docs/contract.md names %s, which a night does not have", name)
		}
	}
}

// Where the file cannot be written the night says so, and ends as it would have.
func TestMetricsNowhere(t *testing.T) {
	t.Parallel()
	g := startGroup(t, "metrics: {textfile: no-folder/nightaudit.prom}\n")
	code, said := g.night(11, "--no-report")
	if code != 0 || !strings.Contains(said, "the metrics of this run were not written") || !strings.Contains(said, "no-folder") {
		t.Errorf("the night ends with %d and says %s", code, said)
	}
}

// Each line of a JSON log names the run, once there is one; each of an account source
// and account; and those of stages say in seconds how long they took.
func TestJSONLogs(t *testing.T) {
	t.Parallel()
	g := startGroup(t, "")
	g.bIsDown.Store(true)
	code, out, said := g.command("--log-format", "json", "--log-level", "debug", "run", "--no-report", "--format", "json")
	var night struct{ Run string }
	if err := json.Unmarshal([]byte(out), &night); err != nil || code != 3 {
		t.Fatalf("the night ends with %d: %v, %s", code, err, said)
	}
	stages, accounts, begun := map[string]bool{}, map[string]bool{}, false
	lines := bufio.NewScanner(strings.NewReader(said))
	for lines.Scan() {
		var line struct {
			Msg, Level, Run, Source, Account, Stage string
			Seconds                                 *float64
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", lines.Bytes(), err)
		}
		if begun = begun || line.Run != ""; begun && line.Run != night.Run {
			t.Errorf("a line of the run %s does not name it: %s", night.Run, lines.Bytes())
		}
		if (line.Stage != "") && line.Seconds == nil || (line.Source == "") != (line.Account == "") {
			t.Errorf("a line lacks something: %s", lines.Bytes())
		}
		stages[line.Source+"/"+line.Account+" "+line.Stage] = true
		if line.Msg == "account done" && line.Seconds != nil || line.Msg == "account failed" {
			accounts[line.Msg+" "+line.Source+"/"+line.Account] = true
		}
	}
	if night.Run == "" || !begun {
		t.Errorf("no line names the run %q: %s", night.Run, said)
	}
	for _, want := range []string{"/ checks", "/ seal", "/ publish", "soms/a plan", "soms/a fetch", "soms/a land", "soms/a decode", "soms/a stage", "soms/a merge", "soms/b fetch"} {
		if !stages[want] {
			t.Errorf("no line of the stage %q in %s", want, said)
		}
	}
	for _, want := range []string{"account done soms/a", "account failed soms/b"} {
		if !accounts[want] {
			t.Errorf("no line says %q in %s", want, said)
		}
	}
}
