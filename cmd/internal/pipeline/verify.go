package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/filled"
	"github.com/nightaudit/nightaudit/reports/shelf"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// VerifyOptions say what is verified, and how closely.
type VerifyOptions struct {
	Options
	All       bool     // every byte is hashed
	Workbooks []string // besides those in the folder of reports
	// Sample is how many landed answers are decoded anew at most and compared with the
	// published database; it takes the configuration's secrets. 0 is none.
	Sample int
}

// VerifyResult is what was compared, and what is not as it was.
type VerifyResult struct {
	*landing.Verified
	Findings  []landing.Finding `json:"findings"` // of the landing, the published database and workbooks
	Database  string            `json:"database"` // that was compared, "" where none was
	Bytewise  bool              `json:"bytewise"` // it is the very file that was published
	Entries   int               `json:"entries"`  // of people
	Workbooks []VerifiedBook    `json:"workbooks"`
	Sample    *Sample           `json:"sample,omitempty"` // where one was decoded
	Notices   []string          `json:"notices,omitempty"`
}

// VerifiedBook is a workbook whose seal the landing has.
type VerifiedBook struct {
	File     string `json:"file"`
	Run      string `json:"run"`
	Sequence int    `json:"sequence"` // of the seal
	Named    bool   `json:"-"`        // it was asked for by name
}

// Verify compares the landing with its chain of seals, and what was published
// with both: the bytes of the database, of workbooks and of their pages, the head of the
// chain, the runs and the entries of people that the database has, and the head in
// workbooks; a sample of the answers is decoded anew. It changes nothing, and without a
// sample it needs no secret.
func Verify(ctx context.Context, cfg *config.Config, o VerifyOptions) (result *VerifyResult, err error) {
	r, err := newRunner(cfg, o.Options)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(r.landingDir()); err != nil {
		return nil, fmt.Errorf("there is no landing: %w", err)
	}
	unlock, err := r.lock()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := r.refuseNewer(ctx); err != nil {
		return nil, err
	}
	if r.landing, err = landing.Open(r.landingDir(), cfg.LandingKeys); err != nil {
		return nil, err
	}
	v := &verification{runner: r, out: &VerifyResult{Workbooks: []VerifiedBook{}}}
	if v.out.Verified, err = r.landing.Verify(ctx, landing.VerifyOptions{Quick: !o.All}); err != nil {
		return nil, err
	}
	v.out.Findings = v.out.Verified.Findings
	state, err := v.published(ctx)
	if err != nil {
		return nil, err
	}
	if state != nil {
		if err := v.bytes(ctx, v.out.Database, state); err != nil {
			return nil, err
		}
	}
	if o.All && state != nil {
		if err := errors.Join(v.taken(state), v.earlier(ctx)); err != nil {
			return nil, err
		}
	}
	if o.Sample > 0 && state != nil && len(state.Runs) > 0 {
		if err := v.sample(ctx, state, o.Sample); err != nil {
			return nil, err
		}
	}
	return v.out, errors.Join(v.workbooks(ctx, o.Workbooks), v.aside())
}

type verification struct {
	*runner
	out *VerifyResult
}

func (v *verification) find(run, file string, kind landing.Kind, text string, args ...any) {
	v.out.Findings = append(v.out.Findings, landing.Finding{Run: run, File: file, Kind: kind, Text: fmt.Sprintf(text, args...)})
}

// published compares the published database; nil is one that cannot be compared.
func (v *verification) published(ctx context.Context) (*load.PublishedState, error) {
	path := filepath.Join(v.cfg.Publish.Dir, load.PublishedName)
	state, err := load.ReadPublished(ctx, path)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, fs.ErrNotExist):
		if last := v.lastPublished(); last != nil {
			v.find(last.Run, path, landing.Missing, "there is no published database, and run %s was published", last.Run)
		}
		return nil, nil
	case errors.Is(err, load.ErrBeforeSeals):
		v.out.Notices = append(v.out.Notices, path+": "+load.ErrBeforeSeals.Error()+": the next night's is compared")
		return nil, nil
	case err != nil:
		v.find("", path, landing.Unreadable, "%v", err)
		return nil, nil
	}
	v.out.Database = path
	v.head(path, state)
	if err := v.runs(path, state); err != nil {
		return nil, err
	}
	return state, v.entriesOf(path, state)
}

// lastPublished is the seal of the last run that was published: neither one in
// which every account failed, nor one that was cut short after it was sealed.
func (v *verification) lastPublished() *landing.Seal {
	unfinished := map[string]bool{}
	for _, f := range v.out.Verified.Findings {
		unfinished[f.Run] = unfinished[f.Run] || f.Kind == landing.Unfinished
	}
	return v.out.LastSeal(func(s *landing.Seal) bool {
		return s.Record.ExitCode != exit.Failed && !unfinished[s.Run] && v.out.Record(s.Run).Outcome != ""
	})
}

