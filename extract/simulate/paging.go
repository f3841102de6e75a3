package simulate

// Paging is how a vendor numbers and cuts the pages of a list where its document
// leaves it open. The zero value is what the documents say most plainly: pages are
// numbered from 1 and hold as many records as are asked for.
type Paging struct {
	FromZero bool // the first page is 0
	// Zero is what page 0 is where the first one is 1: "" a refusal, "first" the
	// first page again, "empty" a page without records.
	Zero string
	// Most caps the records of a page in silence; 0 does not.
	Most int
	// ByAsked counts pages by the size that is asked for also where fewer records
	// are given: those between are on no page.
	ByAsked bool
	// Repeats answers pages beyond the end with the last one.
	Repeats bool
	// Single answers every page with the first one.
	Single bool
}

// Refuses reports whether there is no page of that number.
func (p Paging) Refuses(number int) bool {
	return number < 0 || number == 0 && !p.FromZero && p.Zero == ""
}

// Cut gives the bounds of page number among n records, where asked are asked for
// and given would be given.
func (p Paging) Cut(number, asked, given, n int) (from, to int) {
	if p.Most > 0 {
		given = min(given, p.Most)
	}
	step := given
	if p.ByAsked {
		step = asked
	}
	i := number - 1
	if p.FromZero {
		i = number
	}
	switch {
	case i < 0 && p.Zero == "empty":
		return 0, 0
	case i < 0, p.Single:
		i = 0
	case p.Repeats && n > 0:
		i = min(i, (n-1)/step)
	}
	from = min(i*step, n)
	return from, min(from+given, n)
}
