package cases

import (
	"context"
	"errors"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// take lands what is wanted of a run.
func (m *maker) take(ctx context.Context, run landing.RunRecord) error {
	err := m.windows(run, func(id ledger.AccountID, r *reader, l *landing.WindowLedger) (err error) {
		to, err := m.to.WindowLedger(run.ID, run.At, id.Source, id.Account)
		if err != nil {
			return err
		}
		segments := map[string]*landing.Segment{}
		defer func() {
			for _, s := range segments {
				err = errors.Join(err, s.Close())
			}
			err = errors.Join(err, to.Close())
		}()
		if !l.Loaded {
			if l.Failed != nil {
				return to.Fail(landing.Failure{Stream: l.Failed.Stream, Message: m.made.known.scrubbed(l.Failed.Message)})
			}
			return nil
		}
		keys := []string{}
		for _, e := range l.LoadedWindows() {
			segment := segments[e.Stream]
			if segment == nil {
				if segment, err = m.to.Segment(run.ID, run.At, id.Source, id.Account, e.Stream); err != nil {
					return err
				}
				segments[e.Stream] = segment
			}
			if err := m.takeWindow(ctx, window{run, id, e}, r, segment, to); err != nil {
				return err
			}
			keys = append(keys, e.Key)
		}
		return errors.Join(to.Load(keys), to.Commit())
	})
	if err != nil {
		return err
	}
	kept := landing.RunRecord{
		Format: run.Format, Run: run.Run, Asked: run.Asked, Database: run.Database,
		FinishedAt: run.FinishedAt, Outcome: run.Outcome, ExitCode: run.ExitCode,
	}
	return m.to.SaveRun(kept)
}

// takeWindow lands the wanted answers of a window. What its vendor stated as its total is
// less by the records that were left out, so that what was missing is missing still.
func (m *maker) takeWindow(ctx context.Context, w window, r *reader, segment *landing.Segment, to *landing.WindowLedger) error {
	all, kept := distinct{}, distinct{}
	done := w.entry
	done.Segment, done.First, done.Pages, done.Message = segment.Name(), segment.Line()+1, 0, m.made.known.scrubbed(w.entry.Message)
	err := m.pages(ctx, w, r, func(p *extract.Page, body []byte) error {
		body, err := r.safe(p, body)
		if err != nil {
			return err
		}
		d, err := r.decode(p, body, false)
		if err != nil {
			return err
		}
		kept.add(p, d.records)
		done.Pages++
		m.made.Answers++
		page := m.described(p, body)
		landed, err := segment.Append(page)
		if err != nil {
			return err
		}
		return segment.Describe(landed, d.facts, nil)
	}, all.add)
	if err != nil {
		return err
	}
	if done.Last = segment.Line(); done.Last < done.First {
		done.First, done.Last = 0, 0
	}
	if done.Total >= 0 {
		done.Total -= int64(len(all.records) - len(kept.records))
	}
	if err := segment.Flush(); err != nil {
		return err
	}
	return to.Complete(done)
}

// described is an answer of the case, with what its request says.
func (m *maker) described(p *extract.Page, body []byte) *extract.Page {
	scrubbed := m.made.known.scrubbed
	page := &extract.Page{
		Stream: p.Stream, Status: p.Status, At: p.At, Body: body, Filter: p.Filter, Part: scrubbed(p.Part), Pass: p.Pass,
		Request: extract.Request{Method: p.Request.Method, Path: scrubbed(p.Request.Path), Params: scrubbed(p.Request.Params)},
		Subject: extract.Subject{OrderID: scrubbed(p.Subject.OrderID), Number: scrubbed(p.Subject.Number)},
	}
	if p.Refused != nil {
		page.Refused = &extract.Refusal{Code: scrubbed(p.Refused.Code), Said: scrubbed(p.Refused.Said)}
	}
	return page
}

// distinct are the records of the last reading of a window.
type distinct struct {
	pass    int
	records map[string]bool
}

func (d *distinct) add(p *extract.Page, records []found) {
	if d.records == nil || p.Pass > d.pass {
		d.records, d.pass = map[string]bool{}, p.Pass
	}
	for _, f := range records {
		if f.counts {
			d.records[f.identity] = true
		}
	}
}
