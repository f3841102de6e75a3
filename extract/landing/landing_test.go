package landing

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/sealed"
)

func TestSegmentHoldsAnAnswerALine(t *testing.T) {
	dir := t.TempDir()
	store, err := Open(dir, sealed.Keys{})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)
	seg, err := store.Segment("r1", at, "soms", "retail", "orders")
	if err != nil {
		t.Fatal(err)
	}
	bodies := []string{"{\n  \"total\" : 2,\r\n \"orders\":[]\n}\n", `{"total":2,"orders":[{"id":"a b"}]}`}
	want := []string{"{   \"total\" : 2,   \"orders\":[] }", `{"total":2,"orders":[{"id":"a b"}]}`}
	for i, body := range bodies {
		page := &extract.Page{Body: []byte(body), At: at, Status: 200, Request: extract.Request{Method: "POST", Path: "/q"}}
		landed, err := seg.Append(page)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := landed.Ref, "2026/03/01/r1/soms-retail-orders.jsonl.zst:"+string(rune('1'+i)); got != want {
			t.Errorf("ref = %s, want %s", got, want)
		}
		if string(page.Body) != want[i] {
			t.Errorf("the page reads %q after landing, want %q", page.Body, want[i])
		}
		if err := seg.Describe(landed, extract.Facts{Rows: i, Total: 2}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := seg.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := store.Segment("r1", at, "soms", "retail", "orders")
	if err != nil {
		t.Fatal(err)
	}
	if want := "2026/03/01/r1/soms-retail-orders.2.jsonl.zst"; again.Name() != want {
		t.Errorf("a segment of a run taken up again is %s, want %s", again.Name(), want)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}

	f, err := os.Open(filepath.Join(dir, "2026/03/01/r1/soms-retail-orders.jsonl.zst"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if info, _ := f.Stat(); info.Mode().Perm() != 0o600 {
		t.Errorf("segment mode %v, want 0600", info.Mode().Perm())
	}
	dec, err := zstd.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	var lines []string
	for s := bufio.NewScanner(dec); s.Scan(); {
		lines = append(lines, s.Text())
	}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("landed %q, want %q", lines, want)
	}

	manifest, err := os.ReadFile(filepath.Join(dir, "2026/03/01/r1/soms-retail-orders.manifest.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var second Description
	if err := json.Unmarshal([]byte(strings.Split(string(manifest), "\n")[1]), &second); err != nil {
		t.Fatal(err)
	}
	// printf '%s' '<the second body>' | sha256sum
	const sum = "d6ebce42a2ec09ca3caa31ef7698e7c078a237c46a2640f3fba4deb84eaf407e"
	if second.Line != 2 || *second.Total != 2 || second.Rows != 1 || second.Bytes != len(want[1]) || second.SHA256 != sum {
		t.Errorf("manifest entry %+v", second)
	}
}

// A landing to which a newer program has added is refused as a whole, whatever
// else can be read of it, and nothing is made or changed. A form that is known,
// or none at all, and a file that is damaged are no reason.
func TestNewerLandingIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"run":         {"run.json", `{"format": 2, "run_id": "R", "version": "9.9.9", "at": {"wall": 1}}`, "R/run.json has the format 2 and this program knows 1; nightaudit 9.9.9 wrote it"},
		"nobody":      {"run.json", `{"format": 3}`, "a newer nightaudit wrote it"},
		"seal":        {"seal.2.json", `{"format": 2, "record": {"version": "9.9.9"}}`, "R/seal.2.json has the format 2 and this program knows 1; nightaudit 9.9.9 wrote it"},
		"known":       {"run.json", `{"format": 1, "run_id": "R"}`, ""},
		"without one": {"run.json", `{"run_id": "R"}`, ""},
		"damaged":     {"run.json", `{"format": 2`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			run := filepath.Join(dir, "2026", "05", "02", "R")
			if err := errors.Join(os.MkdirAll(run, 0o700), os.WriteFile(filepath.Join(run, c.file), []byte(c.text), 0o600)); err != nil {
				t.Fatal(err)
			}
			_, err := Open(dir, sealed.Keys{})
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (!errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir)):
				t.Errorf("%v", err)
			}
		})
	}
}
