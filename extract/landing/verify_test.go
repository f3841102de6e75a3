package landing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/extract/wal"
	"github.com/nightaudit/nightaudit/testdata/attacks"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// The landing of the tests of seals: three nights, of which the second died, and
// what people and a vendor added after the first and before the third.
const (
	first  = "2026/03/01/20260301T180000Z-aaaaaa"
	died   = "2026/03/02/20260302T180000Z-bbbbbb"
	third  = "2026/03/03/20260303T180000Z-cccccc"
	fourth = "2026/03/04/20260304T180000Z-dddddd"
)

func recordOf(folder string) RunRecord {
	at, err := time.Parse("20060102T150405Z", filepath.Base(folder)[:16])
	if err != nil {
		panic(err)
	}
	return RunRecord{Run: ledger.Run{ID: filepath.Base(folder), At: at, Version: "1", ConfigSHA256: "c"}, Asked: "{}", Database: "db"}
}

func ended(r RunRecord) RunRecord {
	r.Outcome, r.FinishedAt = "complete", r.At.Add(time.Minute)
	return r
}

// landRun lands one account's answers of a run, which differ from run to run.
func landRun(t testing.TB, s *Store, folder string) RunRecord {
	t.Helper()
	r := recordOf(folder)
	ok(t, s.SaveRun(r))
	for _, stream := range []string{"detail", "orders"} {
		seg, err := s.Segment(r.ID, r.At, "soms", "retail", stream)
		ok(t, err)
		for i := range 3 {
			l, err := seg.Append(&extract.Page{Body: fmt.Appendf(nil, `{"of":%q,"stream":%q,"n":%d}`, r.ID, stream, i), At: r.At})
			ok(t, err)
			ok(t, seg.Describe(l, extract.Facts{Rows: 1, Total: -1}, nil))
		}
		ok(t, seg.Close())
	}
	w, err := s.WindowLedger(r.ID, r.At, "soms", "retail")
	ok(t, err)
	ok(t, errors.Join(w.Load([]string{"k"}), w.Commit(), w.Close()))
	return r
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func seal(t testing.TB, s *Store, r RunRecord, o SealOptions) string {
	t.Helper()
	head, err := s.Seal(ended(r), o)
	ok(t, err)
	ok(t, s.SaveRun(ended(r)))
	return head
}

func journalAdd(t testing.TB, s *Store, dir string, at time.Time, bodies ...string) {
	t.Helper()
	w, err := wal.Open(filepath.Join(s.dir, dir), wal.Options{Now: func() time.Time { return at }})
	ok(t, err)
	for _, b := range bodies {
		_, err := w.Append(t.Context(), []byte(b))
		ok(t, err)
	}
	ok(t, w.Close())
}

// built is that landing, made once: a copy of it is quicker than its flushes.
var built struct {
	once  sync.Once
	files fs.FS
	heads []string
}

// sealedLanding is a copy of that landing, and the heads that its chain had.
func sealedLanding(t testing.TB) (s *Store, heads []string) {
	t.Helper()
	built.once.Do(func() {
		dir, err := os.MkdirTemp("", "nightaudit-landing-")
		ok(t, err)
		defer os.RemoveAll(dir)
		built.heads = buildLanding(t, openWith(t, dir, sealed.Keys{}))
		built.files = inMemory(t, dir)
	})
	dir := filepath.Join(t.TempDir(), "landing")
	ok(t, os.CopyFS(dir, built.files))
	return openWith(t, dir, sealed.Keys{}), built.heads
}

func inMemory(t testing.TB, dir string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range filesBelow(t, dir) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		ok(t, err)
		files[name] = &fstest.MapFile{Data: data, Mode: 0o600}
	}
	return files
}

func buildLanding(t testing.TB, s *Store) (heads []string) {
	t.Helper()
	r := landRun(t, s, first)
	journalAdd(t, s, "people", r.At.Add(-time.Hour), `"close of January"`, `"reopen of January"`, `"close of January again"`)
	heads = append(heads, seal(t, s, r, SealOptions{}))
	journalAdd(t, s, "people", r.At.Add(time.Hour), `"comment"`)
	journalAdd(t, s, "notifications/courier", r.At.Add(time.Hour), `"order 1 sent"`, `"order 1 received"`)
	landRun(t, s, died)
	r = landRun(t, s, third)
	return append(heads, seal(t, s, r, SealOptions{}))
}

func verify(t testing.TB, s *Store, o VerifyOptions) *Verified {
	t.Helper()
	v, err := s.Verify(t.Context(), o)
	ok(t, err)
	return v
}

func mustFind(t testing.TB, v *Verified, want ...string) {
	t.Helper()
	var got []string
	for _, f := range v.Findings {
		got = append(got, strings.TrimSpace(string(f.Kind)+" "+f.File))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("found\n  %s\nwant\n  %s", strings.Join(texts(v.Findings), "\n  "), strings.Join(want, "\n  "))
	}
}

