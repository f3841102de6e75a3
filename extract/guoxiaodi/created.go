package guoxiaodi

import (
	"encoding/json"
	"fmt"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// decodeRegister transforms one page of register lines.
func decodeRegister(body []byte, out *transform.Batch) (extract.Facts, error) {
	var p registerPage
	f := extract.Facts{Total: -1}
	if err := json.Unmarshal(body, &p); err != nil {
		return f, fmt.Errorf("not a page of the register: %w", err)
	}
	if p.Fault != "" {
		f.Rows++
		out.Record(p.File, "/fault", -1).Reject("file", p.File+": "+p.Fault, "")
		return f, nil
	}
	l := layout{format: p.Format}
	if p.Format == formatCSV && len(p.Lines) > 0 {
		if err := l.setHeader(p.Header); err != nil {
			return f, fmt.Errorf("%s: %w", p.File, err)
		}
	}
	for i, text := range p.Lines {
		if l.nothing(text) {
			continue
		}
		f.Rows++
		at := fmt.Sprintf("%s:%d", p.File, p.FirstLine+i)
		d := lineDecoder{at: at, others: p.Others}
		d.registered, d.err = l.read(text, p.Unended && i == len(p.Lines)-1)
		key := d.decode(out, i)
		if i == 0 {
			f.First = key
		}
	}
	if p.Open > 0 {
		f.Rows++
		at := fmt.Sprintf("%s:%d", p.File, p.Open)
		out.Record(at, "/open", -1).Finding("line", at+": the file was being written, and its last line had no end; it is left for the next run", "")
	}
	return f, nil
}

// lineDecoder transforms one line.
type lineDecoder struct {
	registered
	err    error
	at     string // its place, file:line
	others []other
}

// decode returns the record's key: the orderNo; where there is none the
// sourceOrderNo, else the line's own place.
func (l *lineDecoder) decode(out *transform.Batch, index int) string {
	no, source := l.OrderNo.Plain(), l.SourceOrderNo.Plain()
	key := no
	if key == "" {
		key = source
	}
	err, raw := l.err, ""
	if err == nil && key == "" && !l.refused() {
		err = errNoNumber
	}
	field := "line"
	for _, d := range l.damaged {
		if l.err == nil && no == "" && (d.name == "orderNo" || key == "") {
			err, field, raw = errDamaged, d.name, d.raw
			break
		}
	}
	if err != nil || key == "" {
		key = l.at
	}
	r := out.Record(key, "/lines", index)
	for _, p := range l.padded {
		r.Finding(p.name, l.at+": the blanks around the number were left out", p.raw)
	}
	switch {
	case err != nil:
		r.Reject(field, l.at+": "+err.Error(), raw)
	case l.refused():
		r.Finding("code", l.at+": a stored answer that was no success; no order was made", l.code.Text)
	case !createdFields.Any(&l.created):
		// Only a number to ask for. It has no version, so that a line with
		// fees of the same order goes before it.
		l.tellDamaged(r)
	case no == "":
		r.Finding("orderNo", l.at+": fees without an orderNo belong to no order", source)
	default:
		l.tellDamaged(r)
		r.SetVersion(transform.Instant{Valid: true})
		l.compare(index, r)
		l.rows(no, l.SourceOrderNo.Plain(), r)
	}
	return key
}

// compare takes from older lines what this one does not state, and tells what
// they state otherwise.
func (l *lineDecoder) compare(index int, r *transform.Record) {
	for _, o := range l.others {
		switch {
		case o.Index != index:
		case o.Here == "":
			*createdFields.Value(&l.created, o.Field) = transform.Scalar{Kind: transform.String, Text: o.There}
		default:
			r.Finding(o.Field, o.reason(l.at), o.Here+" / "+o.There)
		}
	}
}

// tellDamaged tells of a sourceOrderNo without which the line is still good.
func (l *lineDecoder) tellDamaged(r *transform.Record) {
	for _, d := range l.damaged {
		r.Finding(d.name, l.at+": "+errDamaged.Error(), d.raw)
	}
}

// rows makes what only the register knows of an order. All of it is CNY.
// Which order of the shop it is for the courier's answer says; derive.sql takes
// it from here where there is none.
func (c *registered) rows(orderNo, source string, r *transform.Record) {
	rows := createdFields.Fill(r, &c.created, cny)
	o, d := &rows.Order, &rows.Delivery
	o.Kind, o.Flow = transform.KindDelivery, transform.FlowCost
	r.Order(o)
	d.DeliveryID, d.LinkRef = orderNo, source
	r.Delivery(d)
}
