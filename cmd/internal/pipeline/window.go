package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// flushRows is the number of rows a batch holds before they are staged: what an
// account takes of memory follows from it, and not from its orders.
const flushRows = 8 << 10

func (a *accountRun) fetchAll(ctx context.Context, plan extract.Plan) error {
	windows, err := a.Account.Source.Plan(ctx, plan)
	if err != nil {
		return fmt.Errorf("plan the night: %w", err)
	}
	for _, w := range windows {
		if err := a.window(ctx, w); err != nil {
			return &streamError{w.Stream, err}
		}
	}
	for _, w := range windows {
		if err := a.flush(w.Stream); err != nil {
			return err
		}
	}
	return nil
}

// window reads one window: from the landing, where an earlier attempt at this
// run has read it to its end, else from the vendor.
func (a *accountRun) window(ctx context.Context, w extract.Window) error {
	key, err := landing.KeyOf(&w)
	if err != nil {
		return err
	}
	a.keys = append(a.keys, key)
	if done := a.windows.Find(key); done != nil {
		err := a.landing.Pages(*done, func(*extract.Page, landing.Landed) error { return ctx.Err() })
		damaged := (*landing.Damaged)(nil)
		switch {
		case err == nil:
			return a.replay(*done)
		case !errors.As(err, &damaged) && !errors.Is(err, sealed.ErrNoIdentity):
			return err
		}
		level := slog.LevelWarn
		if damaged == nil { // told once, when the run was resumed
			level = slog.LevelInfo
		}
		a.log.Log(ctx, level, "a landed window is read again from the vendor", "stream", w.Stream, "error", err)
	}
	return a.fetch(ctx, w, key)
}

// replay stages a window from its landed answers.
func (a *accountRun) replay(done landing.WindowEntry) error {
	batch, number := a.batch(done.Stream), a.stage.Begin(a.asAsked(done))
	a.watched(done.Stream).nextWindow()
	var tally extract.Tally
	err := a.landing.Pages(done, func(p *extract.Page, landed landing.Landed) error {
		if r, ok := a.Account.Source.(extract.Remembers); ok {
			if err := r.Remember(p); err != nil {
				return err
			}
		}
		_, err := a.decode(p, landed, batch, number, &tally)
		return err
	})
	if err != nil {
		return err
	}
	a.stage.End(number, done.Total, done.Pages, done.State, done.Message, batch.TakeSums())
	return nil
}

// asAsked is a landed window as the configuration means it: the vendor was asked
// for wall times, which are other moments in another time zone. Nothing was read
// beyond the moment of the run.
func (a *accountRun) asAsked(done landing.WindowEntry) ledger.Window {
	w, zone := done.Window, a.Account.Source.Settings().Calendar().Zone
	before, err := time.LoadLocation(done.Zone)
	// A zone that is no more: its moments are as good as any.
	otherZone := done.Zone != "" && done.Zone != zone.String() && err == nil
	for _, bound := range []*time.Time{&w.Start, &w.End} {
		if otherZone {
			*bound = transform.SameWall(*bound, before, zone)
		}
		if (otherZone || a.shifted) && bound.After(a.run.At) {
			*bound = a.run.At
		}
	}
	return w
}

// fetch reads one window from the vendor to its end.
func (a *accountRun) fetch(ctx context.Context, w extract.Window, key string) error {
	batch := a.batch(w.Stream)
	segment, err := a.segment(w.Stream)
	if err != nil {
		return err
	}
	w.Advances = a.o.Since.IsZero() && !w.Reread
	done := landing.WindowEntry{Key: key, Window: w, Segment: segment.Name(), First: segment.Line() + 1}
	if a.Driver.WallWindows {
		done.Zone = a.Account.Source.Settings().Calendar().Zone.String()
	}
	number := a.stage.Begin(w)
	a.watched(w.Stream).nextWindow()
	var tally extract.Tally
	err = a.Account.Source.Fetch(ctx, w, func(p *extract.Page) (extract.Facts, error) {
		p.Stream, p.Filter = w.Stream, w.Filter
		return a.take(p, segment, batch, number, &tally)
	})
	done.State = ledger.Complete
	if unsettled := (*extract.Unsettled)(nil); errors.As(err, &unsettled) {
		done.State, done.Message, err = ledger.Unreconciled, unsettled.Reason, nil
	}
	if err != nil {
		return err
	}
	done.Total, done.Pages = tally.Total(), tally.Pages
	if done.Last = segment.Line(); done.Last < done.First {
		done.First, done.Last = 0, 0
	}
	a.stage.End(number, done.Total, done.Pages, done.State, done.Message, batch.TakeSums())
	end := a.meter.Begin(meter.Land)
	defer end(meter.Amount{})
	if err := segment.Flush(); err != nil {
		return err
	}
	return a.windows.Complete(done)
}

