// Package disk reads and writes files: those that other people put somewhere
// without ever waiting for them, and those of the program so that they last. Of a
// full disk it tells what an operator has to know: which file could not be
// written, how much room it needed and how much there was.
package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// FullError is a file that could not be written for want of room.
type FullError struct {
	Path string // of the file; "" where nothing tells
	// Needed is how many bytes must be free, 0 where that is not known; Least
	// is set where it is a lower bound.
	Needed int64
	Least  bool
	Free   int64 // bytes that were free to this user; -1 where that is not known
	Err    error // what failed; it names the file
}

func (e *FullError) Error() string {
	var how []string
	if e.Needed > 0 {
		least := ""
		if e.Least {
			least = "at least "
		}
		how = append(how, least+Size(e.Needed)+" needed")
	}
	if e.Free >= 0 {
		free := Size(e.Free) + " free in " + folderOf(e.Path)
		if e.Needed <= 0 {
			free += " is too little"
		}
		how = append(how, free)
	}
	text := e.Err.Error()
	if len(how) > 0 {
		text += ": " + strings.Join(how, ", ")
	}
	return text + "; make room and run again"
}

func (e *FullError) Unwrap() error { return e.Err }

// IsFull says whether err comes from a disk that is full, or from a quota that
// is used up.
func IsFull(err error) bool {
	if err == nil {
		return false
	}
	var full *FullError
	if errors.As(err, &full) {
		return true
	}
	for _, e := range fullErrors {
		if errors.Is(err, e) {
			return true
		}
	}
	// DuckDB passes on the system's words, not its number.
	text := err.Error()
	for _, e := range fullErrors {
		if strings.Contains(text, e.Error()) || strings.Contains(text, upperFirst(e.Error())) {
			return true
		}
	}
	return false
}

// upperFirst writes the system's words as C's library does: Go's begin with a
// small letter.
func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// Explain adds to an error of a full disk how much is free there, and how many
// bytes must be: needed, 0 where that is not known; least says that it may be
// more. Other errors, and those explained already, are returned as they are.
func Explain(err error, needed int64, least bool) error {
	var have *FullError
	if !IsFull(err) || errors.As(err, &have) {
		return err
	}
	full := &FullError{Path: fileOf(err), Needed: needed, Least: least, Free: -1, Err: err}
	if full.Path == "" {
		return full
	}
	if free, err := Free(folderOf(full.Path)); err == nil {
		full.Free = free
	}
	return full
}

// quotedFile is how DuckDB names a file in an error.
var quotedFile = regexp.MustCompile(`file "([^"]+)"`)

// fileOf is the file that an error is about, "" where nothing tells.
func fileOf(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Path
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.New
	}
	if found := quotedFile.FindStringSubmatch(err.Error()); found != nil {
		return found[1]
	}
	return ""
}

// folderOf is the nearest folder of a file that exists.
func folderOf(path string) string {
	dir := filepath.Dir(path)
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return dir
		}
		dir = up
	}
}

// Size writes a number of bytes down for people: 12.3 MiB.
func Size(bytes int64) string {
	units := []string{"KiB", "MiB", "GiB", "TiB"}
	if bytes < 1<<10 {
		return fmt.Sprintf("%d B", bytes)
	}
	value, unit := float64(bytes)/(1<<10), 0
	for value >= 1<<10 && unit < len(units)-1 {
		value, unit = value/(1<<10), unit+1
	}
	return fmt.Sprintf("%.1f %s", value, units[unit])
}
