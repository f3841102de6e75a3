package guoxiaodi

import (
	"encoding/csv"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/transform"
)

// registered is a line of a register: a create-and-pay answer, or its data,
// or a record of a CSV.
type registered struct {
	envelope
	enveloped bool
	created
	padded  []padded
	damaged []padded
}

// padded is an order's number that had blanks around it in a CSV, or that a
// spreadsheet has damaged: its column, and its text as it stands there.
type padded struct{ name, raw string }

// layout says how the lines of a file are read.
type layout struct {
	format  string
	header  string // of a CSV, as it stands in the file
	comma   rune
	columns []string // the courier's names of them, "" for others
}

// The reasons for which a line is refused. They hold nothing of the line,
// which names people.
var (
	errNotJSON  = errors.New("the line is not one JSON object")
	errNotCSV   = errors.New("the line is not a record of CSV: a quote has no pair")
	errNoNumber = errors.New("the line has neither orderNo nor sourceOrderNo")
	errCut      = errors.New("the file ends within this line: it was cut short; write the file anew")
	errDamaged  = errors.New("a spreadsheet has damaged the number, of which it keeps 15 digits: take the file from the ordering system anew, or make the column text before the file is opened and saved")
)

// nothing reports whether a line says nothing: it is blank, or of a CSV all of
// its cells are; or it is the line by which a spreadsheet is told the separator.
func (l *layout) nothing(text string) bool {
	text = strings.TrimSpace(text)
	if l.format != formatCSV || text == "" {
		return text == ""
	}
	if l.header == "" {
		if sep, ok := strings.CutPrefix(strings.ToLower(text), "sep="); ok && len(sep) <= 1 {
			return true
		}
	}
	return strings.Trim(text, ",;\t\" \u00a0\u3000") == ""
}

// separators are those of the files that people's programs save; which of them
// it is, the header tells.
var separators = []rune{',', ';', '\t'}

// setHeader reads the first line of a CSV.
func (l *layout) setHeader(text string) error {
	for _, comma := range separators {
		names, err := readCSV(text, comma)
		if err != nil {
			return errors.New("the header is not a record of CSV")
		}
		for i, name := range names {
			names[i] = columnNames[folded(name)]
			if names[i] != "" && slices.Contains(names[:i], names[i]) {
				return fmt.Errorf("the header names %s twice", names[i])
			}
		}
		if slices.Contains(names, "orderNo") || slices.Contains(names, "sourceOrderNo") {
			l.header, l.columns, l.comma = text, names, comma
			return nil
		}
	}
	return errors.New("the header names neither orderNo nor sourceOrderNo")
}

// folded is a column's name without what people and their programs change in
// it: its case, blanks, underscores and hyphens, and marks that nobody sees.
func folded(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r == '_', r == '-', r == '\ufeff', r == '\u200b':
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// columnNames are the courier's names of the columns that are read, by the
// folded ones.
var columnNames = func() map[string]string {
	names := map[string]string{}
	for _, name := range append(comparedFields(), "orderNo") {
		names[folded(name)] = name
	}
	return names
}()

func readCSV(text string, comma rune) ([]string, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.Comma = -1, comma
	return r.Read()
}

// read reads one line. One that ends its file without a line break must be
// whole.
func (l *layout) read(text string, unended bool) (c registered, err error) {
	if l.format == formatCSV {
		err = l.readRecord(text, unended, &c)
	} else if err = c.readJSON(text); err != nil && unended {
		err = errCut
	}
	c.takeDamaged("orderNo", &c.OrderNo.Scalar)
	c.takeDamaged("sourceOrderNo", &c.SourceOrderNo.Scalar)
	return c, err
}

// readRecord reads a record of a CSV. A program leaves out the empty cells at a
// row's end, or adds some.
func (l *layout) readRecord(text string, unended bool, c *registered) error {
	values, err := readCSV(text, l.comma)
	short := len(values) < len(l.columns)
	switch {
	case unended && (err != nil || short):
		return errCut
	case err != nil:
		return errNotCSV
	}
	for i, value := range values {
		if i >= len(l.columns) {
			if strings.TrimSpace(value) != "" {
				return fmt.Errorf("the line has %d fields, the header %d", len(values), len(l.columns))
			}
			continue
		}
		if s := createdFields.Value(&c.created, l.columns[i]); s != nil {
			*s = transform.Scalar{Kind: transform.String, Text: value}
		}
	}
	c.trimNumber("orderNo", &c.OrderNo.Scalar)
	c.trimNumber("sourceOrderNo", &c.SourceOrderNo.Scalar)
	return nil
}

// readJSON reads a line of JSON: the courier's answer, or the data of one.
func (c *registered) readJSON(text string) error {
	field := func(d *jx.Decoder, key string) error {
		if name, ok := columnNames[folded(key)]; ok {
			key = name
		}
		return createdFields.ReadMember(d, key, &c.created)
	}
	err := transform.ReadDocument([]byte(text), func(d *jx.Decoder) error {
		wrong, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
			switch strings.ToLower(key) {
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
		return errNotJSON
	}
	return nil
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

// damagedNumber is what a spreadsheet, or a program that counts in floats,
// makes of a long number: 6.92026E+15 or 692026000000000.0, or zeros in the
// place of all digits after the fifteenth.
var damagedNumber = regexp.MustCompile(`^(\d+([.,]\d+)?[eE]\+\d{2,3}|\d+\.0|\d{15}0{3,})$`)

// takeDamaged takes away a number that is no longer the order's: it may stand
// for several orders.
func (c *registered) takeDamaged(name string, number *transform.Scalar) {
	isFloat := number.Kind == transform.Number && strings.ContainsAny(number.Text, ".eE")
	if isFloat || damagedNumber.MatchString(number.Plain()) {
		c.damaged = append(c.damaged, padded{name, number.Text})
		*number = transform.Scalar{}
	}
}

// tells reports whether the line says more of an order than its number.
func (c *registered) tells() bool {
	return c.OrderNo.Plain() != "" && !c.refused() && createdFields.Any(&c.created)
}

// at is when the order was made, zero where the line does not say.
func (c *registered) at() time.Time {
	text := c.TimeCreate.Plain()
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err == nil && len(text) == 13:
		return time.UnixMilli(n)
	case err == nil && len(text) == 10:
		return time.Unix(n, 0)
	}
	return time.Time{}
}

// refused reports whether the line is a stored refusal: no order was made.
func (c *registered) refused() bool {
	return c.enveloped && (c.code.Present() && c.code.Text != "0" || c.ok.Text == "false")
}