// take lands an answer and decodes it.
func (a *accountRun) take(p *extract.Page, segment *landing.Segment, batch *transform.Batch, window int, tally *extract.Tally) (extract.Facts, error) {
	end := a.meter.Begin(meter.Land)
	landed, err := segment.Append(p)
	end(meter.Amount{Calls: 1, Bytes: landed.Bytes})
	if err != nil {
		return extract.Facts{}, err
	}
	facts, decodeErr := a.decode(p, landed, batch, window, tally)
	return facts, errors.Join(decodeErr, segment.Describe(landed, facts, decodeErr))
}

// undecoded is a landed answer that is not what its window should hold.
type undecoded struct {
	ref string
	err error
}

func (e *undecoded) Error() string { return "decode " + e.ref + ": " + e.err.Error() }
func (e *undecoded) Unwrap() error { return e.err }

// decode turns a landed answer into rows, stages them once there are enough,
// and tells the observer.
func (a *accountRun) decode(p *extract.Page, landed landing.Landed, batch *transform.Batch, window int, tally *extract.Tally) (extract.Facts, error) {
	if tally.Restarts(p) {
		a.stage.Supersede(window, batch.Seq()+1)
	}
	end := a.meter.Begin(meter.Decode)
	batch.Begin(transform.PageOrigin{Ref: landed.Ref, SHA256: landed.SHA256(), Window: window, Pass: p.Pass, Body: p.Body, Repairs: p.Repairs})
	facts, err := extract.Decode(a.Account.Source, p, batch)
	end(meter.Amount{Calls: 1, Bytes: int64(len(p.Body)), Rows: int64(facts.Rows)})
	if err != nil {
		return facts, &undecoded{landed.Ref, err}
	}
	a.tellRepairs(p, landed, batch.EndPage())
	tally.Add(p, facts)
	a.watched(p.Stream).note(p, landed.Ref, facts)
	a.pages++
	a.observer.Page(a.Driver.Name, a.Name, p.Stream, facts.Rows, facts.Total)
	if batch.Rows() >= flushRows {
		return facts, a.flush(p.Stream)
	}
	return facts, nil
}

// tellRepairs says in the log that an answer was no JSON. What was wrong with it is
// told with its records; only what could not be, as it has none, is told here.
func (a *accountRun) tellRepairs(p *extract.Page, landed landing.Landed, untold []transform.Repair) {
	if len(p.Repairs) == 0 {
		return
	}
	a.log.Warn("an answer is not valid JSON; what could be read of it without doubt was",
		"stream", p.Stream, "landing_ref", landed.Ref, "places", len(p.Repairs))
	for i := range untold {
		a.log.Warn("an answer without records is not valid JSON", "landing_ref", landed.Ref, "what", untold[i].What, "byte", untold[i].Offset)
	}
}

func (a *accountRun) batch(stream string) *transform.Batch {
	b := a.batches[stream]
	if b == nil {
		settings := a.Account.Source.Settings()
		b = transform.NewBatch(transform.Origin{
			Source: a.Driver.Name, Account: a.Name, Stream: stream,
			Calendar: settings.Calendar(), Currency: settings.Currency,
			MemoOnly: a.MemoOnly, Privacy: a.cfg.Privacy,
		})
		a.batches[stream] = b
	}
	return b
}

// segment is where the stream's answers of this attempt are landed.
func (a *accountRun) segment(stream string) (*landing.Segment, error) {
	if s := a.segments[stream]; s != nil {
		return s, nil
	}
	s, err := a.landing.Segment(a.run.ID, a.run.At, a.Driver.Name, a.Name, stream)
	if err == nil {
		a.segments[stream] = s
	}
	return s, err
}

func (a *accountRun) flush(stream string) error {
	end := a.meter.Begin(meter.Store)
	var rows int64
	defer func() { end(meter.Amount{Calls: min(rows, 1), Rows: rows}) }() // nothing is no batch
	return a.batches[stream].Take(func(table string, rec arrow.RecordBatch) error {
		rows += rec.NumRows()
		return a.stage.Write(stream, table, rec)
	})
}

func (a *accountRun) closeSegments() error {
	end := a.meter.Begin(meter.Land)
	defer end(meter.Amount{})
	var errs []error
	for _, s := range a.segments {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
