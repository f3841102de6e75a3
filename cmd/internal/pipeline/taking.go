package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/filled"
	"github.com/nightaudit/nightaudit/reports/shelf"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// TakenBook is a workbook that somebody had saved where it lies, and that was
// read.
type TakenBook struct {
	Workbook string // path
	Author   string
	Taken    int      // breaks with anything new
	Refused  []string // what could not be taken and why, with its place
	Remarks  []string // how it was read where it is not as it was made
}

// savedBooks is what is known of the workbooks of a folder that people saved.
type savedBooks struct {
	verdicts map[string]shelf.Verdict // by the file's SHA-256
	again    []shelf.Book             // whose place is to be written anew
	read     []TakenBook              // in this command
	entered  int                      // ledger entries made
	notice   string                   // what the operator should know
}

func (s *savedBooks) judge(sha256 string) shelf.Verdict { return s.verdicts[sha256] }

// refused says whether something that people wrote could not be taken.
func (s *savedBooks) refused() bool {
	return s != nil && slices.ContainsFunc(s.read, func(b TakenBook) bool { return len(b.Refused) > 0 })
}

// takeEntries takes what people wrote into the workbooks of a folder, where they
// saved them: each file once, the one that was saved last at the end, so that
// the newer entry counts. at is the recorded time of the entries.
func (r *runner) takeEntries(ctx context.Context, dir string, at time.Time) (*savedBooks, error) {
	s := &savedBooks{verdicts: map[string]shelf.Verdict{}}
	books, err := shelf.List(dir)
	if err != nil {
		return s, err
	}
	books = slices.DeleteFunc(books, func(b shelf.Book) bool { return b.Plain && !b.Saved })
	strays, err := shelf.Strays(dir)
	if err != nil || len(books)+len(strays) == 0 {
		return s, err
	}
	slices.SortStableFunc(books, func(a, b shelf.Book) int { return savedAt(a).Compare(savedAt(b)) })
	known, err := r.warehouse.TakenWorkbooks(ctx)
	if err != nil {
		return s, err
	}
	for sum, refused := range known {
		s.verdicts[sum] = verdictOf(refused)
	}
	for _, path := range strays {
		if err := r.refuseStray(ctx, s, path, at); err != nil {
			return s, err
		}
	}
	for _, b := range books {
		refused := false
		if b.Saved {
			if refused, err = r.takeBook(ctx, s, b, at); err != nil {
				return s, err
			}
		}
		// One that stands beside the plain one gives way to a new one, and one
		// that is put aside needs one in its place.
		if named := !b.From.IsZero(); named && (refused || !b.Plain) {
			s.again = append(s.again, b)
		}
	}
	return s, r.leaveClosed(ctx, s)
}

