package landing

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

func swap(t testing.TB, s *Store, a, b string) {
	t.Helper()
	ok(t, disk.Exchange(filepath.Join(s.dir, a), filepath.Join(s.dir, b)))
}

func edit(t testing.TB, s *Store, name, old, by string) {
	t.Helper()
	path := filepath.Join(s.dir, name)
	data, err := os.ReadFile(path)
	ok(t, err)
	if !bytes.Contains(data, []byte(old)) {
		t.Fatalf("%s does not hold %s", name, old)
	}
	ok(t, os.WriteFile(path, bytes.Replace(data, []byte(old), []byte(by), 1), 0o600))
}

// attack is a way to change a landing, and what is found of it, kind and file.
type attack struct {
	do   func(t *testing.T, s *Store)
	want []string
}

// unseen are the attacks that the reader in Python does not find: it compares what
// seals name, and does not judge what else was put there.
var unseen = []string{"a run that died slipped in", "a run slipped in, and sealed by the next night", "a segment slipped in", "a base from elsewhere"}

func TestAttacks(t *testing.T) {
	tally := attacks.In(t)
	for name, a := range tampering() {
		tally.Try(name, func(t *testing.T) {
			s, _ := sealedLanding(t)
			a.do(t, s)
			mustFind(t, verify(t, s, VerifyOptions{}), a.want...)
			if os.Getenv("NIGHTAUDIT_SLOW") == "" && !slices.Contains(readByDefault, name) {
				return
			}
			if out, code := readLanding(t, "verify", s.dir); (code == 1) == slices.Contains(unseen, name) || strings.Contains(out, "Traceback") {
				t.Errorf("the reader ends with %d:\n%s", code, out)
			}
		})
	}
}

