package trace

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// ErrUnknown is that nothing in the database has the number asked for.
var ErrUnknown = errors.New("nothing has this number")

// Ambiguous is that several orders have it.
type Ambiguous struct{ Candidates []Candidate }

func (e *Ambiguous) Error() string {
	return fmt.Sprintf("%d orders have this number", len(e.Candidates))
}

// Question is what is asked for.
type Question struct {
	ID string
	// Source and Account narrow the search; "" does not.
	Source, Account string
	Language        string // of explanations and titles: en or zh
}

// match is what a number means: an order, or a break that names none.
type match struct {
	Candidate
	also []Candidate
	// only is the break asked for, where it names no order.
	only string
}

// find looks for the order, and for the break, that has the number.
func (t *Tracer) find(ctx context.Context, q Question) (*match, error) {
	rows, err := t.ask(ctx, "trace_find", q.ID, q.Source, q.Account)
	if err != nil {
		return nil, err
	}
	var every []Candidate
	for _, r := range rows {
		every = append(every, Candidate{
			Source: r.Text("source"), Account: r.Text("account"), OrderID: r.Text("order_id"), FoundBy: r.Text("found_by"),
			Row: r, rank: r.Text("rank"),
		})
	}
	if len(every) == 0 {
		return t.findBreak(ctx, q)
	}
	// The order's own id goes before its numbers, and those before others'.
	rest := slices.IndexFunc(every, func(c Candidate) bool { return c.rank != every[0].rank })
	if rest < 0 {
		rest = len(every)
	}
	if rest > 1 {
		return nil, &Ambiguous{every[:rest]}
	}
	return &match{Candidate: every[0], also: every[1:]}, nil
}

func (t *Tracer) findBreak(ctx context.Context, q Question) (*match, error) {
	rows, err := t.ask(ctx, "trace_find_break", q.ID, q.Source, q.Account)
	if err != nil {
		return nil, err
	}
	var every []Candidate
	for _, r := range rows {
		c := Candidate{Source: r.Text("source"), Account: r.Text("account"), OrderID: r.Text("order_id"), FoundBy: "break " + r.Text("break_id"), Row: r}
		if c.OrderID == "" && r.Text("right_order_id") != "" {
			c.Source, c.Account, c.OrderID = r.Text("right_source"), r.Text("right_account"), r.Text("right_order_id")
		}
		every = append(every, c)
	}
	switch len(every) {
	case 0:
		return nil, ErrUnknown
	case 1:
		f := &match{Candidate: every[0]}
		if f.OrderID == "" {
			f.only = rows[0].Text("break_id")
		}
		return f, nil
	}
	return nil, &Ambiguous{every}
}
