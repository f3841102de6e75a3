package landing

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

var runAt = time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)

// land puts three answers of one window into a store and returns the window.
func land(t *testing.T, s *Store) WindowEntry {
	t.Helper()
	seg, err := s.Segment("r1", runAt, "soms", "retail", "orders")
	if err != nil {
		t.Fatal(err)
	}
	for i, body := range []string{`{"n":0}`, `{"n":1}`, `{"n":2}`} {
		l, err := seg.Append(&extract.Page{Body: []byte(body), At: runAt, Filter: "f", Subject: extract.Subject{Number: "7"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := seg.Describe(l, extract.Facts{Rows: i, Total: -1}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := seg.Close(); err != nil {
		t.Fatal(err)
	}
	return WindowEntry{Key: "k", Window: ledger.Window{Stream: "orders", Total: -1, Pages: 2, State: ledger.Complete}, Segment: seg.Name(), First: 2, Last: 3}
}

func openStore(t *testing.T) (*Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(dir, sealed.Keys{})
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func TestPagesComeBackAsTheyWereLanded(t *testing.T) {
	s, _ := openStore(t)
	w := land(t, s)
	var got []string
	err := s.Pages(w, func(p *extract.Page, l Landed) error {
		if p.Stream != "orders" || p.Filter != "f" || p.Subject.Number != "7" || !p.At.Equal(runAt) {
			t.Errorf("page %+v", p)
		}
		got = append(got, l.Ref+" "+string(p.Body))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "2026/03/01/r1/soms-retail-orders.jsonl.zst:2 {\"n\":1}|2026/03/01/r1/soms-retail-orders.jsonl.zst:3 {\"n\":2}"
	if strings.Join(got, "|") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDamagedAnswersAreNeverUsed(t *testing.T) {
	for name, harm := range map[string]func(t *testing.T, dir string){
		"the segment is gone": func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "2026/03/01/r1/soms-retail-orders.jsonl.zst")); err != nil {
				t.Fatal(err)
			}
		},
		"the segment is cut": func(t *testing.T, dir string) {
			if err := os.Truncate(filepath.Join(dir, "2026/03/01/r1/soms-retail-orders.jsonl.zst"), 30); err != nil {
				t.Fatal(err)
			}
		},
		"the hash differs": func(t *testing.T, dir string) {
			path := filepath.Join(dir, "2026/03/01/r1/soms-retail-orders.manifest.jsonl")
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(data), `"sha256":"`, `"sha256":"0`)), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"the manifest is gone": func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "2026/03/01/r1/soms-retail-orders.manifest.jsonl")); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, dir := openStore(t)
			w := land(t, s)
			harm(t, dir)
			err := s.Pages(w, func(*extract.Page, Landed) error { return nil })
			if damaged := (*Damaged)(nil); !errors.As(err, &damaged) {
				t.Errorf("%v, want it reported as damaged", err)
			}
		})
	}
}

func TestJournalSurvivesACrash(t *testing.T) {
	s, dir := openStore(t)
	j, err := s.WindowLedger("r1", runAt, "tuya", "hotel-a")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a", "b"} {
		if err := j.Complete(WindowEntry{Key: key, Window: ledger.Window{Stream: "orders", State: ledger.Complete}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	// The process died while it wrote the third line.
	path := filepath.Join(dir, "2026/03/01/r1/tuya-hotel-a.journal.jsonl")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"window":{"key":"c`); err != nil {
		t.Fatal(err)
	}
	f.Close()

	if j, err = s.WindowLedger("r1", runAt, "tuya", "hotel-a"); err != nil {
		t.Fatal(err)
	}
	if j.Find("a") == nil || j.Find("b") == nil || j.Find("c") != nil || j.Loaded {
		t.Errorf("after the crash: %+v", j.Windows)
	}
	if err := errors.Join(j.Complete(WindowEntry{Key: "c"}), j.Load([]string{"c", "a"}), j.Commit(), j.Close()); err != nil {
		t.Fatal(err)
	}
	journals, err := s.WindowLedgers(RunRecord{Run: ledger.Run{ID: "r1", At: runAt}})
	if err != nil {
		t.Fatal(err)
	}
	got := journals[ledger.AccountID{Source: "tuya", Account: "hotel-a"}]
	if got == nil || len(got.Windows) != 3 || !got.Loaded {
		t.Fatalf("the journal reads %+v", got)
	}
	if loaded := got.LoadedWindows(); len(loaded) != 2 || loaded[0].Key != "c" || loaded[1].Key != "a" {
		t.Errorf("loaded were %+v, want c and a", loaded)
	}
}

func TestRunsAreListedByTime(t *testing.T) {
	s, _ := openStore(t)
	for i, id := range []string{"c", "b", "a"} {
		r := RunRecord{Run: ledger.Run{ID: id, At: runAt.AddDate(0, 0, 2-i)}, Asked: "x"}
		if err := s.SaveRun(r); err != nil {
			t.Fatal(err)
		}
	}
	done := RunRecord{Run: ledger.Run{ID: "a", At: runAt}, Outcome: "complete", FinishedAt: runAt.Add(time.Minute)}
	if err := s.SaveRun(done); err != nil { // replaces
		t.Fatal(err)
	}
	runs, err := s.Runs()
	if err != nil {
		t.Fatal(err)
	}
	done.Dir = "2026/03/01/a"
	if len(runs) != 3 || !reflect.DeepEqual(runs[0], done) || runs[1].ID != "b" || runs[2].ID != "c" {
		t.Errorf("%+v", runs)
	}
}

func TestKeyOfTellsWindowsApart(t *testing.T) {
	base := extract.Window{Stream: "orders", End: runAt, Filter: "MATERIAL"}
	same, other := base, base
	other.Filter = "SERVICE"
	keys := map[string]bool{}
	for _, w := range []extract.Window{base, same, other, {Stream: "detail", Due: []extract.Due{{OrderID: "1"}}}} {
		key, err := KeyOf(&w)
		if err != nil {
			t.Fatal(err)
		}
		keys[key] = true
	}
	if len(keys) != 3 {
		t.Errorf("%d keys for 3 windows", len(keys))
	}
}
