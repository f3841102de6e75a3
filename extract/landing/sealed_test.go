package landing

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// newKeys are recipients alone, and the same with their identity.
func newKeys(t testing.TB) (closed, open sealed.Keys) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	err = closed.AddRecipient(id.Recipient().String())
	open = closed
	if err := errors.Join(err, open.AddIdentities(id.String())); err != nil {
		t.Fatal(err)
	}
	return closed, open
}

func openWith(t testing.TB, dir string, keys sealed.Keys) *Store {
	t.Helper()
	s, err := Open(dir, keys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// bodies are the answers of a window.
func bodies(s *Store, w WindowEntry) (got []string, err error) {
	err = s.Pages(w, func(p *extract.Page, l Landed) error {
		got = append(got, l.Ref[strings.LastIndex(l.Ref, "/")+1:]+" "+string(p.Body))
		return nil
	})
	return got, err
}

// A store is read whole, whichever of its segments are encrypted; a run that
// is taken up after encryption began or ended goes on in a further segment.
func TestEncryptedStore(t *testing.T) {
	closed, open := newKeys(t)
	dir := t.TempDir()
	var windows []WindowEntry
	for _, keys := range []sealed.Keys{{}, closed, {}} {
		windows = append(windows, land(t, openWith(t, dir, keys)))
	}
	for i, want := range [][]string{
		{`soms-retail-orders.jsonl.zst:2 {"n":1}`, `soms-retail-orders.jsonl.zst:3 {"n":2}`},
		{`soms-retail-orders.2.jsonl.zst.age:2 {"n":1}`, `soms-retail-orders.2.jsonl.zst.age:3 {"n":2}`},
		{`soms-retail-orders.3.jsonl.zst:2 {"n":1}`, `soms-retail-orders.3.jsonl.zst:3 {"n":2}`},
	} {
		got, err := bodies(openWith(t, dir, open), windows[i])
		if err != nil || strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("window %d: %q, %v; want %q", i, got, err, want)
		}
		_, err = bodies(openWith(t, dir, closed), windows[i])
		if locked := i == 1; errors.Is(err, sealed.ErrNoIdentity) != locked || !locked && err != nil {
			t.Errorf("window %d without the identity: %v", i, err)
		}
		if damaged := (*Damaged)(nil); errors.As(err, &damaged) {
			t.Errorf("what cannot be opened is called damaged: %v", err)
		}
	}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", path, info.Mode().Perm(), err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	if err := openWith(t, dir, closed).Prune(RunRecord{Run: ledger.Run{ID: "r1", At: runAt}}); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "2026/03/01/r1/*.zst*")); err != nil || len(left) != 0 {
		t.Errorf("pruning leaves %v, %v", left, err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "2026/03/01/r1/*.manifest.jsonl")); err != nil || len(left) != 3 {
		t.Errorf("pruning leaves the manifests %v, %v; want three", left, err)
	}
}

// Damage to an encrypted segment is damage, with the identity or without.
func TestDamagedEncryptedAnswers(t *testing.T) {
	closed, open := newKeys(t)
	for _, keys := range []sealed.Keys{closed, open} {
		dir := t.TempDir()
		w := land(t, openWith(t, dir, keys))
		path := filepath.Join(dir, filepath.FromSlash(w.Segment))
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for what, data := range map[string][]byte{
			"cut":       whole[:len(whole)-1],
			"one byte":  append(bytes.Clone(whole[:len(whole)-1]), whole[len(whole)-1]^1),
			"too short": whole[:10],
		} {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			w.First, w.Last = 3, 3
			_, err := bodies(openWith(t, dir, keys), w)
			if damaged := (*Damaged)(nil); !errors.As(err, &damaged) || what != "too short" && damaged.Ref != w.Segment+":3" {
				t.Errorf("%s: %v, want line 3 reported as damaged", what, err)
			}
		}
	}
}

// A window that was read again, for its first answers could not be used, is
// the later one: what a replay repeats is what was loaded.
func TestWindowReadAgain(t *testing.T) {
	s, _ := openStore(t)
	j, err := s.WindowLedger("r1", runAt, "soms", "retail")
	if err != nil {
		t.Fatal(err)
	}
	for _, segment := range []string{"first", "second"} {
		if err := j.Complete(WindowEntry{Key: "k", Segment: segment}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(j.Load([]string{"k"}), j.Commit(), j.Close()); err != nil {
		t.Fatal(err)
	}
	journals, err := s.WindowLedgers(RunRecord{Run: ledger.Run{ID: "r1", At: runAt}})
	if err != nil {
		t.Fatal(err)
	}
	if loaded := journals[ledger.AccountID{Source: "soms", Account: "retail"}].LoadedWindows(); len(loaded) != 1 || loaded[0].Segment != "second" {
		t.Errorf("loaded were %+v, want the second", loaded)
	}
}

// answer is JSON of about so many bytes, as compressible as an order is.
func answer(size int) []byte {
	rnd := rand.New(rand.NewPCG(1, 1))
	var b bytes.Buffer
	b.WriteString(`{"orders":[`)
	for b.Len() < size-100 {
		fmt.Fprintf(&b, `{"id":"888%08d","frontOrderId":"F%d","state":"delivered","total":"%d.%02d"},`, rnd.IntN(1e8), rnd.Int64(), rnd.IntN(1000), rnd.IntN(100))
	}
	b.WriteString(`{}]}`)
	return b.Bytes()
}

// BenchmarkAppend lands answers, and BenchmarkPages reads them back; both
// without flushing to disk.
func BenchmarkAppend(b *testing.B) {
	eachKind(b, func(b *testing.B, s *Store, body []byte) {
		g, err := s.Segment("r1", runAt, "soms", "retail", "orders")
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := g.Append(&extract.Page{Body: body}); err != nil {
				b.Fatal(err)
			}
		}
		if err := g.Close(); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkPages(b *testing.B) {
	eachKind(b, func(b *testing.B, s *Store, body []byte) {
		const answers = 100
		g, err := s.Segment("r1", runAt, "soms", "retail", "orders")
		if err != nil {
			b.Fatal(err)
		}
		for range answers {
			l, err := g.Append(&extract.Page{Body: body})
			if err := errors.Join(err, g.Describe(l, extract.Facts{}, nil)); err != nil {
				b.Fatal(err)
			}
		}
		if err := g.Close(); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(body)) * answers)
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			err := s.Pages(WindowEntry{Segment: g.Name(), First: 1, Last: answers}, func(p *extract.Page, _ Landed) error {
				n += len(p.Body)
				_, err := io.Discard.Write(p.Body)
				return err
			})
			if err != nil || n != len(body)*answers {
				b.Fatal(n, err)
			}
		}
	})
}

func eachKind(b *testing.B, run func(b *testing.B, s *Store, body []byte)) {
	_, open := newKeys(b)
	for _, size := range []int{1 << 10, 18 << 10, 1800 << 10} {
		for name, keys := range map[string]sealed.Keys{"plain": {}, "encrypted": open} {
			b.Run(fmt.Sprintf("%s/%dKB", name, size>>10), func(b *testing.B) {
				run(b, openWith(b, b.TempDir(), keys), answer(size))
			})
		}
	}
}
