package pipeline

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform"
)

// accountNight is the night of one account: its stage and, by stream, the
// batch and the landing segment.
type accountNight struct {
	*night
	config.Account
	stage    *load.Stage
	batches  map[string]*transform.Batch
	segments map[string]*landing.Segment
	pages    int
}

// flushRows is the number of rows a batch holds before they are staged.
const flushRows = 1 << 16

// extractOne extracts and loads one account. What goes wrong with it stands
// in the result; an error is the night's own: it was interrupted, or the
// ledger cannot be written.
func (n *night) extractOne(ctx context.Context, account config.Account) (AccountResult, error) {
	source := account.Driver.Name
	r := AccountResult{Source: source, Account: account.Name}
	a := &accountNight{night: n, Account: account, batches: map[string]*transform.Batch{}, segments: map[string]*landing.Segment{}}
	loaded, err := a.extractAndLoad(ctx)
	r.Pages = a.pages
	if a.stage != nil {
		err = errors.Join(err, a.stage.Discard())
	}
	if ctx.Err() != nil {
		return r, fmt.Errorf("the run was interrupted; what was landed is kept: %w", context.Cause(ctx))
	}
	if err != nil {
		r.State, r.Err = load.Failed, err
		n.log.Error("account failed", "source", source, "account", account.Name, "error", err)
		return r, n.warehouse.Fail(ctx, n.run, source, account.Name, failedStream(account.Driver, err), err.Error())
	}
	r.State, r.Messages = loaded.State, loaded.Messages
	r.Orders, r.Inserted, r.Updated, r.Unchanged = loaded.Orders, loaded.Inserted, loaded.Updated, loaded.Unchanged
	r.Rejected, r.Findings = loaded.Rejected, loaded.Findings
	return r, nil
}

// streamError says in which stream an account failed.
type streamError struct {
	stream string
	err    error
}

func (e *streamError) Error() string { return e.err.Error() }
func (e *streamError) Unwrap() error { return e.err }

func failedStream(d *extract.Driver, err error) string {
	var e *streamError
	if errors.As(err, &e) {
		return e.stream
	}
	return d.Streams[0].Name
}

func (a *accountNight) extractAndLoad(ctx context.Context) (load.Loaded, error) {
	var err error
	a.stage, err = a.warehouse.Stage(a.run, loadSource(a.Driver), a.Name, filepath.Join(a.staging, a.Driver.Name+"-"+a.Name))
	if err != nil {
		return load.Loaded{}, err
	}
	err = a.extract(ctx)
	if closeErr := a.closeSegments(); err == nil {
		err = closeErr
	}
	if err != nil {
		return load.Loaded{}, err
	}
	return a.stage.Commit(ctx)
}

// loadSource tells the loader what it needs to know of a driver.
func loadSource(d *extract.Driver) load.Source {
	s := load.Source{Name: d.Name, DeriveSQL: d.DeriveSQL, FinalSQL: d.FinalSQL}
	for _, st := range d.Streams {
		s.Streams = append(s.Streams, load.Stream{Name: st.Name, Carries: st.Carries, Enriches: st.Enriches})
	}
	return s
}

// extract fetches, lands, decodes and stages all windows: first those that
// the calendar asks for, then the orders that are to be asked for by id.
func (a *accountNight) extract(ctx context.Context) error {
	plan, err := a.plan(ctx)
	if err != nil {
		return err
	}
	if err := a.fetchAll(ctx, plan); err != nil {
		return err
	}
	if !hasByID(a.Driver) {
		return nil
	}
	orders, err := a.stage.Due(ctx, a.openSince())
	if err != nil {
		return err
	}
	plan.Due = make([]extract.Due, 0, len(orders))
	for _, o := range orders {
		plan.Due = append(plan.Due, extract.Due{OrderID: o.ID, OrderNo: o.No})
	}
	return a.fetchAll(ctx, plan)
}

// openSince is how old an order may be that is not final and is still asked
// for.
func (a *accountNight) openSince() time.Time {
	return a.run.At.Add(-time.Duration(a.Account.Account.Settings().RefreshOpen))
}

func hasByID(d *extract.Driver) bool {
	for _, s := range d.Streams {
		if s.ByID {
			return true
		}
	}
	return false
}

