package filled

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	mostDepth = 256     // elements within each other
	mostText  = 4 << 20 // bytes without a tag: a cell has 32,767 characters at most
)

// tokenReader reads an XML part strictly and to its end: what excelize makes of one
// that breaks off is its beginning, without an error.
type tokenReader struct {
	dec             *xml.Decoder
	depth, elements int
}

func newTokens(r io.Reader) *tokenReader {
	dec := xml.NewDecoder(&tagged{r: r})
	dec.CharsetReader = func(charset string, _ io.Reader) (io.Reader, error) {
		return nil, fmt.Errorf("it is written in %q, and workbooks are in UTF-8", charset)
	}
	return &tokenReader{dec: dec}
}

var (
	errDeep     = fmt.Errorf("has more than %d elements within each other", mostDepth)
	errLong     = fmt.Errorf("has a text of more than %d MiB", mostText>>20)
	errEntities = errors.New("declares a document type, as no program does that saves workbooks")
)

// next is the next token; io.EOF behind the last element.
func (t *tokenReader) next() (xml.Token, error) {
	tok, err := t.dec.Token()
	if errors.Is(err, io.EOF) && t.elements == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return nil, err //nolint:wrapcheck // see named
	}
	switch tok.(type) {
	case xml.StartElement:
		t.elements++
		if t.depth++; t.depth > mostDepth {
			return nil, errDeep
		}
	case xml.EndElement:
		t.depth--
	case xml.Directive:
		return nil, errEntities
	}
	return tok, nil
}

// named says what is wrong with a part.
func named(part string, err error) error {
	part = "the part " + quoted(part)
	for _, known := range []error{errDeep, errLong, errEntities} {
		if errors.Is(err, known) {
			return tooMuch(part, "%v", known)
		}
	}
	if errors.Is(err, ErrDamaged) || errors.Is(err, ErrTooMuch) {
		return err
	}
	return damaged(part, "is no XML to its end (%v)", strings.TrimPrefix(err.Error(), "XML syntax error "))
}

// tagged reads XML as long as its texts are not too long to be held in memory.
type tagged struct {
	r io.Reader
	n int // bytes since the last tag
}

func (t *tagged) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if i := bytes.LastIndexAny(p[:n], "<>"); i >= 0 {
		t.n = 0
		t.n += n - i
	} else {
		t.n += n
	}
	if t.n > mostText {
		return 0, errLong
	}
	return n, err
}
