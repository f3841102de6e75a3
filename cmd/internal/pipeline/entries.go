package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/extract/wal"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// What people add to the database, closes, reopened months and annotations, and
// what became of the names of accounts by their configuration, is kept in a
// write-ahead log of its own before the database changes. It is never pruned
// and not encrypted: nothing stands in it that the published database does not
// show, and a run must be able to read it without the identity.

// entry is what a person added, a ledger entry: one of Close, Reopen, Adoption,
// Annotations, Account and Clock is set. Loss is none: it is what a replay could not
// make again, which somebody accepted, and stands in the log so that the next replay
// knows.
type entry struct {
	Loss        *load.Loss            `json:"loss,omitempty"`
	Close       *load.Close           `json:"close,omitempty"`
	Reopen      *load.Reopen          `json:"reopen,omitempty"`
	Adoption    *load.Adoption        `json:"adoption,omitempty"`
	Annotations *load.Annotations     `json:"annotations,omitempty"`
	Account     *load.AccountChange   `json:"account,omitempty"`
	Clock       *load.ClockCorrection `json:"clock,omitempty"`
	// A large workbook takes several lines of the log. One of which a crash left
	// only some lines was never acknowledged, and does not count.
	Part  int `json:"part"`
	Parts int `json:"parts"`
}

func (e *entry) id() string {
	switch {
	case e.Close != nil:
		return e.Close.EntryID
	case e.Reopen != nil:
		return e.Reopen.EntryID
	case e.Clock != nil:
		return e.Clock.EntryID
	case e.Account != nil:
		return e.Account.EntryID()
	case e.Loss != nil:
		return e.Loss.EntryID
	case e.Adoption != nil:
		return e.Adoption.EntryID
	}
	return e.Annotations.EntryID
}

func (e *entry) at() time.Time { return *e.recorded() }

// recorded is where the entry's recorded time stands.
func (e *entry) recorded() *time.Time {
	switch {
	case e.Close != nil:
		return &e.Close.At
	case e.Reopen != nil:
		return &e.Reopen.At
	case e.Clock != nil:
		return &e.Clock.At
	case e.Account != nil:
		return &e.Account.Run.At
	case e.Loss != nil:
		return &e.Loss.At
	case e.Adoption != nil:
		return &e.Adoption.At
	}
	return &e.Annotations.At
}

func (r *runner) entriesDir() string { return filepath.Join(r.landingDir(), "people") }

