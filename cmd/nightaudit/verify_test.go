package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/landing"
)

func runVerify(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Run(t.Context(), append([]string{"nightaudit", "verify"}, args...), strings.NewReader(""), &stdout, &stderr, func(string) string { return "" })
	return stdout.String() + stderr.String(), code
}

// The demo's landing is whole, in one line; a byte of any kind of file is found,
// and a workbook from elsewhere is told from one of its own.
func TestVerifyCommand(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	copyDemo(t, dir)
	at := "--config=" + filepath.Join(dir, "nightaudit.yaml")
	out, code := runVerify(t, at, "--all")
	if code != exit.Done || strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, "verified  1 run, 1 seal, ") || !strings.HasSuffix(out, " 0 findings\n") {
		t.Errorf("exit code %d: %s", code, out)
	}
	books, err := filepath.Glob(filepath.Join(dir, "reports", "*.xlsx"))
	if err != nil || len(books) == 0 {
		t.Fatal(books, err)
	}
	if out, code := runVerify(t, at, books[0]); code != exit.Done || !strings.Contains(out, books[0]+" rests on seal 1, of run ") {
		t.Errorf("exit code %d: %s", code, out)
	}
	segments, err := filepath.Glob(filepath.Join(dir, "data", "landing", "2*", "*", "*", "*", "soms-retail-orders.jsonl.zst"))
	if err != nil || len(segments) != 1 {
		t.Fatal(segments, err)
	}
	data, err := os.ReadFile(segments[0])
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(segments[0], data, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := runVerify(t, at, "--sample", "500"); code != exit.Partial || !strings.Contains(out, "unreadable") { // it is in the sample
		t.Errorf("exit code %d: %s", code, out)
	}
	if out, code := runVerify(t, at, "--sample", "0"); code != exit.Done || !strings.Contains(out, "answers by size") {
		t.Errorf("exit code %d: %s", code, out)
	}
	out, code = runVerify(t, at, "--all", "--sample", "0", "--format", "json")
	var result struct{ Findings []landing.Finding }
	if err := json.Unmarshal([]byte(out), &result); err != nil || code != exit.Partial {
		t.Fatalf("exit code %d: %v: %s", code, err, out)
	}
	if len(result.Findings) != 1 || result.Findings[0].Kind != landing.Altered || !strings.HasSuffix(result.Findings[0].File, "/soms-retail-orders.jsonl.zst") {
		t.Errorf("found %+v", result.Findings)
	}
	for _, args := range [][]string{{at, "--format", "xml"}, {at, "--some"}} {
		if out, code := runVerify(t, args...); code != exit.Usage {
			t.Errorf("%q: exit code %d: %s", args, code, out)
		}
	}
}

// The demo is restored whole; a row that somebody changed in the published database is
// found, and named without its values.
func TestVerifyRestoreTest(t *testing.T) {
	slowTest(t)
	dir := filepath.Join(t.TempDir(), "demo")
	copyDemo(t, dir)
	at := "--config=" + filepath.Join(dir, "nightaudit.yaml")
	type drill struct {
		Runs, Tables int
		Findings     []landing.Finding
	}
	test := func(want int) (d drill) {
		t.Helper()
		out, code := runVerify(t, at, "--restore-test", "--format", "json")
		if err := json.Unmarshal([]byte(out), &d); err != nil || code != want {
			t.Fatalf("exit code %d, want %d: %v: %s", code, want, err, out)
		}
		return d
	}
	if d := test(exit.Done); d.Runs != 1 || d.Tables < 30 || len(d.Findings) != 0 {
		t.Errorf("restored %+v", d)
	}
	published := filepath.Join(dir, "published", "nightaudit.duckdb")
	if err := os.Chmod(published, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", published)
	if err == nil {
		_, err = db.Exec("UPDATE stays SET room_amount = room_amount + 1 WHERE order_id = (SELECT min(order_id) FROM stays)")
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	d := test(exit.Partial)
	if len(d.Findings) != 1 || d.Findings[0].File != published+": main.stays" || !strings.Contains(d.Findings[0].Text, "they differ in room_amount; the first: ") {
		t.Errorf("found %+v", d.Findings)
	}
	out, code := runVerify(t, at, "--restore-test")
	for _, part := range []string{"main.stays", "restored  1 run, ", "; nothing was changed\n", ": 1 finding\n"} {
		if code != exit.Partial || !strings.Contains(out, part) {
			t.Errorf("exit code %d, and not %q: %s", code, part, out)
		}
	}
	if out, code := runVerify(t, at, "--restore-test", "--all"); code != exit.Usage {
		t.Errorf("exit code %d: %s", code, out)
	}
}

// What the reader in Python, which goes by docs/landing-format.md alone, reads of
// the demo's landing is what the program reads: head, answers, and what people added.
func TestLandingOfTheDemoIsReadWithoutUs(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3: the landing is not read by another program")
	}
	if _, err := exec.LookPath("zstd"); err != nil && exec.Command(python, "-c", "import compression.zstd").Run() != nil {
		t.Skip("neither the program zstd nor Python's module: the landing is not read by another program")
	}
	dir := filepath.Join(t.TempDir(), "demo")
	copyDemo(t, dir)
	at := "--config=" + filepath.Join(dir, "nightaudit.yaml")
	nightaudit(t, "close", at, "--month", "2025-04", "--comment", "for the reader")
	read := func(what string) []string {
		t.Helper()
		out, err := exec.Command(python, "../../extract/landing/testdata/read_landing.py", what, filepath.Join(dir, "data", "landing")).Output()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	}
	out, _ := runVerify(t, at, "--format", "json")
	var verified struct {
		Head    string
		Entries int
	}
	if err := json.Unmarshal([]byte(out), &verified); err != nil {
		t.Fatal(err, out)
	}
	ours := landedAnswers(t, filepath.Join(dir, "data", "landing"))
	if got := read("verify")[0]; !strings.HasPrefix(got, "1 runs, 1 seals, ") || !strings.HasSuffix(got, " 1 entries of people, head "+verified.Head) || verified.Entries != 1 {
		t.Errorf("the reader says %s, and verify %s", got, out)
	}
	if got := read("people")[0]; !strings.Contains(got, `"period": "2025-04"`) || !strings.Contains(got, `"comment": "for the reader"`) {
		t.Errorf("people added %s", got)
	}
	theirs := read("answers")
	for _, line := range theirs {
		var a struct{ Ref, Answer string }
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		if ours[a.Ref] != a.Answer {
			t.Fatalf("%s is %.80s, and to the program %.80s", a.Ref, a.Answer, ours[a.Ref])
		}
	}
	if len(theirs) != len(ours) || len(ours) < 1000 {
		t.Errorf("%d answers, and %d to the program", len(theirs), len(ours))
	}
}

// landedAnswers are the answers of a landing by their references, as the program
// reads them.
func landedAnswers(t *testing.T, dir string) map[string]string {
	t.Helper()
	store, err := landing.Open(dir, (&config.Config{}).LandingKeys)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := store.Runs()
	if err != nil {
		t.Fatal(err)
	}
	answers := map[string]string{}
	for _, run := range runs {
		ledgers, err := store.WindowLedgers(run)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range ledgers {
			for _, w := range l.Windows {
				err := store.Pages(w, func(p *extract.Page, l landing.Landed) error {
					answers[l.Ref] = string(p.Body)
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return answers
}