// head compares the head of the chain that the database has: the seal must be
// there, and no run after it may have been published.
func (v *verification) head(path string, state *load.PublishedState) {
	seal, last := v.out.Seal(state.ChainHead), v.lastPublished()
	switch {
	case state.ChainHead == "" && last == nil:
	case state.ChainHead == "":
		v.find(last.Run, path, landing.Unlinked, "it has no head of the chain, and run %s was published: the database is an older one", last.Run)
	case seal == nil:
		v.find(state.Run, path, landing.Unlinked, "the landing has no seal with the hash that it has, %.12s: a run is gone from the landing or its seal was changed, or the database is another's", state.ChainHead)
	case last != nil && seal.Sequence < last.Sequence:
		v.find(last.Run, path, landing.Unlinked, "it was published with seal %d, of run %s, and run %s was published since: the database is an older one", seal.Sequence, seal.Run, last.Run)
	}
}

// runs compares the ledger of the database with what was sealed of each run, and
// moved since.
func (v *verification) runs(path string, state *load.PublishedState) error {
	entries, _, err := v.journal(func(error) error { return nil })
	if err != nil {
		return err
	}
	times := correctedTimes(entries)
	for _, run := range state.Runs {
		record := v.out.Record(run.ID)
		if at, ok := times[run.ID]; ok && record != nil {
			moved := *record
			moved.Move(at)
			record = &moved
		}
		switch {
		case record == nil && v.out.Seals > 0:
			v.find(run.ID, path, landing.Missing, "the ledger has the run, and no seal of the landing names it")
		case record == nil || record.Outcome == "": // one that died while it was published is ended in the ledger
		case record.Outcome != run.Outcome || record.ExitCode != run.ExitCode || !record.FinishedAt.Equal(run.FinishedAt) ||
			!record.At.Equal(run.At) || record.ConfigSHA256 != run.ConfigSHA256:
			v.find(run.ID, path, landing.Record, "the ledger has the run as %s (exit code %d, ended %s), and it was sealed as %s (%d, %s)",
				run.Outcome, run.ExitCode, run.FinishedAt.UTC().Format(time.RFC3339Nano), record.Outcome, record.ExitCode, record.FinishedAt.UTC().Format(time.RFC3339Nano))
		}
	}
	return nil
}

// entriesOf compares what people added.
func (v *verification) entriesOf(path string, state *load.PublishedState) error {
	found, _, err := v.journal(func(err error) error {
		v.find("", v.entriesDir(), landing.Unreadable, "%v", err)
		return nil
	})
	if err != nil {
		return err
	}
	v.out.Entries = len(found)
	landed := map[string]bool{}
	for _, e := range found {
		landed[e.id()] = true
		if !state.Entries[e.id()] {
			v.find("", path, landing.Missing, "people added %s on %s, and the database does not hold it: it is an older one, or the adding was cut short, which nightaudit run mends", e.id(), e.at().UTC().Format(time.RFC3339))
		}
	}
	for id := range state.Entries {
		if !landed[id] {
			v.find("", v.entriesDir(), landing.Missing, "the published database holds %s, which people added, and the journal does not", id)
		}
	}
	return nil
}

// taken compares the workbooks that people saved, and that were put aside once
// what they say was taken, with their hashes in the ledger.
func (v *verification) taken(state *load.PublishedState) error {
	paths, err := shelf.TakenFiles(v.cfg.Report.Dir)
	if err != nil {
		return fmt.Errorf("list the workbooks that were taken: %w", err)
	}
	for _, path := range paths {
		switch sum, err := workbook.Hash(path); {
		case err != nil:
			v.find("", path, landing.Unreadable, "%v", err)
		case !state.Taken[sum]:
			v.find("", path, landing.Altered, "the ledger has no workbook with its hash, %.12s: it was changed since it was taken, or somebody put it there", sum)
		}
	}
	return nil
}

// workbooks compares the head that workbooks have.
func (v *verification) workbooks(ctx context.Context, more []string) error {
	books, err := shelf.List(v.cfg.Report.Dir)
	if err != nil {
		return fmt.Errorf("list the workbooks: %w", err)
	}
	for _, b := range books {
		if run := v.workbook(b.Path, false); run != "" {
			if err := v.pair(ctx, b, run); err != nil {
				return fmt.Errorf("compare %s: %w", b.Path, err)
			}
		}
	}
	for _, path := range more {
		v.workbook(path, true)
	}
	return nil
}

// workbook compares one; named is set where it was asked for by name. run is the one
// whose state it shows, "" where it cannot be read.
func (v *verification) workbook(path string, named bool) (run string) {
	id, err := filled.IdentityOf(path)
	seal := v.out.Seal(id.ChainHead)
	switch {
	case err != nil:
		v.find("", path, landing.Unreadable, "%v", err)
	case id.ChainHead == "" && named:
		v.find(id.Run, path, landing.Unsealed, "it does not say which seal of a landing it rests on: it was made before there were any, or saved by a program that left that out")
	case id.ChainHead == "":
	case seal == nil:
		v.find(id.Run, path, landing.Unlinked, "the landing has no seal with the hash that it has, %.12s: it came from another landing, or the landing was changed since", id.ChainHead)
	default:
		v.out.Workbooks = append(v.out.Workbooks, VerifiedBook{File: path, Run: seal.Run, Sequence: seal.Sequence, Named: named})
	}
	return id.Run
}
