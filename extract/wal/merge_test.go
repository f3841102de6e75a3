package wal

import (
	"os"
	"path/filepath"
	"testing"
)

// A log under an earlier name is taken into the one that has been begun under the
// new one: nothing that came is lost, whatever the segments are called, and
// whoever is at work on the new one goes on.
func TestMerge(t *testing.T) {
	from, to := filepath.Join(t.TempDir(), "old"), filepath.Join(t.TempDir(), "new")
	for _, body := range []string{`{"n":1}`, `{"n":2}`} {
		w := open(t, from, atReceived)
		appendTo(t, w, body)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	w := open(t, to, atReceived)
	appendTo(t, w, `{"n":3}`)
	day := received.UTC().Format("2006-01-02")
	renamed, err := Merge(from, to)
	if err != nil || len(renamed) != 1 || renamed[day+"-000001.jsonl"] != day+"-900001.jsonl" {
		t.Fatal(renamed, err)
	}
	appendTo(t, w, `{"n":4}`)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, texts(t, to), day+`-000001.jsonl:1 {"n":3}`, day+`-000001.jsonl:2 {"n":4}`, day+`-000002.jsonl:1 {"n":2}`, day+`-900001.jsonl:1 {"n":1}`)
	if _, err := os.Stat(from); !os.IsNotExist(err) {
		t.Errorf("the folder of the earlier name: %v", err)
	}
	if _, err := Merge(from, to); err != nil {
		t.Errorf("a log that is not there: %v", err)
	}
}
