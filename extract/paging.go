package extract

import (
	"context"
	"errors"
	"fmt"
)

// Paging is a list that is read by page numbers, from 1.
type Paging struct {
	Workers int // pages under way at once, where the total is known
	Ask     func(ctx context.Context, number int) (*Page, error)
	// Take, if set, stands before Pass.Take and calls it.
	Take func(page *Page) (f Facts, fresh int, err error)
	// Most is the last page that the vendor lets be asked for; 0 is no limit.
	Most int
}

// errEnded ends the reading of pages that were asked for in vain.
var errEnded = errors.New("the list has ended")

// Read reads the whole list once into p. It ends with an empty page, or when
// as many records have come as the vendor states, where its total can be trusted
// (Pass.Reached). A page that is shorter than asked for ends nothing, for vendors
// cap pages in silence.
//
// A page that brings nothing new is ErrRepeats, or the end of the list where all
// pages have been read that the total has.
func (g Paging) Read(ctx context.Context, p *Pass) error {
	first, _, err := g.read(ctx, p, 1)
	if err != nil || first.Rows == 0 {
		return err
	}
	return g.Rest(ctx, p, 2)
}

// Rest reads on from page next, where the pages before have been taken.
func (g Paging) Rest(ctx context.Context, p *Pass, next int) error {
	if last := g.bounded(p.pages()); last >= next && !p.Reached() {
		err := g.stated(ctx, p, next, last)
		if errors.Is(err, errEnded) {
			return nil
		}
		if err != nil {
			return err
		}
		next = last + 1
	}
	for number := next; !p.Reached(); number++ {
		if g.bounded(number) < number {
			return &Unsettled{Reason: fmt.Sprintf("%d records came in the %d pages that the vendor lets be asked for, and nothing tells that there are no more", p.Distinct(), g.Most)}
		}
		f, fresh, err := g.read(ctx, p, number)
		if err != nil || f.Rows == 0 {
			return err
		}
		if fresh == 0 {
			return p.repeats(number)
		}
	}
	return nil
}

// bounded is number, or the last page that may be asked for.
func (g Paging) bounded(number int) int {
	if g.Most > 0 {
		return min(number, g.Most)
	}
	return number
}

// stated reads pages next to last, the last that the total has.
func (g Paging) stated(ctx context.Context, p *Pass, next, last int) error {
	return InOrder(ctx, last-next+1, g.Workers,
		func(ctx context.Context, i int) (*Page, error) { return g.Ask(ctx, next+i) },
		func(i int, page *Page) error {
			f, fresh, err := g.take(p, page)
			switch {
			case err != nil:
				return err
			case f.Rows == 0:
				return errEnded
			case fresh == 0:
				return fmt.Errorf("page %d: %w", next+i, ErrRepeats)
			}
			return nil
		})
}

func (g Paging) read(ctx context.Context, p *Pass, number int) (Facts, int, error) {
	page, err := g.Ask(ctx, number)
	if err != nil {
		return Facts{}, 0, err
	}
	return g.take(p, page)
}

func (g Paging) take(p *Pass, page *Page) (Facts, int, error) {
	if g.Take != nil {
		return g.Take(page)
	}
	return p.Take(page)
}