func tampering() map[string]attack {
	const orders, detail = "/soms-retail-orders", "/soms-retail-detail"
	const segment, manifest = ".jsonl.zst", ".manifest.jsonl"
	return map[string]attack{
		"two segments swapped": {
			func(t *testing.T, s *Store) { swap(t, s, first+orders+segment, first+detail+segment) },
			[]string{"altered " + first + orders + segment, "altered " + first + detail + segment},
		},
		"two segments swapped with their manifests": {func(t *testing.T, s *Store) {
			swap(t, s, first+orders+segment, third+orders+segment)
			swap(t, s, first+orders+manifest, third+orders+manifest)
		}, []string{"altered " + first + orders + segment, "altered " + first + orders + manifest, "altered " + third + orders + segment, "altered " + third + orders + manifest}},
		"a segment of the run that died": {
			func(t *testing.T, s *Store) { swap(t, s, died+orders+segment, third+orders+segment) },
			[]string{"altered " + died + orders + segment, "altered " + third + orders + segment},
		},
		"a run's folder gone": {
			func(t *testing.T, s *Store) { ok(t, os.RemoveAll(filepath.Join(s.dir, first))) },
			[]string{"gap"},
		},
		"the folder of the run that died gone": {
			func(t *testing.T, s *Store) { ok(t, os.RemoveAll(filepath.Join(s.dir, died))) },
			[]string{"missing " + died},
		},
		"two runs' folders swapped": {
			func(t *testing.T, s *Store) { swap(t, s, first, third) },
			[]string{
				"misplaced " + first + "/run.json", "misplaced " + third + "/run.json", "misplaced " + first + "/seal.json", "misplaced " + third + "/seal.json",
				"altered " + first + orders + segment, "altered " + first + orders + manifest, "altered " + third + orders + segment, "altered " + third + orders + manifest,
				"altered " + first + detail + segment, "altered " + first + detail + manifest, "altered " + third + detail + segment, "altered " + third + detail + manifest,
			},
		},
		"a file of somebody": {func(t *testing.T, s *Store) {
			ok(t, os.WriteFile(filepath.Join(s.dir, third, "soms-other.journal.jsonl"), []byte(`{"loaded":true}`+"\n"), 0o600))
		}, []string{"unknown " + third + "/soms-other.journal.jsonl"}},
		"an outcome edited":  {func(t *testing.T, s *Store) { edit(t, s, first+"/run.json", `"complete"`, `"partial"`) }, []string{"record " + first + "/run.json"}},
		"an end edited":      {func(t *testing.T, s *Store) { edit(t, s, first+"/run.json", `18:01:00Z`, `18:02:00Z`) }, []string{"record " + first + "/run.json"}},
		"an outcome removed": {func(t *testing.T, s *Store) { edit(t, s, third+"/run.json", `"outcome": "complete",`, ``) }, []string{"unfinished " + third + "/run.json"}},
		"a time edited": {func(t *testing.T, s *Store) {
			edit(t, s, first+"/run.json", `"2026-03-01T18:00:00Z"`, `"2026-03-01T18:00:01Z"`)
		}, []string{"record " + first + "/run.json"}},
		"a day edited":      {func(t *testing.T, s *Store) { edit(t, s, first+"/run.json", `"2026-03-01T18`, `"2026-03-05T18`) }, []string{"misplaced " + first + "/run.json"}},
		"an id edited":      {func(t *testing.T, s *Store) { edit(t, s, first+"/run.json", "-aaaaaa", "-aaaaab") }, []string{"misplaced " + first + "/run.json"}},
		"a question edited": {func(t *testing.T, s *Store) { edit(t, s, first+"/run.json", `"asked": "{}"`, `"asked": "[]"`) }, []string{"record " + first + "/run.json"}},
		"a database edited": {func(t *testing.T, s *Store) { edit(t, s, died+"/run.json", `"db"`, `"other"`) }, []string{"record " + died + "/run.json"}},
		"an end given to one that died": {
			func(t *testing.T, s *Store) { ok(t, s.SaveRun(ended(recordOf(died)))) },
			[]string{"record " + died + "/run.json"},
		},
		"pruning pretended": {
			func(t *testing.T, s *Store) { ok(t, s.Prune(ended(recordOf(first)))) },
			[]string{"pruned " + first + "/run.json"},
		},
		"a line of a journal removed":    {rewritten("people/2026-03-01-000001.jsonl.zst", func(l []string) []string { return l[1:] }), []string{"shorter people/2026-03-01-000001.jsonl"}},
		"the last line removed":          {rewritten("people/2026-03-01-000001.jsonl.zst", func(l []string) []string { return l[:2] }), []string{"shorter people/2026-03-01-000001.jsonl"}},
		"two lines exchanged":            {rewritten("people/2026-03-01-000001.jsonl.zst", func(l []string) []string { return []string{l[1], l[0], l[2]} }), []string{"altered people/2026-03-01-000001.jsonl"}},
		"a line edited":                  {rewritten("people/2026-03-01-000001.jsonl.zst", func(l []string) []string { l[2] = strings.Replace(l[2], "again", "AGAIN", 1); return l }), []string{"altered people/2026-03-01-000001.jsonl"}},
		"a line added to one that ended": {rewritten("people/2026-03-01-000001.jsonl.zst", func(l []string) []string { return append(l, l[0]) }), []string{"longer people/2026-03-01-000001.jsonl"}},
		"a notification edited": {
			rewritten("notifications/courier/2026-03-01-000001.jsonl.zst", func(l []string) []string { l[0] = strings.Replace(l[0], "sent", "SENT", 1); return l }),
			[]string{"altered notifications/courier/2026-03-01-000001.jsonl"},
		},
		"a journal gone": {
			func(t *testing.T, s *Store) { ok(t, os.RemoveAll(filepath.Join(s.dir, "people"))) },
			[]string{"missing people/2026-03-01-000001.jsonl", "missing people/2026-03-01-000002.jsonl"},
		},
		"a segment slipped in": {
			func(t *testing.T, s *Store) {
				journalAdd(t, s, "people", recordOf(first).At.AddDate(0, -1, 0), `"close of December"`)
			},
			[]string{"unknown people/2026-02-01-000001.jsonl"},
		},
		"a seal made anew": {func(t *testing.T, s *Store) {
			edit(t, s, first+orders+manifest, `"status":0`, `"status":1`)
			ok(t, os.Remove(filepath.Join(s.dir, first, "seal.json")))
			resealed := &Store{dir: s.dir, codec: s.codec}
			run, err := resealed.sealedRun(ended(recordOf(first)), true)
			ok(t, err)
			data, err := json.MarshalIndent(&Seal{Format: 1, Sequence: 1, SealedRun: run}, "", " ")
			ok(t, err)
			ok(t, os.WriteFile(filepath.Join(s.dir, first, "seal.json"), data, 0o600))
		}, []string{"unlinked " + first + "/seal.json"}},
		"a run slipped in": {func(t *testing.T, s *Store) {
			ok(t, s.SaveRun(ended(landRun(t, s, "2026/03/02/20260302T200000Z-eeeeee"))))
		}, []string{"unsealed"}},
		"a run that died slipped in": {func(t *testing.T, s *Store) { landRun(t, s, "2026/03/02/20260302T200000Z-eeeeee") }, []string{"unsealed"}},
		"a run slipped in, and sealed by the next night": {func(t *testing.T, s *Store) {
			landRun(t, s, "2026/03/02/20260302T200000Z-eeeeee")
			seal(t, s, landRun(t, s, fourth), SealOptions{})
		}, []string{"unsealed"}},
		"a base from elsewhere": {func(t *testing.T, s *Store) { ok(t, os.WriteFile(s.Base(), []byte("base"), 0o600)) }, []string{"unknown base.duckdb"}},
		"a folder in the place of a file": {func(t *testing.T, s *Store) {
			ok(t, os.Remove(filepath.Join(s.dir, first+orders+manifest)))
			ok(t, os.Mkdir(filepath.Join(s.dir, first+orders+manifest), 0o700))
		}, []string{"unreadable " + first + orders + manifest}},
	}
}

// rewritten writes the lines of a compressed journal anew.
func rewritten(name string, change func([]string) []string) func(t *testing.T, s *Store) {
	return func(t *testing.T, s *Store) {
		path := filepath.Join(s.dir, name)
		f, err := os.Open(path)
		ok(t, err)
		defer f.Close()
		r, err := sealed.Decompress(f)
		ok(t, err)
		var b bytes.Buffer
		_, err = b.ReadFrom(r)
		ok(t, err)
		lines := slices.Collect(strings.Lines(b.String()))
		var packed bytes.Buffer
		ok(t, sealed.Compress(&packed, strings.NewReader(strings.Join(change(lines), ""))))
		ok(t, os.WriteFile(path, packed.Bytes(), 0o600))
	}
}
