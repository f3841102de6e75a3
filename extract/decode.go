package extract

import (
	"strings"

	"github.com/nightaudit/nightaudit/transform"
)

// Decode transforms one landed answer by its source. Where the page was asked for a
// single order, and the vendor refused to show it or answered what cannot be read,
// that costs this order (Facts.Refused).
func Decode(s Source, p *Page, out *transform.Batch) (Facts, error) {
	order := Due{OrderID: p.Subject.OrderID, OrderNo: p.Subject.Number}.Name()
	if p.Refused != nil {
		out.NotShown(order, "the vendor did not show this order; it is kept as it was and asked for again", p.Refused.String())
		return Facts{Total: -1, Refused: p.Refused}, nil
	}
	facts, err := s.Decode(p, out)
	if err == nil || order == "" {
		return facts, err
	}
	r := &Refusal{Said: err.Error()}
	out.NotShown(order, "what the vendor answered of this order cannot be read; it is kept as it was and asked for again", r.Said)
	return Facts{Total: -1, Refused: r}, nil
}

// Count counts a record of a page by its key (transform.Record.Identity), which
// is copied: it outlives the page.
func (f *Facts) Count(key string) {
	key = strings.Clone(key)
	if f.Rows == 0 {
		f.First = key
	}
	f.Keys = append(f.Keys, key)
	f.Rows++
}

// State notes the total that stands at path of a list's answer.
func (f *Facts) State(total *transform.Integer, out *transform.Batch, path string) {
	f.Total, f.OddTotal = total.Total(out, path)
	f.OddTotal = strings.Clone(f.OddTotal)
}

// counts reports whether a total takes the place of the one stated before, -1
// for none. Zero does not, for it stands on pages of vendors that state the
// total on the first one only.
func counts(total, before int64) bool { return total > 0 || total == 0 && before < 0 }