// plan is what the account is asked to plan with.
func (a *accountNight) plan(ctx context.Context) (extract.Plan, error) {
	plan := extract.Plan{Until: a.run.At, Since: a.o.Since, Full: a.o.Full}
	if !a.o.Until.IsZero() && a.o.Until.Before(plan.Until) {
		plan.Until = a.o.Until
	}
	var err error
	if plan.Cursor, err = a.warehouse.Cursors(ctx, a.Driver.Name, a.Name); err != nil {
		return plan, err
	}
	if k, ok := a.Account.Account.(extract.KnowsFrom); ok {
		if q, ok := k.KnownFrom(); ok {
			numbers, err := a.warehouse.Numbers(ctx, load.NumberQuery{Source: q.Source, Account: q.Account, Carriers: q.Carriers, Key: string(q.Key)})
			if err != nil {
				return plan, err
			}
			for _, number := range numbers {
				plan.Known = append(plan.Known, extract.KnownNumber{Number: number.Number, OrderID: number.OrderID})
			}
		}
		if !plan.Full {
			plan.Settled, err = a.warehouse.Settled(ctx, a.run, loadSource(a.Driver), a.Name, a.openSince())
		}
	}
	return plan, err
}

func (a *accountNight) fetchAll(ctx context.Context, plan extract.Plan) error {
	windows, err := a.Account.Account.Plan(ctx, plan)
	if err != nil {
		return fmt.Errorf("plan the night: %w", err)
	}
	for _, w := range windows {
		if err := a.fetch(ctx, w); err != nil {
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

// fetch reads one window to its end.
func (a *accountNight) fetch(ctx context.Context, w extract.Window) error {
	batch, err := a.batch(w.Stream)
	if err != nil {
		return err
	}
	number := a.stage.Begin(load.Window{Stream: w.Stream, Start: w.Start, End: w.End, Filter: w.Filter, Advances: a.o.Since.IsZero()})
	totals := map[string]int64{} // stated total by part of the window
	pages := 0
	err = a.Account.Account.Fetch(ctx, w, func(p *extract.Page) (extract.Facts, error) {
		p.Stream, p.Filter = w.Stream, w.Filter
		facts, err := a.take(p, batch, number)
		if err != nil {
			return facts, err
		}
		pages++
		a.pages++
		if facts.Total >= 0 {
			totals[p.Part] = facts.Total
		}
		a.observer.Page(a.Driver.Name, a.Name, w.Stream, facts.Rows, facts.Total)
		return facts, nil
	})
	state, message := load.Complete, ""
	if unsettled := (*extract.Unsettled)(nil); errors.As(err, &unsettled) {
		state, message, err = load.Unreconciled, unsettled.Reason, nil
	}
	if err != nil {
		return err
	}
	total := int64(-1)
	for _, t := range totals {
		total = max(total, 0) + t
	}
	a.stage.End(number, total, pages, state, message, batch.TakeSums())
	return nil
}

// take lands an answer, decodes it, and stages rows once there are enough.
func (a *accountNight) take(p *extract.Page, batch *transform.Batch, window int) (extract.Facts, error) {
	segment := a.segments[p.Stream]
	landed, err := segment.Append(p)
	if err != nil {
		return extract.Facts{}, err
	}
	batch.Begin(transform.PageOrigin{Ref: landed.Ref, SHA256: landed.SHA256(), Window: window})
	facts, decodeErr := a.Account.Account.Decode(p, batch)
	if err := segment.Describe(landed, facts, decodeErr); err != nil {
		return facts, err
	}
	if decodeErr != nil {
		return facts, fmt.Errorf("decode %s: %w", landed.Ref, decodeErr)
	}
	if batch.Rows() >= flushRows {
		return facts, a.flush(p.Stream)
	}
	return facts, nil
}

func (a *accountNight) batch(stream string) (*transform.Batch, error) {
	if b := a.batches[stream]; b != nil {
		return b, nil
	}
	segment, err := a.landing.Segment(a.run.ID, a.run.At, a.Driver.Name, a.Name, stream)
	if err != nil {
		return nil, err
	}
	settings := a.Account.Account.Settings()
	b := transform.NewBatch(transform.Origin{
		Source: a.Driver.Name, Account: a.Name, Stream: stream,
		Calendar: settings.Calendar(), Currency: settings.Currency,
		MemoOnly: a.MemoOnly, Privacy: a.cfg.Privacy,
	})
	a.segments[stream], a.batches[stream] = segment, b
	return b, nil
}

func (a *accountNight) flush(stream string) error {
	return a.batches[stream].Take(func(table string, rec arrow.RecordBatch) error {
		return a.stage.Write(stream, table, rec)
	})
}

func (a *accountNight) closeSegments() error {
	var errs []error
	for _, s := range a.segments {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
