package transform

import (
	"fmt"
	"slices"
	"strings"
)

// What had to be mended is told with the record in which it stood: a record that
// was set apart is refused, anything else is a finding. Offsets are counted from
// where the record begins, so that it is the same finding however often, and on
// whichever page, the record comes.

// mends are the repairs of the record that is being transformed.
type mends struct {
	at      string // its JSON pointer
	repairs []*Repair
	named   []string // fields of which something was told, where there are repairs
	id      string   // the field of the record's id, "" until it is known
}

// note remembers that something was told of a field.
func (m *mends) note(field string) {
	if len(m.repairs) > 0 {
		m.named = append(m.named, field)
	}
}

// takeRepairs takes those repairs that lie in the record, and refuses a record
// that was set apart.
func (r *Record) takeRepairs(at string) {
	r.mends = mends{at: at}
	for i := range r.batch.page.Repairs {
		if repair := &r.batch.page.Repairs[i]; Within(repair.Path, at) {
			r.batch.told[i] = true
			r.mends.repairs = append(r.mends.repairs, repair)
		}
	}
	for _, repair := range r.mends.repairs {
		if repair.Lost {
			r.Reject(repair.field(at), repair.reason(), "…") // its text may be personal
		}
	}
}

// checkID refuses a record whose id is no value that JSON has.
func (r *Record) checkID(field string) {
	r.mends.id = field
	for _, repair := range r.mends.repairs {
		if repair.Bare && !r.rejected && repair.field(r.mends.at) == field {
			r.Reject(field, repair.reason(), r.key)
		}
	}
}

// tellRepairs tells those that neither refused the record nor stand in a field
// whose value was already told to be none of its kind, or in the id of a record that
// is refused.
func (r *Record) tellRepairs() {
	named := r.mends.named
	for _, repair := range r.mends.repairs {
		field := repair.field(r.mends.at)
		if r.rejected && field == r.mends.id {
			continue
		}
		if !repair.Lost && !(repair.Bare && slices.Contains(named, field)) {
			r.Finding(field, repair.reason(), "")
		}
	}
}

// EndPage tells, as findings without an order, the repairs beside the records of
// the page. Those of a page without records are returned: there is nothing that
// could bear them.
func (b *Batch) EndPage() []Repair {
	var rest []Repair
	for i, told := range b.told {
		if !told {
			rest = append(rest, b.page.Repairs[i])
		}
	}
	r := b.current
	if !r.open || len(rest) == 0 {
		return rest
	}
	r.In("", 0)
	id, ref := r.orderID, r.ref
	r.orderID, r.ref = "", b.page.Ref+"#"
	for i := range rest {
		r.issue(false, rest[i].field(""), rest[i].reason(), "")
	}
	r.orderID, r.ref = id, ref
	for i := range b.told {
		b.told[i] = true
	}
	return nil
}

// reason is what is told of it.
func (m *Repair) reason() string {
	of := "record"
	if m.Record == 0 {
		of = "answer"
	}
	return fmt.Sprintf("%s (byte %d of the %s)", m.What, m.Offset-m.Record, of)
}

// field is the name of the field in which it stands, as findings name fields: of
// the record at a JSON pointer, "record" where it is in none of its fields.
func (m *Repair) field(at string) string {
	var b strings.Builder
	for name := range strings.SplitSeq(strings.TrimPrefix(m.Path[len(at):], "/"), "/") {
		switch {
		case name == "":
		case strings.Trim(name, "0123456789") == "":
			b.WriteString("[" + name + "]")
		case b.Len() > 0:
			b.WriteString("." + unescapePointer.Replace(name))
		default:
			b.WriteString(unescapePointer.Replace(name))
		}
	}
	switch {
	case b.Len() > 0:
		return b.String()
	case m.Record == 0:
		return "answer"
	}
	return "record"
}
