package guoxiaodi

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// recordReader splits a file into records: lines, or for a CSV lines joined where
// a quoted field holds a line break. A line ends with LF, CR or both.
type recordReader struct {
	in     *bufio.Reader
	quoted bool
	ahead  []physical // read, not yet used
	no     int        // of the last line used
}

type physical struct {
	text     string
	complete bool // it ends in a line break
}

// record is a line, or several that are one record of a CSV.
type record struct {
	no      int // the physical line at which it starts, counted from 1
	text    string
	span    int  // physical lines that it takes
	unended bool // it is the file's last, and has no line break
}

// newRecords reads a file as people's programs save one: in UTF-8, in the
// GBK of a Chinese spreadsheet, or in UTF-16, with or without a byte order mark.
func newRecords(f io.Reader, quoted bool) *recordReader {
	in := bufio.NewReaderSize(f, 64<<10)
	if order, ok := utf16Of(in); ok {
		in = bufio.NewReaderSize(transform.NewReader(in, order.NewDecoder()), 64<<10)
	}
	return &recordReader{in: in, quoted: quoted}
}

// utf16Of tells a file in UTF-16 by its byte order mark, or by the zeros in
// every second byte of its beginning, which is ASCII in every register.
func utf16Of(in *bufio.Reader) (encoding.Encoding, bool) {
	start, _ := in.Peek(16) // of a shorter file what there is
	start = start[:len(start)&^1]
	little, big := len(start) >= 4, len(start) >= 4
	for i, b := range start {
		zero := b == 0
		little = little && zero == (i%2 == 1)
		big = big && zero == (i%2 == 0)
	}
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe")) || little:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), true
	case bytes.HasPrefix(start, []byte("\xfe\xff")) || big:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM), true
	}
	return nil, false
}

// next is the next record; io.EOF after the last.
func (r *recordReader) next() (record, error) {
	first, err := r.line(0)
	if err != nil {
		return record{}, err
	}
	text, span := first.text, 1
	last := first
	if r.quoted {
		for strings.Count(text, `"`)%2 == 1 {
			more, err := r.line(span)
			if err != nil && !errors.Is(err, io.EOF) {
				return record{}, err
			}
			if err != nil || span == recordLines || len(text)+len(more.text) > recordBytes {
				// A quote without its pair: only this line is damaged.
				text, span, last = first.text, 1, first
				break
			}
			text += "\n" + more.text
			last = more
			span++
		}
	}
	l := record{no: r.no + 1, text: text, span: span, unended: !last.complete}
	r.no += span
	r.ahead = r.ahead[span:]
	return l, nil
}

// line is the physical line i lines ahead.
func (r *recordReader) line(i int) (physical, error) {
	for len(r.ahead) <= i {
		p, err := r.physical()
		if err != nil {
			return physical{}, err
		}
		r.ahead = append(r.ahead, p)
	}
	return r.ahead[i], nil
}

func (r *recordReader) physical() (physical, error) {
	var text []byte
	read := false
	for {
		if _, err := r.in.Peek(1); err != nil {
			if errors.Is(err, io.EOF) && read {
				return physical{decoded(text), false}, nil
			}
			return physical{}, err
		}
		read = true
		part, err := r.in.Peek(r.in.Buffered())
		if err != nil {
			return physical{}, err
		}
		end := bytes.IndexAny(part, "\r\n")
		ended := end >= 0
		if !ended {
			end = len(part)
		}
		if len(text) < recordBytes {
			text = append(text, part[:end]...)
		}
		isCR := ended && part[end] == '\r'
		if ended {
			end++
		}
		if _, err := r.in.Discard(end); err != nil {
			return physical{}, err
		}
		if !ended {
			continue
		}
		if isCR {
			if after, _ := r.in.Peek(1); string(after) == "\n" {
				_, _ = r.in.Discard(1) // it is there
			}
		}
		return physical{decoded(text), true}, nil
	}
}

// decoded is a line in UTF-8. One in another encoding is a spreadsheet's GBK;
// what is neither is marked: numbers and amounts, the only fields read, are
// ASCII in all of them.
func decoded(text []byte) string {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if utf8.Valid(text) {
		return string(text)
	}
	if gbk, err := simplifiedchinese.GB18030.NewDecoder().Bytes(text); err == nil && !bytes.ContainsRune(gbk, utf8.RuneError) {
		return string(gbk)
	}
	return strings.ToValidUTF8(string(text), "\uFFFD")
}