func savedAt(b shelf.Book) time.Time {
	info, err := os.Stat(b.Path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

func verdictOf(refused string) shelf.Verdict {
	if refused != "" {
		return shelf.Refused
	}
	return shelf.Taken
}

// leaveClosed leaves the workbooks of closed months as they were signed.
func (r *runner) leaveClosed(ctx context.Context, s *savedBooks) error {
	closes, err := r.warehouse.Closes(ctx)
	if err != nil {
		return err
	}
	s.again = slices.DeleteFunc(s.again, func(b shelf.Book) bool {
		return slices.ContainsFunc(closes, func(c load.Close) bool {
			return b.From.Format(time.DateOnly) <= c.To && c.From <= b.To.Format(time.DateOnly)
		})
	})
	return nil
}

// takeBook takes what is new in one workbook, unless its very file was read
// before. refused says that something could not be taken now.
func (r *runner) takeBook(ctx context.Context, s *savedBooks, b shelf.Book, at time.Time) (refused bool, err error) {
	book, err := filled.Read(b.Path)
	switch {
	case err != nil && book == nil && b.From.IsZero() && errors.Is(err, filled.ErrNotWorkbook):
		return false, nil // a file of somebody's own
	case err != nil:
		if sum, hashed := workbook.Hash(b.Path); hashed == nil {
			s.verdicts[sum] = shelf.Refused
		}
		s.read = append(s.read, TakenBook{Workbook: b.Path, Refused: []string{say(r.cfg.Report.Language, err.Error())}})
		return true, nil
	case book.Database != r.warehouse.ID():
		s.verdicts[book.SHA256] = shelf.Refused // said if it is in the way
		return false, nil
	case s.verdicts[book.SHA256] != shelf.Unknown:
		return false, nil
	}
	a := load.Annotations{
		EntryID: "annotate-" + r.run.ID + "-" + book.SHA256[:12], At: at,
		Author: author("", r.o.By, book), TakenBy: r.o.By, InPlace: true,
	}
	decisions, taken, err := r.decide(ctx, book, filepath.Base(b.Path))
	if err != nil {
		return false, err
	}
	a.Rows = taken
	if err := r.enterBook(ctx, a, b.Path, book, decisions); err != nil {
		return false, err
	}
	s.entered++
	done := TakenBook{Workbook: b.Path, Author: a.Author, Taken: len(taken), Refused: load.Refusals(decisions), Remarks: remarksOf(book)}
	s.verdicts[book.SHA256] = verdictOf(strings.Join(done.Refused, "\n"))
	if done.Taken+len(done.Refused)+len(done.Remarks) > 0 {
		s.read = append(s.read, done)
	}
	return len(done.Refused) > 0, nil
}

// refuseStray says once that a workbook was saved as another kind of file, of
// which nothing is read. The ledger has it, so that it is not said every night.
func (r *runner) refuseStray(ctx context.Context, s *savedBooks, path string, at time.Time) error {
	sum, err := workbook.Hash(path)
	if err != nil || s.verdicts[sum] != shelf.Unknown {
		return err
	}
	_, err = filled.Read(path)
	if !errors.Is(err, filled.ErrOtherKind) && !errors.Is(err, filled.ErrProtected) {
		return nil // a file of somebody's own
	}
	why := say(r.cfg.Report.Language, err.Error())
	a := load.Annotations{
		EntryID: "annotate-" + r.run.ID + "-" + sum[:12], At: at, Author: r.o.By, TakenBy: r.o.By, InPlace: true,
		Workbook: filepath.Base(path), SHA256: sum, Refused: why,
	}
	if err := r.record(ctx, entry{Annotations: &a}); err != nil {
		return err
	}
	s.verdicts[sum] = shelf.Refused
	s.entered++
	s.read = append(s.read, TakenBook{Workbook: path, Refused: []string{why}})
	return r.warehouse.Annotate(ctx, a)
}

// enterBook enters what of a workbook is taken, into the log first.
func (r *runner) enterBook(ctx context.Context, a load.Annotations, path string, book *filled.Workbook, decisions []load.Decision) error {
	a.Workbook, a.SHA256, a.SavedAt, a.PublishedAt = filepath.Base(path), book.SHA256, book.SavedAt, book.Published
	a.Refused = strings.Join(load.Refusals(decisions), "\n")
	if err := r.record(ctx, entry{Annotations: &a}); err != nil {
		return err
	}
	return r.warehouse.Annotate(ctx, a)
}

// saidBefore is what a workbook that lies in the folder of reports said when it
// was read there: people go on writing in it, and what it said then is not new
// when it is saved again. published tells it from an earlier one of its name.
func (r *runner) saidBefore(ctx context.Context, name string, published time.Time) (map[string]*load.Annotation, error) {
	entries, _, err := r.journal(func(error) error { return nil }) // said at the start
	if err != nil {
		return nil, err
	}
	said := map[string]*load.Annotation{}
	for _, e := range entries {
		a := e.Annotations
		if a == nil || !a.InPlace || a.Workbook != name || !a.PublishedAt.Equal(published) {
			continue
		}
		named, err := r.named(ctx, *a)
		if err != nil {
			return nil, err
		}
		for _, row := range named.Rows {
			id := row.BreakID
			have := said[id]
			if have == nil {
				have = &load.Annotation{}
				said[id] = have
			}
			have.Status, have.Owner, have.Comment = newer(have.Status, row.Status), newer(have.Owner, row.Owner), newer(have.Comment, row.Comment)
		}
	}
	return said, nil
}

func newer(old, said *string) *string {
	if said != nil {
		return said
	}
	return old
}

// Taken is what became of the workbooks of a folder before a report is written
// there.
type Taken struct {
	Books    []TakenBook
	Judge    shelf.Judge // of the files that people saved, for sheets.Options
	Database string      // published anew; "" where nothing was taken
	Notices  []string
}

// ErrNoAccess is a data folder that this user cannot use, or that is not there.
var ErrNoAccess = errors.New("the data folder cannot be used")

// TakeEntries takes what people wrote into the workbooks of a folder, where
// they saved them, as a run does, and publishes it.
//
// Errors are ErrNoAccess, ErrLocked and others; after them nothing has changed.
func TakeEntries(ctx context.Context, cfg *config.Config, o Options, dir string) (taken *Taken, err error) {
	// A command that reads must not begin a data folder.
	if f, err := os.OpenFile(filepath.Join(cfg.DataDir, "warehouse.duckdb"), os.O_RDWR, 0); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoAccess, err)
	} else if err := f.Close(); err != nil {
		return nil, err
	}
	r, end, err := beginRun(ctx, cfg, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	last, err := r.prepareEntry(ctx)
	if err != nil {
		return nil, err
	}
	saved, err := r.takeEntries(ctx, dir, r.run.At)
	if err != nil {
		return nil, err
	}
	taken = &Taken{Books: saved.read, Judge: saved.judge}
	if saved.entered > 0 {
		taken.Database, taken.Notices, err = r.publishEntry(ctx, last, "what people wrote is taken, but people do not see it yet")
	}
	return taken, err
}
