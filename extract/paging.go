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
}

// errEnded ends the reading of pages that were asked for in vain.
var errEnded = errors.New("the list has ended")

// Read reads the whole list once into p. It ends when as many distinct
// records have come as the vendor states, or with an empty page; a page that
// is shorter than asked for ends nothing, for vendors cap pages in silence.
// A page that brings nothing new is ErrRepeats, or the end of the list where
// as many pages have been read as the total has.
func (g Paging) Read(ctx context.Context, p *Pass) error {
	first, _, err := g.read(ctx, p, 1)
	if err != nil {
		return err
	}
	return g.ReadOn(ctx, p, first, 2)
}

// ReadOn reads from page next to the end of the list, where the pages before
// have been taken. first are the facts of the first.
func (g Paging) ReadOn(ctx context.Context, p *Pass, first Facts, next int) error {
	if first.Rows == 0 || p.Reached() {
		return nil
	}
	if first.Total < 0 && len(p.seen) == 0 {
		return fmt.Errorf("page 1: %w", errNoKeys)
	}
	if first.Total >= 0 {
		pages := int((first.Total + int64(first.Rows) - 1) / int64(first.Rows)) // by what the vendor gives, not by what was asked for
		err := g.stated(ctx, p, next, pages)
		if errors.Is(err, errEnded) {
			return nil
		}
		if err != nil {
			return err
		}
		next = max(next, pages+1)
	}
	for number := next; !p.Reached(); number++ {
		f, fresh, err := g.read(ctx, p, number)
		if err != nil || f.Rows == 0 {
			return err
		}
		if fresh == 0 {
			if first.Total >= 0 {
				return nil // the last page, given for any number beyond it
			}
			return fmt.Errorf("page %d: %w", number, ErrRepeats)
		}
	}
	return nil
}

// errNoKeys: such a list could be read for ever.
var errNoKeys = errors.New("no record has an id and the vendor states no total: the end of the list cannot be told")

// stated reads pages next to last, the last that the total has.
func (g Paging) stated(ctx context.Context, p *Pass, next, last int) error {
	return InOrder(ctx, max(last-next+1, 0), g.Workers,
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
