package guoxiaodi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/nightaudit/nightaudit/extract"
)

// Limits of a page of the register.
const (
	pageLines = 500
	pageBytes = 1 << 20
)

// registerPage is how lines of the register are landed. Lines are the texts
// as they stand in the file, so that what is read of them can be traced.
type registerPage struct {
	File      string   `json:"file"` // relative to the configuration's folder
	Format    string   `json:"format"`
	Header    string   `json:"header,omitempty"` // of a CSV
	FirstLine int      `json:"first_line"`       // of the file, counted from 1
	Lines     []string `json:"lines"`
	// Unended is set where the last of the lines ends the file without a break.
	Unended bool `json:"unended,omitempty"`
	// Open is the line at which the file was still being written, which is not
	// among Lines; Fault is why nothing of the file is.
	Open  int    `json:"open,omitempty"`
	Fault string `json:"fault,omitempty"`
	// Others are the older lines that say otherwise.
	Others []other `json:"others,omitempty"`
}

// fetchRegister yields the register in pages, file by file.
func (a *account) fetchRegister(ctx context.Context, yield extract.Yield) error {
	files, told, err := a.files()
	if err != nil {
		return err
	}
	older := comparison{left: told, hash: a.hash, said: map[string][]figure{}}
	var unread []string
	for _, f := range files {
		w := &pageWriter{file: f, yield: func(p *extract.Page) (extract.Facts, error) {
			if err := ctx.Err(); err != nil {
				return extract.Facts{}, fmt.Errorf("read the register: %w", err)
			}
			return yield(p)
		}}
		fault := f.fault
		var failed error // not the file's
		if fault == nil {
			fault = a.eachLineOf(f, func(l line) error {
				if l.open {
					a.log.Warn("a register file is being written: its last line has no end and is left for the next run", "file", f.name, "line", l.no)
				}
				failed = w.add(l, &older)
				return failed
			})
		}
		if fault != nil {
			a.log.Warn("a register file is left out", "file", f.name, "why", fault.reason)
			failed = errors.Join(failed, w.refuse(fault))
			if fault.unread {
				unread = append(unread, f.name)
			}
		}
		if err := errors.Join(failed, w.flush()); err != nil {
			return err
		}
	}
	if len(unread) > 0 {
		return &extract.Unsettled{Reason: "of the register's files these could not be read: " + strings.Join(unread, ", ")}
	}
	return nil
}

// pageWriter yields the lines of a file in pages.
type pageWriter struct {
	file  *registerFile
	yield extract.Yield
	page  registerPage
	size  int
	next  int // the line that would follow those of the page; 0 for none
}

// add adds a line. A page's lines follow each other, so that each line's place
// in the file is known; a gap of blank lines begins a new page.
func (w *pageWriter) add(l line, older *comparison) error {
	p := &w.page
	if l.no != w.next || len(p.Lines) == pageLines || w.size+len(l.text) > pageBytes {
		if err := w.flush(); err != nil {
			return err
		}
		*p = registerPage{File: w.file.name, Format: l.layout.format, Header: l.layout.header, FirstLine: l.no}
	}
	if l.open {
		p.Open = l.no
		return nil
	}
	p.Others = append(p.Others, older.add(l, w.file.name, len(p.Lines))...)
	p.Lines = append(p.Lines, l.text)
	p.Unended = l.unended
	w.size += len(l.text)
	w.next = l.no + 1
	if l.span > 1 {
		w.next = 0 // the next line's number no longer follows from the count
	}
	return nil
}

// refuse says why the file, or what follows of it, is not read.
func (w *pageWriter) refuse(f *fileFault) error {
	err := w.flush()
	w.page = registerPage{File: w.file.name, Format: formatOf(w.file.path), Fault: f.reason}
	return err
}

func (w *pageWriter) flush() error {
	p := &w.page
	if len(p.Lines) == 0 && p.Open == 0 && p.Fault == "" {
		return nil
	}
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(p); err != nil {
		return fmt.Errorf("read the register: encode lines of %s: %w", p.File, err)
	}
	_, err := w.yield(&extract.Page{
		Stream:  streamRegister,
		Request: extract.Request{Method: "READ", Path: p.File, Params: fmt.Sprintf("lines from %d", p.FirstLine)},
		At:      w.file.mod, Body: bytes.TrimRight(body.Bytes(), "\n"),
	})
	*p, w.size, w.next = registerPage{}, 0, 0
	return err
}
