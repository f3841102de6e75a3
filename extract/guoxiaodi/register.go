package guoxiaodi

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

// The formats of the register's files, by ending.
const (
	formatJSONL = "jsonl"
	formatCSV   = "csv"
)

// Limits of a page of the register, and of a record in a file.
const (
	pageLines   = 500
	pageBytes   = 1 << 20
	recordBytes = 1 << 20
	recordLines = 100 // physical lines that a quoted CSV field may span
)

// formatOf is the format of a file, "" where the ending names none.
func formatOf(path string) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".jsonl":
		return formatJSONL
	case ".csv":
		return formatCSV
	}
	return ""
}

// registerPage is how lines of the register are landed. Lines are the texts
// as they stand in the file, so that what is read of them can be traced.
type registerPage struct {
	File      string   `json:"file"` // relative to the configuration's folder
	Format    string   `json:"format"`
	Header    string   `json:"header,omitempty"` // of a CSV
	FirstLine int      `json:"first_line"`       // of the file, counted from 1
	Lines     []string `json:"lines"`
}

// line is one record of a register file.
type line struct {
	file   string
	layout *layout
	no     int // the physical line at which it starts, counted from 1
	text   string
	span   int  // physical lines that it takes
	cut    bool // the file ends within it: it is still being written
	mod    time.Time
}

func (l *line) read() (registered, error) { return l.layout.read(l.text) }

// eachLine hands over every record of every register file, files in the
// order of their names.
func (a *account) eachLine(use func(line) error) error {
	files, err := a.registerFiles()
	if err != nil {
		return err
	}
	for _, path := range files {
		if err := a.eachLineOf(path, use); err != nil {
			return err
		}
	}
	return nil
}

// registerFiles are the files that the patterns name, each once.
func (a *account) registerFiles() ([]string, error) {
	var files []string
	for _, pattern := range a.config.Register {
		if !filepath.IsAbs(pattern) {
			pattern = filepath.Join(a.env.Dir, pattern)
		}
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, &extract.Error{Class: extract.Permanent, Op: "find register files", Target: pattern, Err: err}
		}
		files = append(files, found...)
	}
	slices.Sort(files)
	files = slices.Compact(files)
	if len(files) == 0 && len(a.config.Register) > 0 {
		a.log.Warn("no register file was found; the fees of courier orders stand in no other place",
			"register", a.config.Register, "dir", a.env.Dir)
	}
	return files, nil
}

func (a *account) eachLineOf(path string, use func(line) error) error {
	name := path
	if rel, err := filepath.Rel(a.env.Dir, path); err == nil && !strings.HasPrefix(rel, "..") {
		name = filepath.ToSlash(rel)
	}
	failed := func(err error) error {
		var ours *extract.Error
		if errors.As(err, &ours) {
			return err
		}
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return &extract.Error{
			Class: extract.Permanent, Op: "read the register", Target: name, Err: err,
			Hint: "see that the file exists and that nightaudit's user may read it",
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return failed(err)
	}
	defer f.Close() // read only: nothing to lose
	info, err := f.Stat()
	if err != nil {
		return failed(err)
	}
	r := &records{in: bufio.NewReaderSize(f, 64<<10)}
	lay := &layout{format: formatOf(path)}
	r.quoted = lay.format == formatCSV
	for {
		l, err := r.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return failed(err)
		}
		if strings.TrimSpace(l.text) == "" {
			continue
		}
		if lay.format == formatCSV && lay.header == "" {
			if err := lay.setHeader(l.text); err != nil {
				return &extract.Error{
					Class: extract.Permanent, Op: "read the register", Target: name, Err: err,
					Hint: "the first line must name the columns as the courier's answer does: orderNo, sourceOrderNo, payFee, …",
				}
			}
			continue
		}
		l.file, l.layout, l.mod = name, lay, info.ModTime()
		if l.cut {
			_, err := l.read()
			l.cut = err != nil // a complete last line just lacks its line break
		}
		if err := use(l); err != nil {
			return err
		}
	}
}

// fetchRegister yields the register in pages.
func (a *account) fetchRegister(ctx context.Context, yield extract.Yield) error {
	var p registerPage
	var mod time.Time
	size := 0
	flush := func() error {
		if len(p.Lines) == 0 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read the register: %w", err)
		}
		var body bytes.Buffer
		enc := json.NewEncoder(&body)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(p); err != nil {
			return fmt.Errorf("read the register: encode lines of %s: %w", p.File, err)
		}
		_, err := yield(&extract.Page{
			Stream:  streamRegister,
			Request: extract.Request{Method: "READ", Path: p.File, Params: fmt.Sprintf("lines from %d", p.FirstLine)},
			At:      mod, Body: bytes.TrimRight(body.Bytes(), "\n"),
		})
		p, size = registerPage{}, 0
		return err
	}
	next := 0
	err := a.eachLine(func(l line) error {
		if l.cut {
			a.log.Warn("the last line of a register file is not complete yet; it is left for the next run",
				"file", l.file, "line", l.no)
			return nil
		}
		// A page's lines follow each other, so that each line's place in the
		// file is known; a gap of blank lines begins a new page.
		if l.file != p.File || l.no != next || len(p.Lines) == pageLines || size+len(l.text) > pageBytes {
			if err := flush(); err != nil {
				return err
			}
			p = registerPage{File: l.file, Format: l.layout.format, Header: l.layout.header, FirstLine: l.no}
			mod = l.mod
		}
		p.Lines = append(p.Lines, l.text)
		size += len(l.text)
		next = l.no + 1
		if l.span > 1 {
			next = 0 // the next line's number no longer follows from the count
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

// records splits a file into records: lines, or for a CSV lines joined where
// a quoted field holds a line break.
type records struct {
	in     *bufio.Reader
	quoted bool
	ahead  []physical // read, not yet used
	no     int        // of the last line used
}

type physical struct {
	text     string
	complete bool // it ends in a line break
}

// next is the next record; io.EOF after the last.
func (r *records) next() (line, error) {
	first, err := r.line(0)
	if err != nil {
		return line{}, err
	}
	text, span := first.text, 1
	last := first
	if r.quoted {
		for strings.Count(text, `"`)%2 == 1 {
			more, err := r.line(span)
			if err != nil && !errors.Is(err, io.EOF) {
				return line{}, err
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
	l := line{no: r.no + 1, text: text, span: span, cut: !last.complete}
	r.no += span
	r.ahead = r.ahead[span:]
	return l, nil
}

// line is the physical line i lines ahead.
func (r *records) line(i int) (physical, error) {
	for len(r.ahead) <= i {
		p, err := r.physical()
		if err != nil {
			return physical{}, err
		}
		r.ahead = append(r.ahead, p)
	}
	return r.ahead[i], nil
}

func (r *records) physical() (physical, error) {
	var text []byte
	for {
		part, err := r.in.ReadSlice('\n')
		if len(text) < recordBytes {
			text = append(text, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(text) > 0:
		case err != nil:
			return physical{}, err
		}
		complete := err == nil
		text = bytes.TrimPrefix(bytes.TrimRight(text, "\r\n"), []byte("\xef\xbb\xbf"))
		// A file in another encoding (a spreadsheet's GBK): what is not UTF-8
		// is marked; numbers and amounts, the only fields read, are ASCII.
		return physical{strings.ToValidUTF8(string(text), "\uFFFD"), complete}, nil
	}
}
