package filled

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// What a sheet may hold that is read to its end. A sheet of breaks has thirty
// columns, and a row for each break.
const (
	mostColumns = 1024      // with something in them
	mostCells   = 1_500_000 // of all kinds
	mostWidth   = 64 << 20  // cells that excelize makes of gaps
)

// sheetExtent is what a sheet says of its size.
type sheetExtent struct {
	last   int      // its last row
	merged []string // cells that are merged, as "A4:B7"
}

// sheetScan reads a sheet's own XML before excelize does: whether it can be read
// to its end, and whether excelize would read all of it.
type sheetScan struct {
	part  string
	texts int // in the list of texts
	only  int // rows; 0 is all
	sheetExtent
	column       int // of the last cell of the row
	cells, width int
	inRows, done bool
	kind         string // of the cell: "s" is one of the list of texts
	value        []byte
	inValue      bool
}

// scan reads a sheet to its end, or so many rows of it.
func (b *book) scan(sheet string, rows int) (sheetExtent, error) {
	part, ok := b.sheets[sheet]
	if !ok {
		return sheetExtent{}, nil // a sheet of a chart or of macros
	}
	r, err := b.open(part)
	if err != nil {
		return sheetExtent{}, err
	}
	defer r.Close() // read only: nothing to lose
	s := &sheetScan{part: part, texts: b.texts, only: rows}
	tokens := newTokens(r)
	for {
		tok, err := tokens.next()
		if errors.Is(err, io.EOF) {
			return s.sheetExtent, nil
		}
		if err == nil {
			err = s.take(tok)
		}
		if err != nil {
			return s.sheetExtent, named(part, err)
		}
		if s.only > 0 && s.last > s.only {
			return s.sheetExtent, nil
		}
	}
}

func (s *sheetScan) damaged(format string, values ...any) error {
	return damaged("the part "+s.part, format, values...)
}

func (s *sheetScan) tooMuch(format string, values ...any) error {
	return tooMuch("the part "+s.part, format, values...)
}

func (s *sheetScan) take(tok xml.Token) error {
	switch tok := tok.(type) {
	case xml.StartElement:
		return s.start(tok)
	case xml.EndElement:
		return s.end(tok.Name.Local)
	case xml.CharData:
		if s.inValue {
			s.value = append(s.value, tok...)
		}
	}
	return nil
}

func (s *sheetScan) start(e xml.StartElement) error {
	switch {
	case e.Name.Local == "sheetData" && (s.inRows || s.done):
		return s.damaged("has its rows twice")
	case e.Name.Local == "sheetData":
		s.inRows = true
	case e.Name.Local == "mergeCell":
		s.merged = append(s.merged, attr(e, "ref"))
		if len(s.merged) > mostElements {
			return s.tooMuch("has more than %d merged cells", mostElements)
		}
	case !s.inRows:
	case e.Name.Local == "row":
		return s.row(attr(e, "r"))
	case e.Name.Local == "c":
		return s.cell(e)
	case e.Name.Local == "v" || e.Name.Local == "is" || e.Name.Local == "f":
		s.inValue, s.value = e.Name.Local == "v", s.value[:0]
		return s.holds()
	}
	return nil
}

func (s *sheetScan) end(element string) error {
	switch {
	case element == "sheetData":
		s.inRows, s.done = false, true
	case element == "v" && s.inValue:
		s.inValue = false
		return s.text()
	}
	return nil
}

// row begins a row. Each is below the one before: excelize, and people's programs,
// drop one that is not.
func (s *sheetScan) row(number string) error {
	no := s.last + 1
	if number != "" {
		var err error
		if no, err = strconv.Atoi(number); err != nil {
			return s.damaged("has a row numbered %s", quoted(number))
		}
	}
	if no > excelize.TotalRows {
		return s.tooMuch("has a row numbered %d, and a sheet has %d", no, excelize.TotalRows)
	}
	if no <= s.last {
		return s.damaged("has row %d behind row %d", no, s.last)
	}
	s.last, s.column = no, 0
	return nil
}

// cell begins a cell, which stands to the right of the one before.
func (s *sheetScan) cell(e xml.StartElement) error {
	column := s.column + 1
	if name := attr(e, "r"); name != "" {
		var row int
		var err error
		if column, row, err = excelize.CellNameToCoordinates(name); err != nil || row != s.last {
			return s.damaged("has a cell %s in row %d", quoted(name), s.last)
		}
	}
	if column <= s.column {
		return s.damaged("has a cell in column %d of row %d behind that in column %d", column, s.last, s.column)
	}
	if style := attr(e, "s"); style != "" {
		if _, err := strconv.ParseUint(style, 10, 31); err != nil {
			return s.damaged("has a cell in row %d of the style %s", s.last, quoted(style))
		}
	}
	if s.cells++; s.cells > mostCells {
		return s.tooMuch("has more than %d cells", mostCells)
	}
	s.column, s.kind = column, attr(e, "t")
	return nil
}

// holds notes that something stands in the cell.
func (s *sheetScan) holds() error {
	if s.column > mostColumns {
		return s.tooMuch("has something in column %d of row %d, and %d are read", s.column, s.last, mostColumns)
	}
	if s.width += s.column; s.width > mostWidth {
		return s.tooMuch("has more than %d cells with those between them", mostWidth)
	}
	return nil
}

// text checks a cell that names its text by number.
func (s *sheetScan) text() error {
	if s.kind != "s" {
		return nil
	}
	if i, err := strconv.Atoi(strings.TrimSpace(string(s.value))); err != nil || i < 0 || i >= s.texts {
		return s.damaged("names the text %s in row %d, and there are %d", quoted(string(s.value)), s.last, s.texts)
	}
	return nil
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
