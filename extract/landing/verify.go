package landing

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract/sealed"
)

// VerifyOptions say how closely Verify looks.
type VerifyOptions struct {
	// Quick compares the sizes of answers, of the base and of what vendors pushed;
	// all else is hashed.
	Quick bool
}

// Verify walks the chain of seals and compares what lies in the landing with
// it. What is not as it was sealed is a finding; an error is that something could
// not be looked at. It changes nothing; no run may be at work.
func (s *Store) Verify(ctx context.Context, o VerifyOptions) (*Verified, error) {
	s.Forget()
	c, err := s.chain()
	if err != nil {
		return nil, err
	}
	v := &verifier{stopped: ctx.Err, store: s, o: o, chain: c, out: &Verified{Findings: []Finding{}, seals: map[string]*Seal{}, records: map[string]*RunRecord{}}, runs: map[string]*expectedRun{}}
	v.walk()
	v.expect()
	v.published()
	for _, step := range []func() error{v.folders, v.journals, v.base} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("verify the landing: %w", err)
		}
	}
	slices.SortStableFunc(v.out.Findings, compareFindings)
	return v.out, nil
}

type verifier struct {
	stopped func() error // nil until the work is to end
	store   *Store
	o       VerifyOptions
	chain   chain
	out     *Verified

	runs  map[string]*expectedRun // by folder
	limit time.Time               // what was recorded before it may have been pruned
}

// expectedRun is a run as the seals have it.
type expectedRun struct {
	SealedRun
	files map[string][]SealedFile // by name, as each seal has it
	own   bool                    // it has a seal of its own
	last  bool                    // no later seal follows that
	found bool
}

func (v *verifier) find(run, file string, kind Kind, text string, args ...any) {
	v.out.Findings = append(v.out.Findings, Finding{Run: run, File: file, Kind: kind, Text: fmt.Sprintf(text, args...)})
}

// walk follows the seals from the first to the last.
func (v *verifier) walk() {
	var before *link
	for i := range v.chain {
		l := &v.chain[i]
		if l.seal == nil {
			v.find("", l.path(), Unreadable, "the seal cannot be read: %s", l.problem)
			continue
		}
		if l.dir != runDir(l.seal.Run, l.seal.Record.At) {
			v.find(l.seal.Run, l.path(), Misplaced, "it is the seal of run %s", l.seal.Run)
		}
		v.follows(before, l)
		if v.out.Begins == "" {
			v.out.Begins = l.seal.Run
		}
		if l.seal.PruneBefore.After(v.limit) {
			v.limit = l.seal.PruneBefore
		}
		v.out.Seals, v.out.Head, v.out.last, v.out.seals[l.sha256] = v.out.Seals+1, l.sha256, l.seal, l.seal
		before = l
	}
}

// follows compares a seal with the one before it.
func (v *verifier) follows(before, l *link) {
	sequence, run, sum := 0, "", ""
	if before != nil {
		sequence, run, sum = before.seal.Sequence, before.seal.Run, before.sha256
	}
	named := Link{}
	if l.seal.Before != nil {
		named = *l.seal.Before
	}
	switch at := l.seal.Sequence; {
	case at == sequence:
		v.find(l.seal.Run, l.path(), Gap, "there are two seals number %d, of the runs %s and %s", at, run, l.seal.Run)
	case at == sequence+2:
		v.find(named.Run, "", Gap, "seal %d is gone, which seal %d names as of run %s", at-1, at, named.Run)
	case at != sequence+1:
		v.find(named.Run, "", Gap, "the seals %d to %d are gone, the last of them of run %s", sequence+1, at-1, named.Run)
	case named.SHA256 != sum || named.Run != run:
		file := l.path()
		if before != nil {
			file = before.path()
		}
		v.find(run, file, Unlinked, "seal %d names as the one before the seal of run %q with the hash %.12s, and there is that of run %q with the hash %.12s", at, named.Run, named.SHA256, run, sum)
	}
}

// expect gathers what the seals say of each run.
func (v *verifier) expect() {
	var before *SealedRun
	for i := range v.chain {
		l := &v.chain[i]
		if l.seal == nil {
			continue
		}
		for _, other := range l.seal.Others {
			v.add(other, false)
			e := v.runs[runDir(other.Run, other.Record.At)]
			if before == nil || e.own {
				continue
			}
			if other.Record.Outcome != "" {
				v.find(other.Run, "", Unsealed, "it came to its end (%s), and it was the seal of run %s that first named it", other.Record.Outcome, l.seal.Run)
			} else if compareRuns(other.Record, before.Record) < 0 {
				v.find(other.Run, "", Unsealed, "it stands before run %s, whose seal does not name it: it was put there later", before.Run)
			}
		}
		v.add(l.seal.SealedRun, true)
		before = &l.seal.SealedRun
	}
	if before != nil {
		v.runs[runDir(before.Run, before.Record.At)].last = true
	}
}

func (v *verifier) add(r SealedRun, own bool) {
	dir := runDir(r.Run, r.Record.At)
	e := v.runs[dir]
	if e == nil {
		e = &expectedRun{files: map[string][]SealedFile{}}
		v.runs[dir] = e
	}
	e.SealedRun, e.own = r, e.own || own
	v.out.records[r.Run] = &e.Record
	for _, f := range r.Files {
		e.files[f.Name] = append(e.files[f.Name], f)
	}
}