func texts(findings []Finding) (list []string) {
	for _, f := range findings {
		list = append(list, fmt.Sprintf("%s %s (%s): %s", f.Kind, f.File, f.Run, f.Text))
	}
	return list
}

// What nobody has touched is whole, in short and in full, and the chain is what
// its description says: each seal has the hash of the file of the one before.
func TestSealsFormAChain(t *testing.T) {
	s, heads := sealedLanding(t)
	for _, o := range []VerifyOptions{{}, {Quick: true}} {
		v := verify(t, s, o)
		mustFind(t, v)
		// Two answers' segments and manifests and a ledger in each of three runs;
		// two segments of people's journal, one of the courier's.
		if v.Head != heads[1] || v.Seals != 2 || v.Runs != 3 || v.Files != 3*5+3 || v.Unsealed != 0 || v.Begins != filepath.Base(first) {
			t.Errorf("verified %+v", v)
		}
		if v.Seal(heads[0]) == nil || v.Seal(heads[0]).Run != filepath.Base(first) || v.Seal("0") != nil {
			t.Error("a seal is not found by its hash")
		}
	}
	data, err := os.ReadFile(filepath.Join(s.dir, third, "seal.json"))
	ok(t, err)
	var raw struct {
		Before struct{ Run, SHA256 string }
		Others []struct{ Run string }
	}
	ok(t, json.Unmarshal(data, &raw))
	if raw.Before.SHA256 != heads[0] || raw.Before.Run != filepath.Base(first) || len(raw.Others) != 1 || raw.Others[0].Run != filepath.Base(died) {
		t.Errorf("the second seal names %+v", raw)
	}
	if head, err := s.Head(); err != nil || head != heads[1] || head != hashOf(data) {
		t.Errorf("head %s, %v", head, err)
	}
	if left, _ := filepath.Glob(filepath.Join(s.dir, "*", "*", "*", "*", "*.new")); len(left) > 0 {
		t.Error("left behind:", left)
	}
}

// One bit of any file is found, whichever file and wherever in it; and so is any
// file that is cut, longer, gone or has another's name.
func TestEveryFileIsSealed(t *testing.T) {
	s, _ := sealedLanding(t)
	cases := 0
	for _, name := range filesBelow(t, s.dir) {
		if strings.HasSuffix(name, "lock") {
			continue
		}
		path := filepath.Join(s.dir, name)
		whole, err := os.ReadFile(path)
		ok(t, err)
		tampered := map[string][]byte{"cut": whole[:len(whole)-1], "empty": nil, "longer": append(bytes.Clone(whole), '\n'), "gone": {0}}
		for i := range 3 {
			bad := bytes.Clone(whole)
			bad[(len(bad)-1)*i/2] ^= 1
			tampered[fmt.Sprintf("bit %d", i)] = bad
		}
		for what, data := range tampered {
			cases++
			ok(t, os.WriteFile(path, data, 0o600))
			if what == "gone" {
				ok(t, os.Remove(path))
			}
			v := verify(t, s, VerifyOptions{})
			told := len(v.Findings) > 0
			switch filepath.Base(name) {
			case "seal.json": // the last one is told by the head
				told = told || v.Head != hashOf(whole)
			case "run.json": // blanks in it mean nothing
				told = told || what == "longer" || what == "cut"
			}
			// More of a journal is what its writer adds, but not before its end.
			if what == "longer" && strings.HasSuffix(name, ".jsonl.zst") && strings.Count(name, "/") < 3 && !strings.Contains(name, "03-01-000001") {
				told = true
			}
			if !told {
				t.Errorf("%s, %s: nothing is found", name, what)
			}
			ok(t, os.WriteFile(path, whole, 0o600))
		}
		cases++
		ok(t, os.Rename(path, path+".bak"))
		if v := verify(t, s, VerifyOptions{}); len(v.Findings) == 0 && !strings.HasSuffix(name, third+"/seal.json") {
			t.Errorf("%s renamed: nothing is found", name)
		}
		ok(t, os.Rename(path+".bak", path))
	}
	mustFind(t, verify(t, s, VerifyOptions{}))
	attacks.In(t).All(cases)
}

func filesBelow(t testing.TB, dir string) (names []string) {
	t.Helper()
	ok(t, fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	}))
	return names
}

// The last run gone leaves a whole chain that ends earlier: its head tells.
func TestLastRunGone(t *testing.T) {
	s, heads := sealedLanding(t)
	ok(t, os.RemoveAll(filepath.Join(s.dir, third)))
	ok(t, os.RemoveAll(filepath.Join(s.dir, died)))
	v := verify(t, s, VerifyOptions{})
	if v.Head != heads[0] || v.Seal(heads[1]) != nil {
		t.Errorf("head %s", v.Head)
	}
}

func TestVerifyStops(t *testing.T) {
	s, _ := sealedLanding(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Verify(ctx, VerifyOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
