package landing

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// One answer is read by its reference, verified, and its manifest outlives it.
func TestAnswer(t *testing.T) {
	dir := t.TempDir()
	store := openWith(t, dir, sealed.Keys{})
	at := time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)
	run := RunRecord{Run: ledger.Run{ID: "r1", At: at}}
	seg, err := store.Segment(run.ID, at, "soms", "retail", "orders")
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{`{"n":1}`, `{"n":2}`} {
		l, err := seg.Append(&extract.Page{Body: []byte(body), At: at, Request: extract.Request{Method: "POST", Path: "/q"}})
		if err == nil {
			err = seg.Describe(l, extract.Facts{}, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(seg.Close(), store.SaveRun(run)); err != nil {
		t.Fatal(err)
	}

	e, body, err := store.Answer(seg.Name() + ":2")
	if err != nil || string(body) != `{"n":2}` || e.Line != 2 || e.Request.Path != "/q" {
		t.Errorf("the second answer is %s, %+v, %v", body, e, err)
	}
	var damaged *Damaged
	if _, _, err := store.Answer(seg.Name() + ":3"); !errors.As(err, &damaged) {
		t.Errorf("an answer that was never landed: %v", err)
	}
	for _, ref := range []string{"", "x", seg.Name(), seg.Name() + ":0", "../../etc/passwd:1"} {
		if _, _, err := store.Answer(ref); err == nil {
			t.Errorf("%q is a reference", ref)
		}
	}

	path := filepath.Join(dir, filepath.FromSlash(seg.Name()))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, _, err := store.Answer(seg.Name() + ":1"); !errors.As(err, &damaged) {
		t.Errorf("a segment that is gone by itself: %v", err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := store.Prune(run); err != nil {
		t.Fatal(err)
	}
	e, body, err = store.Answer(seg.Name() + ":1")
	if !errors.Is(err, ErrPruned) || body != nil || e.Request.Path != "/q" || e.SHA256 == "" {
		t.Errorf("a pruned answer is %s, %+v, %v", body, e, err)
	}
}