// record makes an entry durable in the log.
func (r *runner) record(ctx context.Context, e entry) (err error) {
	lines, err := e.lines()
	if err != nil {
		return err
	}
	log, err := wal.Open(r.entriesDir(), wal.Options{Now: r.o.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	for _, line := range lines {
		if _, err := log.Append(ctx, line); err != nil {
			return fmt.Errorf("keep it in the journal %s: %w", r.entriesDir(), err)
		}
	}
	return nil
}

// rowsBytes is how long the rows of one line may be; the rest of it is short.
const rowsBytes = wal.MaxBody * 3 / 4

// lines writes the entry down, cut so that each line fits the log.
func (e entry) lines() ([][]byte, error) {
	parts := []entry{e}
	if e.Annotations != nil {
		parts = nil
		for _, rows := range cutRows(e.Annotations.Rows) {
			some := *e.Annotations
			some.Rows = rows
			parts = append(parts, entry{Annotations: &some})
		}
	}
	var lines [][]byte
	for i, part := range parts {
		part.Part, part.Parts = i+1, len(parts)
		line, err := json.Marshal(part)
		if err != nil {
			return nil, fmt.Errorf("write down what was added: %w", err)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func cutRows(rows []load.Annotation) [][]load.Annotation {
	cut := [][]load.Annotation{nil} // a workbook that says nothing new is an entry too
	size := 0
	for i, r := range rows {
		line, err := json.Marshal(r)
		if err != nil {
			panic(err) // it is made of texts
		}
		if i > 0 && size+len(line) > rowsBytes {
			cut, size = append(cut, nil), 0
		}
		cut[len(cut)-1], size = append(cut[len(cut)-1], r), size+len(line)
	}
	return cut
}

// journal reads what people added, in the order of its recorded time, and the
// losses that they accepted. A line that is damaged goes to damaged, which may
// let it pass.
func (r *runner) journal(damaged func(error) error) (found []entry, accepted []load.Loss, err error) {
	dir := r.entriesDir()
	segments, err := wal.LogSegments(dir)
	begun := map[string]*entry{} // whose parts are not all there yet
	for _, segment := range segments {
		if err != nil {
			break
		}
		err = wal.Lines(dir, segment, sealed.Keys{}, func(no int, text string) error {
			e, err := readEntry(text)
			if err != nil {
				return damaged(fmt.Errorf("line %d of %s: %w", no, segment.Name, err))
			}
			switch whole := join(begun, e); {
			case e.Loss != nil:
				accepted = append(accepted, *e.Loss)
			case whole != nil:
				found = append(found, *whole)
			}
			return nil
		})
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read what people added (%s): %w", dir, err)
	}
	times := correctedTimes(found)
	for i := range found {
		id := found[i].id()
		if of := found[i].Account; of != nil { // it goes with its run
			id = of.Run.ID
		}
		if at, ok := times[id]; ok {
			*found[i].recorded() = at
		}
	}
	slices.SortStableFunc(found, func(a, b entry) int { return a.at().Compare(b.at()) })
	return found, accepted, nil
}

func readEntry(text string) (e entry, err error) {
	line, err := wal.Decode(text)
	if err != nil {
		return e, fmt.Errorf("%w; take the file from a backup", err)
	}
	if err := json.Unmarshal(line.Body, &e); err != nil {
		return e, err
	}
	if e.Close == nil && e.Reopen == nil && e.Adoption == nil && e.Annotations == nil && e.Account == nil && e.Clock == nil && e.Loss == nil {
		return e, errors.New("it is neither a close, nor a reopened month, an adoption, an annotation, a change of an account or a correction of the clock: a newer program wrote it; use that one")
	}
	return e, nil
}

// join puts the parts of an entry together, and gives it once all are there.
func join(begun map[string]*entry, e entry) *entry {
	if have := begun[e.id()]; have != nil && e.Part == have.Part+1 {
		have.Annotations.Rows = append(have.Annotations.Rows, e.Annotations.Rows...)
		have.Part = e.Part
		e = *have
	} else if e.Part != 1 {
		return nil
	}
	if e.Part < e.Parts {
		begun[e.id()] = &e
		return nil
	}
	delete(begun, e.id())
	return &e
}

// apply enters an entry into the working database. The notice is something the
// operator should know.
func (r *runner) apply(ctx context.Context, e entry) (notice string, err error) {
	switch {
	case e.Annotations != nil:
		annotations, err := r.named(ctx, *e.Annotations)
		if err != nil {
			return "", err
		}
		return "", r.warehouse.Annotate(ctx, annotations)
	case e.Reopen != nil:
		return "", r.warehouse.ReopenPeriod(ctx, *e.Reopen)
	case e.Clock != nil:
		return "", r.warehouse.NoteCorrection(ctx, *e.Clock)
	case e.Account != nil:
		return "", r.warehouse.Change(ctx, e.Account)
	case e.Adoption != nil:
		return "", r.warehouse.Adopt(ctx, *e.Adoption)
	}
	_, sum, err := r.warehouse.Figures(ctx, *e.Close)
	if err != nil {
		return "", err
	}
	if sum != e.Close.FiguresSHA256 {
		notice = fmt.Sprintf("the figures of %s, closed on %s, are others than those that were closed: the configuration or the program has changed since", e.Close.Period, e.Close.At.Format(time.DateOnly))
	}
	return notice, r.warehouse.ClosePeriod(ctx, *e.Close)
}

// applyOnce applies an entry that is not among those that the database has.
func (r *runner) applyOnce(ctx context.Context, e entry, have map[string]bool) (fresh bool, notice string, err error) {
	if have[e.id()] {
		return false, "", nil
	}
	if notice, err = r.apply(ctx, e); err != nil {
		return false, "", fmt.Errorf("enter %s: %w", e.id(), err)
	}
	return true, notice, nil
}

// applyMissing applies the entries that the database does not hold: a crash came
// between log and database. A damaged line does not hold up the run: what it
// said is most likely in the database since long.
func (r *runner) applyMissing(ctx context.Context) error {
	found, _, err := r.journal(func(err error) error {
		r.log.Error("the journal of what people added is damaged; a replay would not give it back", "journal", r.entriesDir(), "error", err)
		return nil
	})
	if err != nil {
		return err
	}
	have, err := r.warehouse.Entries(ctx)
	if err != nil {
		return err
	}
	for _, e := range found {
		fresh, _, err := r.applyOnce(ctx, e, have)
		if err != nil {
			return err
		}
		if fresh {
			r.log.Warn("what was added when a crash came is entered now", "entry", e.id())
		}
	}
	return nil
}

// ErrEarlier is a recorded time before the last one of the database: what was
// known at an instant does not change afterwards.
var ErrEarlier = errors.New("time goes forward in the database")

// inOrder refuses a run whose recorded time lies before what the database
// recorded last. One run may repeat another's time; what people added
// stands at its own.
func (r *runner) inOrder(last load.Recorded) error {
	refuse := func(at time.Time, what string) error {
		return fmt.Errorf("the night of %s comes after %s of %s: %w; %s",
			r.run.At.Format(time.RFC3339), what, at.UTC().Format(time.RFC3339), ErrEarlier, r.whatToDo())
	}
	switch {
	case r.run.At.Before(last.Begun):
		return refuse(last.Begun, "the run")
	case !last.Added.IsZero() && !r.run.At.After(last.Added):
		return refuse(last.Added, "the close or annotation")
	}
	return nil
}

// whatToDo tells how to go on where something stands later than the clock.
func (r *runner) whatToDo() string {
	const correct = "what stands in the future was recorded by a clock that was ahead: nightaudit replay --correct-clock moves it"
	if !r.o.At.IsZero() {
		return "give it a later --at"
	}
	switch v, says := r.dates.judge(r.run.At); v {
	case agreed:
		return "the computer's clock is right (" + says + "), and " + correct
	case unknown:
		return "set the computer's clock right; where it is right, " + correct
	default:
		return "set the computer's clock right (" + says + ")"
	}
}

// prepareEntry prepares for what a person adds: the last run must be whole, or
// people would see half of one. It gives the run that is published and the
// recorded time of the entry.
func (r *runner) prepareEntry(ctx context.Context) (last load.Recorded, err error) {
	if err := r.applyMissing(ctx); err != nil {
		return last, err
	}
	if last, err = r.recorded(ctx); err != nil {
		return last, err
	}
	if gap, known := r.sinceLast(last); known && gap > usualGap {
		r.askTimeForEntry(ctx)
		if v, says := r.dates.judge(r.run.At); v == ahead {
			return last, r.clockAhead(says, "")
		}
	}
	switch {
	case last.Run == "":
		return last, errors.New("no night has been loaded yet: nightaudit run does it")
	case last.Unfinished != "":
		return last, fmt.Errorf("the run %s was cut short and has loaded a part of its night: nightaudit run goes on from it, then try again", last.Unfinished)
	case r.run.At.Before(last.Begun) || r.run.At.Before(last.Added):
		r.askTimeForEntry(ctx)
		return last, fmt.Errorf("the clock says %s, and something was recorded at %s: %w; %s",
			r.run.At.Format(time.RFC3339), laterOf(last.Begun, last.Added).UTC().Format(time.RFC3339), ErrEarlier, r.whatToDo())
	}
	return last, nil
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// showUnseen publishes what a command added that was cut short before people saw it,
// on behalf of one that adds nothing itself.
func (r *runner) showUnseen(ctx context.Context, last load.Recorded) (database string, notices []string, err error) {
	published, err := r.publishedLedger(ctx)
	if err != nil || published == nil { // the next one that publishes makes it anew
		return "", nil, nil //nolint:nilerr // see above
	}
	have, err := r.warehouse.Ledger(ctx)
	if err != nil {
		return "", nil, err
	}
	for id := range have.Entries {
		if !published.Entries[id] {
			return r.publishEntry(ctx, last, "what was added before is in the database, but people do not see it yet")
		}
	}
	return "", nil, nil
}

// publishEntry publishes the database with what was added; unseen is
// what to say if that fails. The workbook stays as it is: somebody may be writing in it.
func (r *runner) publishEntry(ctx context.Context, last load.Recorded, unseen string) (database string, notices []string, err error) {
	published, err := r.publishAs(ctx, r.warehouse, ledger.Run{ID: last.Run, At: r.run.At})
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", unseen, err)
	}
	notices = r.placeWords()
	if published.Notice != "" {
		notices = append(notices, published.Notice)
	}
	return published.Path, notices, nil
}
