package guoxiaodi

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// registered is a line of a register: a create-and-pay answer, or its data,
// or a record of a CSV.
type registered struct {
	envelope
	enveloped bool
	created
	padded []padded
}

// padded is an order's number that had blanks around it in a CSV: its column,
// and its text with them.
type padded struct{ name, raw string }

// layout says how the lines of a file are read.
type layout struct {
	format string
	header string // of a CSV, as it stands in the file
	names  []string
}

// The reasons for which a line is refused. They hold nothing of the line,
// which names people.
var (
	errNotJSON  = errors.New("the line is not one JSON object")
	errNotCSV   = errors.New("the line is not a record of CSV: a quote has no pair")
	errNoNumber = errors.New("the line has neither orderNo nor sourceOrderNo")
)

// setHeader reads the first line of a CSV.
func (l *layout) setHeader(text string) error {
	names, err := readCSV(text)
	if err != nil {
		return errors.New("the header is not a record of CSV")
	}
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
		if slices.Contains(names[:i], names[i]) && createdFields.Value(new(created), names[i]) != nil {
			return fmt.Errorf("the header names %s twice", names[i])
		}
	}
	if !slices.Contains(names, "orderNo") && !slices.Contains(names, "sourceOrderNo") {
		return errors.New("the header names neither orderNo nor sourceOrderNo")
	}
	l.header, l.names = text, names
	return nil
}

func readCSV(text string) ([]string, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	return r.Read()
}

// read reads one line.
func (l *layout) read(text string) (registered, error) {
	var c registered
	if l.format == formatCSV {
		values, err := readCSV(text)
		if err != nil {
			return c, errNotCSV
		}
		if len(values) != len(l.names) {
			return c, fmt.Errorf("the line has %d fields, the header %d", len(values), len(l.names))
		}
		for i, name := range l.names {
			if s := createdFields.Value(&c.created, name); s != nil {
				*s = transform.Scalar{Kind: transform.String, Text: values[i]}
			}
		}
		c.trimNumber("orderNo", &c.OrderNo.Scalar)
		c.trimNumber("sourceOrderNo", &c.SourceOrderNo.Scalar)
		return c, nil
	}
	field := func(d *jx.Decoder, key string) error {
		return createdFields.ReadMember(d, key, &c.created)
	}
	err := transform.ReadDocument([]byte(text), func(d *jx.Decoder) error {
		wrong, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
			switch key {
			case "code":
				c.enveloped = true
				return c.code.Read(d)
			case "ok":
				return c.ok.Read(d)
			case "data":
				c.enveloped = true
				_, err := transform.ReadObject(d, field)
				return err
			}
			return field(d, key)
		})
		if err == nil && wrong != "" {
			err = errNotJSON
		}
		return err
	})
	if err != nil {
		return c, errNotJSON
	}
	return c, nil
}

// trimNumber takes the blanks around a number of a CSV away: with them the
// courier would not know it, and people write them behind commas. Blanks
// around amounts and times stay, which costs the value, as in every encoding.
func (c *registered) trimNumber(name string, number *transform.Scalar) {
	text := strings.TrimSpace(number.Text)
	if text != number.Text && text != "" {
		c.padded = append(c.padded, padded{name, number.Text})
	}
	number.Text = text
}

// refused reports whether the line is a stored refusal: no order was made.
func (c *registered) refused() bool {
	return c.enveloped && (c.code.Present() && c.code.Text != "0" || c.ok.Text == "false")
}

// decodeRegister transforms one page of register lines.
func decodeRegister(body []byte, out *transform.Batch) (extract.Facts, error) {
	var p registerPage
	f := extract.Facts{Total: -1}
	if err := json.Unmarshal(body, &p); err != nil {
		return f, fmt.Errorf("not a page of the register: %w", err)
	}
	l := layout{format: p.Format}
	if p.Format == formatCSV {
		if err := l.setHeader(p.Header); err != nil {
			return f, fmt.Errorf("%s: %w", p.File, err)
		}
	}
	for i, text := range p.Lines {
		f.Rows++
		at := fmt.Sprintf("%s:%d", p.File, p.FirstLine+i)
		key := decodeLine(&l, text, at, out, i)
		if i == 0 {
			f.First = key
		}
	}
	return f, nil
}

// decodeLine transforms one line and returns its record's key: the orderNo;
// where there is none the sourceOrderNo, else the line's own place at.
func decodeLine(l *layout, text, at string, out *transform.Batch, index int) string {
	c, err := l.read(text)
	no, source := c.OrderNo.Plain(), c.SourceOrderNo.Plain()
	key := no
	if key == "" {
		key = source
	}
	if err == nil && key == "" && !c.refused() {
		err = errNoNumber
	}
	if err != nil || key == "" {
		key = at
	}
	r := out.Record(key, "/lines", index)
	for _, p := range c.padded {
		r.Finding(p.name, at+": the blanks around the number were left out", p.raw)
	}
	switch {
	case err != nil:
		r.Reject("line", at+": "+err.Error(), "")
	case c.refused():
		r.Finding("code", at+": a stored answer that was no success; no order was made", c.code.Text)
	case !createdFields.Any(&c.created):
		// Only a number to ask for. It has no version, so that a line with
		// fees of the same order goes before it.
	case no == "":
		r.Finding("orderNo", at+": fees without an orderNo belong to no order", source)
	default:
		r.SetVersion(transform.Instant{Valid: true})
		c.rows(no, source, r)
	}
	return key
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