// folders compares the folders of the runs with what is expected.
func (v *verifier) folders() error {
	dirs, err := v.store.folders()
	if err != nil {
		return err
	}
	var unsealed []RunRecord
	for _, dir := range dirs {
		e := v.runs[dir]
		r, whole := v.runFile(dir, e)
		switch {
		case e != nil:
			e.found = true
			if err := v.run(dir, e, r, whole); err != nil {
				return err
			}
		case whole:
			unsealed = append(unsealed, r)
		}
		if whole {
			v.out.Runs++
		}
	}
	for dir, e := range v.runs {
		if !e.found {
			v.find(e.Run, filepath.ToSlash(dir), Missing, "the run's folder is gone")
		}
	}
	v.unsealed(unsealed)
	return nil
}

// runFile reads a folder's run.json; whole is false where it is not that of
// the folder.
func (v *verifier) runFile(dir string, e *expectedRun) (r RunRecord, whole bool) {
	name, run := path.Join(filepath.ToSlash(dir), runFile), path.Base(filepath.ToSlash(dir))
	r, err := readRun(filepath.Join(v.store.dir, dir, runFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		// A crash may leave the folder of a run that had not begun.
		if names, _ := v.store.filesOf(dir); e != nil || len(names) > 0 {
			v.find(run, name, Missing, "the file that says which run it is, is gone")
		}
		return r, false
	case err != nil:
		v.find(run, name, Unreadable, "%s", reasonOf(err))
		return r, false
	case runDir(r.ID, r.At) != dir:
		v.find(run, name, Misplaced, "it is that of run %s of %s", r.ID, r.At.UTC().Format(time.RFC3339))
		return r, false
	}
	return r, true
}

// unsealed judges the runs that no seal names.
func (v *verifier) unsealed(runs []RunRecord) {
	v.out.Unsealed = len(runs)
	if v.out.last == nil {
		return // of before the chain
	}
	for _, r := range runs {
		switch {
		case r.Outcome != "":
			v.find(r.ID, "", Unsealed, "it came to its end (%s), and no seal names it", r.Outcome)
		case compareRuns(r, v.out.last.Record) < 0:
			v.find(r.ID, "", Unsealed, "it stands before run %s, whose seal does not name it: it was put there later", v.out.last.Run)
		}
	}
}

// run compares a run's folder with what is sealed of it.
func (v *verifier) run(dir string, e *expectedRun, r RunRecord, whole bool) error {
	unfinished := false
	if whole {
		unfinished = v.record(dir, e, r)
	}
	names, err := v.store.filesOf(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if len(e.files[name]) == 0 && !unfinished {
			v.find(e.Run, path.Join(filepath.ToSlash(dir), name), Unknown, "no seal names it")
		}
	}
	for name, sealedAs := range e.files {
		if err := v.file(dir, name, e, r, sealedAs, unfinished); err != nil {
			return err
		}
	}
	return nil
}

// record compares run.json with what is sealed. A run that was sealed and has no
// end there was cut short while it was published; then more may have come since.
func (v *verifier) record(dir string, e *expectedRun, r RunRecord) (unfinished bool) {
	name := path.Join(filepath.ToSlash(dir), runFile)
	switch {
	case r.Pruned && !e.Record.Pruned && !r.At.Before(v.limit):
		v.find(e.Run, name, Pruned, "it says that the answers were removed for their age, and no seal allows that for answers of %s", r.At.UTC().Format(time.RFC3339))
	case !r.Pruned && e.Record.Pruned:
		v.find(e.Run, name, Record, "it no longer says that the answers were removed for their age")
	}
	was := e.Record
	if e.own && e.last && r.Outcome == "" && was.Outcome != "" {
		v.find(e.Run, name, Unfinished, "the run is sealed as %s and has no end there: it was cut short while it was published, or the file was changed; nightaudit run takes it up", was.Outcome)
		unfinished = true
		was.Outcome, was.ExitCode, was.FinishedAt, was.Books = r.Outcome, r.ExitCode, r.FinishedAt, r.Books
	}
	if differ := differences(was, r); len(differ) > 0 {
		v.find(e.Run, name, Record, "it says something else than was sealed: %s", strings.Join(differ, ", "))
	}
	return unfinished
}

// file compares a file of a run.
func (v *verifier) file(dir, name string, e *expectedRun, r RunRecord, sealedAs []SealedFile, unfinished bool) error {
	at := path.Join(filepath.ToSlash(dir), name)
	file := filepath.Join(v.store.dir, dir, name)
	segment := isSegment(name)
	_, err := os.Lstat(file)
	if errors.Is(err, fs.ErrNotExist) && segment && r.Pruned {
		return nil
	}
	v.out.Files++
	if segment && v.o.Quick {
		return v.size(file, at, e.Run, sealedAs[len(sealedAs)-1].Bytes)
	}
	return v.content(e.Run, at, sealedAs, !unfinished, func() (readCloser, error) { return openFile(file) })
}

func isSegment(name string) bool {
	return strings.HasSuffix(name, segmentSuffix+sealed.PlainSuffix) || strings.HasSuffix(name, segmentSuffix+sealed.SealedSuffix)
}

func (v *verifier) size(file, at, run string, want int64) error {
	info, err := os.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		v.find(run, at, Missing, "it is gone")
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		v.find(run, at, Unreadable, "%v", errNoFile)
	case info.Size() < want:
		v.find(run, at, Shorter, "it has %d bytes, and had %d when it was sealed", info.Size(), want)
	case info.Size() > want:
		v.find(run, at, Longer, "it has %d bytes, and had %d when it was sealed", info.Size(), want)
	}
	return nil
}
