package landing

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract/sealed"
)

// A run that was sealed, not published, and taken up gets a further seal. Until
// then it says so; what it had landed is evidence like any other.
func TestSealedAgain(t *testing.T) {
	s, _ := sealedLanding(t)
	r := landRun(t, s, fourth)
	one, err := s.Seal(ended(r), SealOptions{})
	ok(t, err)
	mustFind(t, verify(t, s, VerifyOptions{}), "unfinished "+fourth+"/run.json")
	landRun(t, s, fourth) // further segments, and more of the ledger
	mustFind(t, verify(t, s, VerifyOptions{}), "unfinished "+fourth+"/run.json")
	edit(t, s, fourth+"/soms-retail.journal.jsonl", `"loaded":true`, `"loaded":null`)
	mustFind(t, verify(t, s, VerifyOptions{}), "unfinished "+fourth+"/run.json", "altered "+fourth+"/soms-retail.journal.jsonl")
	edit(t, s, fourth+"/soms-retail.journal.jsonl", `"loaded":null`, `"loaded":true`)
	two := seal(t, s, r, SealOptions{})
	v := verify(t, s, VerifyOptions{})
	mustFind(t, v)
	if v.Head != two || v.Seals != 4 || v.Seal(one) == nil || v.Seal(two).Before.SHA256 != one {
		t.Errorf("verified %+v", v)
	}
	edit(t, s, fourth+"/soms-retail.journal.jsonl", `"loaded":true`, `"loaded":null`) // the first half
	if v := verify(t, s, VerifyOptions{}); len(v.Findings) != 1 || v.Findings[0].Kind != Altered {
		t.Errorf("found %v", texts(v.Findings))
	}
}

// One that was sealed and not taken up died: the next seal says so, and nothing
// is wrong.
func TestSealedAndNotTakenUp(t *testing.T) {
	s, _ := sealedLanding(t)
	_, err := s.Seal(ended(landRun(t, s, fourth)), SealOptions{})
	ok(t, err)
	seal(t, s, landRun(t, s, "2026/03/05/20260305T180000Z-ffffff"), SealOptions{})
	mustFind(t, verify(t, s, VerifyOptions{}))
	ok(t, os.Remove(filepath.Join(s.dir, fourth, "soms-retail-orders.jsonl.zst")))
	mustFind(t, verify(t, s, VerifyOptions{}), "missing "+fourth+"/soms-retail-orders.jsonl.zst")
}

// A landing of a version that knew no seals begins with none. The first seal takes
// up what is there: from then on that is evidence too.
func TestLandingOfBeforeSeals(t *testing.T) {
	s := openWith(t, t.TempDir(), sealed.Keys{})
	ok(t, s.SaveRun(ended(landRun(t, s, first))))
	landRun(t, s, died)
	ok(t, os.WriteFile(s.Base(), []byte("what pruned runs gave"), 0o600))
	v := verify(t, s, VerifyOptions{})
	mustFind(t, v)
	if v.Head != "" || v.Unsealed != 2 || v.Runs != 2 || v.Begins != "" {
		t.Errorf("verified %+v", v)
	}
	seal(t, s, landRun(t, s, third), SealOptions{})
	v = verify(t, s, VerifyOptions{})
	mustFind(t, v)
	if v.Seals != 1 || v.Unsealed != 0 || v.Files != 3*5+1 {
		t.Errorf("verified %+v", v)
	}
	for _, name := range []string{first + "/soms-retail-orders.jsonl.zst", died + "/soms-retail.journal.jsonl", baseFile} {
		path := filepath.Join(s.dir, name)
		whole, err := os.ReadFile(path)
		ok(t, err)
		ok(t, os.WriteFile(path, slices.Concat(whole[:5], []byte("x"), whole[6:]), 0o600))
		mustFind(t, verify(t, s, VerifyOptions{}), "altered "+name)
		ok(t, os.WriteFile(path, whole, 0o600))
	}
}

// Answers that are removed for their age are missed only where no seal allows it:
// for those before the time that it names.
func TestPrunedRunsStaySealed(t *testing.T) {
	s, _ := sealedLanding(t)
	at := recordOf(third).At
	seal(t, s, landRun(t, s, fourth), SealOptions{PruneBefore: at})
	ok(t, s.Prune(ended(recordOf(first))))
	mustFind(t, verify(t, s, VerifyOptions{}))
	ok(t, os.Remove(filepath.Join(s.dir, died, "soms-retail-orders.jsonl.zst"))) // by hand: run.json does not say so
	mustFind(t, verify(t, s, VerifyOptions{}), "missing "+died+"/soms-retail-orders.jsonl.zst")
	ok(t, s.Prune(recordOf(died)))
	mustFind(t, verify(t, s, VerifyOptions{}))
	ok(t, os.Remove(filepath.Join(s.dir, first, "soms-retail-orders.manifest.jsonl")))
	mustFind(t, verify(t, s, VerifyOptions{}), "missing "+first+"/soms-retail-orders.manifest.jsonl")
	ok(t, s.Prune(ended(recordOf(third)))) // not before the limit
	mustFind(t, verify(t, s, VerifyOptions{}), "missing "+first+"/soms-retail-orders.manifest.jsonl", "pruned "+third+"/run.json")
}

