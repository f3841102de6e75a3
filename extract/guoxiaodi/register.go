package guoxiaodi

import (
	"cmp"
	"errors"
	"hash/maphash"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/load/disk"
)

// The formats of the register's files, by ending.
const (
	formatJSONL = "jsonl"
	formatCSV   = "csv"
)

// Limits of a file and of a record in it.
const (
	recordBytes = 1 << 20
	fileBytes   = 1 << 30
	recordLines = 100 // physical lines that a quoted CSV field may span
)

// settledAfter is how old a file must be before its last line counts although it
// has no line break: until then somebody may be writing it.
const settledAfter = time.Minute

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

// registerFile is a file of the register.
type registerFile struct {
	path, name string
	mod        time.Time
	own        time.Time // the latest time that its rows state; zero where they state none
	fault      *fileFault
}

// fileFault is why a file as a whole is no part of the register.
type fileFault struct {
	reason string
	unread bool // what stands in it is not known
}

func (f *fileFault) Error() string { return f.reason }

// line is one record of a register file.
type line struct {
	record
	layout *layout
	// open is set where the file is being written and the line has no end yet.
	open bool
}

func (l *line) read() (registered, error) { return l.layout.read(l.text, l.unended) }

// files are the files of the register, the oldest first: what a newer one says
// of an order counts. told is, by the hashes of the orders of which several
// lines tell, how many do.
func (a *account) files() (files []*registerFile, told map[uint64]int, err error) {
	if files, err = a.registerFiles(); err != nil {
		return nil, nil, err
	}
	told = map[uint64]int{}
	for _, f := range files {
		latest := a.clock().AddDate(0, 0, 1) // a later time is none
		f.fault = a.eachLineOf(f, func(l line) error {
			w, err := l.read()
			if err != nil || l.open || !w.tells() {
				return nil
			}
			told[a.hash(w.OrderNo.Plain())]++
			if at := w.at(); at.After(f.own) && at.Before(latest) {
				f.own = at
			}
			return nil
		})
	}
	maps.DeleteFunc(told, func(_ uint64, lines int) bool { return lines == 1 })
	slices.SortStableFunc(files, func(x, y *registerFile) int {
		return cmp.Or(x.time().Compare(y.time()), x.mod.Compare(y.mod))
	})
	return files, told, nil
}

// time is how new the file is, by its own word where it has one.
func (f *registerFile) time() time.Time {
	if !f.own.IsZero() {
		return f.own
	}
	return f.mod
}

func (a *account) hash(orderNo string) uint64 { return maphash.String(a.seed, orderNo) }

// eachLine hands over every record of the files that are registers.
func (a *account) eachLine(use func(line) error) error {
	files, _, err := a.files()
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.fault != nil {
			continue // told when it is fetched
		}
		var used error // not the file's
		// What is wrong with the file itself is told when it is fetched.
		_ = a.eachLineOf(f, func(l line) error {
			used = use(l)
			return used
		})
		if used != nil {
			return used
		}
	}
	return nil
}

// registerFiles are the files that the patterns name, each once, by name.
func (a *account) registerFiles() ([]*registerFile, error) {
	var paths []string
	for _, pattern := range a.config.Register {
		if !filepath.IsAbs(pattern) {
			pattern = filepath.Join(a.env.Dir, pattern)
		}
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, &extract.Error{Class: extract.Permanent, Op: "find register files", Target: pattern, Err: err}
		}
		paths = append(paths, found...)
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	if len(paths) == 0 && len(a.config.Register) > 0 {
		a.log.Warn("no register file was found; the fees of courier orders stand in no other place",
			"register", a.config.Register, "dir", a.env.Dir)
	}
	var files []*registerFile
	for _, path := range paths {
		f := &registerFile{path: path, name: path}
		if rel, err := filepath.Rel(a.env.Dir, path); err == nil && !strings.HasPrefix(rel, "..") {
			f.name = filepath.ToSlash(rel)
		}
		files = append(files, f)
	}
	return files, nil
}

// misplaced is the fault of what lies where a register file should: nil where it
// is one.
func misplaced(err error) *fileFault {
	var p *os.PathError
	if !errors.As(err, &p) {
		return nil
	}
	switch {
	case errors.Is(err, disk.ErrNotRegular):
		return &fileFault{reason: p.Err.Error() + "; take it out of the register's folder"}
	case errors.Is(err, disk.ErrLeadsOut):
		return &fileFault{reason: p.Err.Error() + ", or name its own place under register", unread: true}
	case errors.Is(err, disk.ErrTooLarge):
		return &fileFault{reason: p.Err.Error() + "; cut it into several", unread: true}
	}
	return nil
}

// eachLineOf hands over the records of one file; what use returns ends it. The
// fault is the file's own.
func (a *account) eachLineOf(f *registerFile, use func(line) error) *fileFault {
	unread := func(err error) *fileFault {
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return &fileFault{reason: "the file cannot be read: " + err.Error() + "; see that nightaudit's user may read it", unread: true}
	}
	in, info, err := disk.OpenIn(f.path, fileBytes)
	if fault := misplaced(err); fault != nil {
		return fault
	}
	if err != nil {
		return unread(err)
	}
	defer in.Close() // read only: nothing to lose
	f.mod = info.ModTime()
	young := a.clock().Sub(f.mod) < settledAfter
	lay := &layout{format: formatOf(f.path)}
	records := newRecords(io.LimitReader(in, fileBytes), lay.format == formatCSV)
	for {
		r, err := records.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unread(err)
		}
		l := line{record: r, layout: lay, open: r.unended && young}
		if l.open && lay.format == formatJSONL {
			_, err := l.read()
			l.open = err != nil // an object that is whole is no part of a longer one
		}
		switch {
		case lay.nothing(r.text):
			continue
		case lay.format == formatCSV && lay.header == "" && !l.open:
			if err := lay.setHeader(r.text); err != nil {
				return &fileFault{reason: err.Error() + "; the first line must name the columns as the courier's answer does: orderNo, sourceOrderNo, payFee, …. A file that is no register must not lie where register looks for them"}
			}
			continue
		}
		if use(l) != nil {
			return nil
		}
	}
}
