package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the tests' own process be the one of the vendors.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		if err := start(context.Background(), os.Args[1:], os.Stdout); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// A row of a few orders is measured: the program is built, the night is run and
// compared with the vendors, and the page is written.
func TestTinyRow(t *testing.T) {
	if os.Getenv("NIGHTAUDIT_SLOW") == "" && os.Getenv("NIGHTAUDIT_LONG") == "" {
		t.Skip("NIGHTAUDIT_SLOW is not set: this test compiles the program")
	}
	b := bench{ctx: t.Context(), out: t.Output(), runs: 1, dir: t.TempDir()}
	if err := b.build(); err != nil {
		t.Fatal(err)
	}
	measured, err := b.measureRow(firstNight(7))
	if err != nil {
		t.Fatal(err)
	}
	text, err := b.render([]result{measured})
	if err != nil || !strings.Contains(text, "| first | nightaudit | ") || !strings.Contains(text, "| DuckDB read_json | not installed |") {
		t.Errorf("%v, the page:\n%s", err, text)
	}
	if m := measured.runs[0][0]; m.wall <= 0 || m.cpu <= 0 {
		t.Errorf("%+v", m)
	}
}

// The vendors are served by a process of their own, and count the pages of the
// list that were asked for.
func TestVendors(t *testing.T) {
	b := bench{ctx: t.Context(), out: t.Output(), dir: t.TempDir()}
	o := documented(150, 0)
	address, stop, err := startVendors(b.ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	pattern, err := b.keepPages(address, o.soms)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v, want two pages", files, err)
	}
	info, err := os.Stat(files[0])
	if err != nil || info.Size() < 100*18_000 {
		t.Errorf("%v, %v, want 100 orders of 18 KB", info, err)
	}
	if told, err := askPages(b.ctx, address); err != nil || told.Pages != 2 || told.Took <= 0 {
		t.Errorf("%+v, %v, want two pages", told, err)
	}
}

// Order 0 costs 2 × 5.00 + 5.00 + 4.00, order 1 2 × 6.05 + 9.00.
func TestSums(t *testing.T) {
	want := map[string]sums{"soms": sumOf(2, somsFen)}
	for told, ok := range map[string]bool{
		`{"soms": [2, "40.1"]}`: true, `{"soms": [2, 40.10]}`: true, `{"soms": [2, "40.11"]}`: false, `{"soms": [1, "40.10"]}`: false,
		`{}`: false, `{"soms": [2, "40.10"], "tuya": [1, "1"]}`: false,
	} {
		var read map[string][2]json.Number
		if err := json.Unmarshal([]byte(told), &read); err != nil {
			t.Fatal(err)
		}
		if err := equal(want, read); (err == nil) != ok {
			t.Errorf("%s: %v, want right: %v", told, err, ok)
		}
	}
}

func TestStatistics(t *testing.T) {
	if got := spread([]float64{3, 1, 2}, 1); got != "2.0 (1.0–3.0)" {
		t.Error(got)
	}
	if got := median([]float64{4, 1, 2, 3}); got != 2.5 {
		t.Error(got)
	}
	if at0, slope := straight([]float64{1, 2, 4}, []float64{5, 7, 11}); at0 != 3 || slope != 2 {
		t.Error(at0, slope)
	}
}

// What a process takes is told, and that of those it waited for.
func TestProcess(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no sh")
	}
	u, text, err := run(t.Context(), t.TempDir(), "sh", "-c", "sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; echo done")
	if err != nil || text != "done\n" || u.cpu <= 0 || u.cpu > 2*u.wall {
		t.Errorf("%+v, %q, %v", u, text, err)
	}
	if _, _, err := run(t.Context(), "", filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a program that is not there ran")
	}
}
