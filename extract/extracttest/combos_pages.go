package extracttest

import (
	"fmt"
	"strconv"

	"github.com/nightaudit/nightaudit/extract/simulate"
)

// Pages are how a vendor numbers and cuts its lists, and how its account takes it.
type Pages struct {
	simulate.Paging
	Larger int    // records of a page, whatever is asked for; 0 is what is asked for
	Moves  bool   // each call finds the list in another order
	Total  string // "page" counts the page's records, "none" is not stated; "" counts all
	Asks   string // the number from which the account asks, "0" or "1"
}

// Size is that of a page for which so many records are asked (simulate.Lists.Depart).
func (p *Pages) Size(asked int) int {
	if p.Larger > 0 {
		return p.Larger
	}
	return asked
}

// State is what a page states as the total (simulate.Lists.Depart).
func (p *Pages) State(total, rows, _ int) string {
	return map[string]string{"": strconv.Itoa(total), "page": strconv.Itoa(rows), "none": ""}[p.Total]
}

// Lines are those of the account.
func (p *Pages) Lines() string {
	return "\nfirst_page: " + p.Asks
}

// base is the number of the first page.
func (p *Pages) base() string {
	if p.FromZero {
		return "0"
	}
	return "1"
}

// The most that pages hold which are capped, and those that are larger.
const (
	CappedPage = 4
	LargerPage = 15
)

// PagesWays are the ways of the pages of a vendor whose document numbers them from 1.
func PagesWays[V any](of func(v *V) *Pages) [][]Way[V] {
	set := func(do func(p *Pages)) func(v *V) { return func(v *V) { do(of(v)) } }
	return [][]Way[V]{
		{
			{Name: "pages from 1"},
			{Name: "page 0 is page 1", Set: set(func(p *Pages) { p.Zero = "first" })},
			{Name: "page 0 is empty", Set: set(func(p *Pages) { p.Zero = "empty" })},
			{Name: "pages from 0", Set: set(func(p *Pages) { p.FromZero = true }), Saves: "first_page: 0"},
			{Name: "one page for all", Set: set(func(p *Pages) { p.Single = true })},
		},
		{
			{Name: "whole pages"},
			{Name: "capped pages", Set: set(func(p *Pages) { p.Most = CappedPage })},
			{Name: "capped pages with gaps", Set: set(func(p *Pages) { p.Most, p.ByAsked = CappedPage, true }), Saves: fmt.Sprint("page_size: ", CappedPage)},
			{Name: "larger pages", Set: set(func(p *Pages) { p.Larger = LargerPage })},
		},
		{
			{Name: "empty beyond the end"},
			{Name: "the last page again", Set: set(func(p *Pages) { p.Repeats = true })},
		},
		{
			{Name: "stands still"},
			{Name: "moves", Set: set(func(p *Pages) { p.Moves = true })},
		},
		{
			{Name: "asked from 1", Set: set(func(p *Pages) { p.Asks = "1" })},
			{Name: "asked from 0", Set: set(func(p *Pages) { p.Asks = "0" }), Saves: "first_page: 1"},
		},
	}
}

// TotalWays are the ways of a total.
func TotalWays[V any](of func(v *V) *Pages) []Way[V] {
	return []Way[V]{
		{Name: "total of all"},
		{Name: "total of the page", Set: func(v *V) { of(v).Total = "page" }},
		{Name: "no total", Set: func(v *V) { of(v).Total = "none" }},
	}
}

// moves reports whether a list of n records is seen to move.
func (p *Pages) moves(n int) bool { return p.Moves && n > 1 }

// Right is what is true of a list of n records of which size are asked for a page.
func (p *Pages) Right(n, size int) map[string][]string {
	right := map[string][]string{"first_page": {"as_taken"}, "page_size": {"honoured"}, "joins": {"joined"}, "order": {"stable"}, "total": {"all"}}
	if p.Asks != p.base() {
		right["first_page"] = []string{"other"}
	}
	switch {
	case p.Larger > 0:
		right["page_size"] = []string{"ignored"}
		if p.FromZero {
			right["first_page"] = append(right["first_page"], "zero")
		}
	case p.Most > 0 && p.Most < size:
		right["page_size"] = []string{"capped"}
		if p.ByAsked {
			right["joins"] = []string{"gap"}
		}
	}
	if p.moves(n) { // so that pages overlap
		right["order"], right["joins"] = []string{"moves"}, append(right["joins"], "overlap")
	}
	if p.Total != "" {
		right["total"] = []string{p.Total}
	}
	return right
}

// Must are the questions that are answered of such a list.
func (p *Pages) Must(n, size int) []string {
	switch {
	case p.Single, p.moves(n), p.Larger > 0, n <= size:
		return nil
	case p.Total == "page":
		return []string{"first_page", "page_size", "joins", "order"}
	}
	return []string{"first_page", "page_size", "joins", "order", "total"}
}

// Mends reports whether with what can be told of such a list its reader knows that it
// has all of it.
func (p *Pages) Mends(n int) bool {
	hidden := p.Zero == "first" && (n < 2 || n <= p.Larger) // there is no other page
	return !p.moves(n) && !p.Single && !p.Repeats && p.Total != "page" && (!hidden || p.Asks == p.base())
}