// The base is sealed by the run after the pruning; until then by its own note,
// which holds only directly after the seal that it names.
func TestBaseIsSealed(t *testing.T) {
	s, _ := sealedLanding(t)
	put := func(text string) {
		t.Helper()
		ok(t, os.WriteFile(s.Base()+".new", []byte(text), 0o600))
		ok(t, s.NoteBase(s.Base()+".new"))
		ok(t, os.Rename(s.Base()+".new", s.Base()))
	}
	put("one")
	mustFind(t, verify(t, s, VerifyOptions{}))
	seal(t, s, landRun(t, s, fourth), SealOptions{})
	mustFind(t, verify(t, s, VerifyOptions{}))
	for _, o := range []VerifyOptions{{}, {Quick: true}} {
		ok(t, os.WriteFile(s.Base(), []byte("longer"), 0o600))
		mustFind(t, verify(t, s, o), map[bool]string{false: "altered base.duckdb", true: "longer base.duckdb"}[o.Quick])
	}
	note, err := os.ReadFile(filepath.Join(s.dir, baseNote))
	ok(t, err)
	put("two")
	mustFind(t, verify(t, s, VerifyOptions{}))
	seal(t, s, landRun(t, s, "2026/03/05/20260305T180000Z-ffffff"), SealOptions{})
	mustFind(t, verify(t, s, VerifyOptions{}))
	// The first base with its own note, put back.
	ok(t, errors.Join(os.WriteFile(s.Base(), []byte("one"), 0o600), os.WriteFile(filepath.Join(s.dir, baseNote), note, 0o600)))
	mustFind(t, verify(t, s, VerifyOptions{}), "altered base.duckdb")
	ok(t, os.Remove(s.Base()))
	mustFind(t, verify(t, s, VerifyOptions{}), "missing base.duckdb")
}

// What a vendor pushed is missed unless it may have been removed for its age, and
// is found where the account has another name now, there and back again.
func TestSealedJournalsMove(t *testing.T) {
	s, _ := sealedLanding(t)
	const segment = "/2026-03-01-000001.jsonl"
	move := func(from, to string) {
		t.Helper()
		ok(t, os.Rename(filepath.Join(s.dir, "notifications", from), filepath.Join(s.dir, "notifications", to)))
	}
	moved := []Moved{{"notifications/courier", "notifications/express"}}
	move("courier", "express")
	mustFind(t, verify(t, s, VerifyOptions{}), "missing notifications/courier"+segment)
	seal(t, s, landRun(t, s, fourth), SealOptions{Moved: moved})
	mustFind(t, verify(t, s, VerifyOptions{}))
	move("express", "courier")
	seal(t, s, landRun(t, s, "2026/03/05/20260305T180000Z-ffffff"), SealOptions{Moved: []Moved{{moved[0].To, moved[0].From}}})
	mustFind(t, verify(t, s, VerifyOptions{}))
	move("courier", "express")
	seal(t, s, landRun(t, s, "2026/03/06/20260306T180000Z-ffffff"), SealOptions{Moved: moved})
	mustFind(t, verify(t, s, VerifyOptions{}))

	journalAdd(t, s, "notifications/express", recordOf(fourth).At, "order 2 sent")
	ok(t, os.Remove(filepath.Join(s.dir, "notifications/express"+segment+".zst")))
	mustFind(t, verify(t, s, VerifyOptions{}), "missing notifications/express"+segment)
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	seal(t, s, landRun(t, s, "2026/03/07/20260307T180000Z-ffffff"), SealOptions{PruneBefore: day.AddDate(0, 0, 2)})
	mustFind(t, verify(t, s, VerifyOptions{}), "missing notifications/express"+segment)
	seal(t, s, landRun(t, s, "2026/03/08/20260308T180000Z-ffffff"), SealOptions{PruneBefore: day.AddDate(0, 0, 2).Add(time.Second)})
	mustFind(t, verify(t, s, VerifyOptions{}))
}

// Encrypted answers and notifications are verified as they lie there, by who cannot
// open them.
func TestEncryptedLandingIsVerified(t *testing.T) {
	closed, _ := newKeys(t)
	s := openWith(t, t.TempDir(), closed)
	seal(t, s, landRun(t, s, first), SealOptions{})
	s = openWith(t, s.dir, sealed.Keys{})
	v := verify(t, s, VerifyOptions{})
	mustFind(t, v)
	if v.Files != 5 {
		t.Errorf("%d files", v.Files)
	}
	name := first + "/soms-retail-orders.jsonl.zst.age"
	data, err := os.ReadFile(filepath.Join(s.dir, name))
	ok(t, err)
	data[len(data)-1] ^= 1
	ok(t, os.WriteFile(filepath.Join(s.dir, name), data, 0o600))
	mustFind(t, verify(t, s, VerifyOptions{}), "altered "+name)
	mustFind(t, verify(t, s, VerifyOptions{Quick: true})) // whose size is the same
}

// A damaged seal, journal or a folder in the place of a file does not hold up the
// night: the next seal goes on, and what is wrong is found.
func TestSealGoesOn(t *testing.T) {
	s, heads := sealedLanding(t)
	ok(t, os.WriteFile(filepath.Join(s.dir, third, "seal.json"), []byte("{"), 0o600))
	ok(t, os.WriteFile(filepath.Join(s.dir, "people/2026-03-01-000002.jsonl.zst"), []byte("no zstd"), 0o600))
	ok(t, os.Mkdir(filepath.Join(s.dir, died, "soms-other.manifest.jsonl"), 0o700))
	s.Forget()
	seal(t, s, landRun(t, s, fourth), SealOptions{})
	v := verify(t, s, VerifyOptions{})
	if v.Seal(heads[1]) != nil || v.Seals != 2 {
		t.Errorf("verified %+v", v)
	}
	var kinds []Kind
	for _, f := range v.Findings {
		kinds = append(kinds, f.Kind)
	}
	slices.Sort(kinds)
	// The seal and the journal; the folder; and the third run, which has an end and
	// stands in the seal of the fourth.
	if want := []Kind{Unknown, Unreadable, Unreadable, Unsealed}; !slices.Equal(kinds, want) {
		t.Errorf("found %v, want %v", texts(v.Findings), want)
	}
}
