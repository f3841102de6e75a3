package shelf

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// Verdict says what is known of a file that somebody saved.
type Verdict int

// The verdicts of a Judge.
const (
	Unknown Verdict = iota // nobody has read it
	Taken                  // all that was written in it is in the database
	Refused                // some of it could not be taken
)

// Judge says what is known of a file, by its SHA-256 in hex. A nil Judge knows
// nothing.
type Judge func(sha256 string) Verdict

// Options of Put.
type Options struct {
	At    time.Time // stands in the names of what is kept, in its own zone
	Judge Judge     // nil knows nothing
	// Database is the one that the new workbook is of; "" where that says nothing.
	Database string
	// Page is the page of the new workbook, made beside it; "" for none.
	Page   string
	Notice func(string) // is told what people should know; may be nil
}

func (o *Options) say(format string, values ...any) {
	if o.Notice != nil {
		o.Notice(fmt.Sprintf(format, values...))
	}
}

// Put puts a workbook that was just made, in the same folder or one below, in
// the place of the one at path, and gives the path where it stands. Its page goes
// with it, and that of an earlier workbook with that one: see PageOf.
//
// What nobody saved is replaced. What somebody saved is never lost: it moves
// into the folder taken where all of it was taken, to a name that says
// not-taken where something was refused, and else stands beside under a name
// with the time, from which the next run takes it. Where a program has the
// workbook open, it stays, and the new one stands beside it.
func Put(made, path string, o Options) (string, error) {
	beside, err := moveFree(made, func(n string) string { return with(path, "."+o.At.Format(stamp)+n) })
	if err == nil {
		err = o.placePage(PageOf(beside))
	}
	if err != nil {
		return "", err
	}
	if lock := OpenBy(path); lock != "" {
		o.say("somebody has %s open, so the new workbook is %s; a later run goes back to the plain name once it is free (if nobody has it open, remove %s)", path, beside, lock)
		return beside, clearBeside(path, beside, &o)
	}
	err = disk.MoveTo(beside, path)
	replaces := errors.Is(err, fs.ErrExist)
	if replaces {
		err = disk.Exchange(beside, path)
	}
	if err != nil {
		o.say("%s could not be replaced (%v): the new workbook is %s", path, err, beside)
		return beside, nil
	}
	if err := o.swapPages(beside, path); err != nil {
		return path, err
	}
	kept := ""
	if replaces {
		kept, err = retire(beside, path, &o)
	} else {
		err = removePage(beside) // of a workbook that somebody took away
	}
	if err != nil {
		return path, err
	}
	return path, clearBeside(path, kept, &o)
}

// clearBeside retires what stands beside the workbook at path under names with
// a time, but for one of them: a newer workbook is in place now, and what people
// wrote into these was taken at the start of the run.
func clearBeside(path, stays string, o *Options) error {
	all, err := filepath.Glob(filepath.Join(escape(filepath.Dir(path)), "*"+filepath.Ext(path)))
	if err != nil {
		return err
	}
	for _, file := range all {
		if file == stays || !isBeside(file, path) || OpenBy(file) != "" {
			continue
		}
		if _, err := retire(file, path, o); err != nil {
			return err
		}
	}
	return nil
}

// retire moves a file that gave way to a new one: removed where nobody saved
// it, else kept by what is known of it.
func retire(old, path string, o *Options) (kept string, err error) {
	// One that cannot be read is somebody's work all the same.
	untouched, err := workbook.Untouched(old)
	mere := err == nil && untouched
	switch {
	case mere && !o.stranger(old):
		return "", errors.Join(os.Remove(old), removePage(old))
	case mere:
		kept, err = keepStranger(old, path, o)
	default:
		kept, err = keepSaved(old, path, o)
	}
	if err == nil {
		err = movePage(old, kept)
	}
	return kept, err
}

// keepSaved moves a workbook that somebody saved out of the way, by what is known
// of it.
func keepSaved(old, path string, o *Options) (kept string, err error) {
	switch o.judge(old) {
	case Taken:
		folder := filepath.Join(filepath.Dir(path), takenFolder)
		if err := disk.MakeBelow(filepath.Dir(path), folder); err != nil {
			return old, err
		}
		return moveFree(old, func(n string) string {
			return with(filepath.Join(folder, filepath.Base(path)), "."+o.At.Format(stamp)+n)
		})
	case Refused:
		kept, err = moveFree(old, func(n string) string { return with(path, notTaken+o.At.Format(stamp)+n) })
		o.say("what somebody wrote into %s could not all be taken: the file is kept as %s", filepath.Base(path), kept)
		return kept, err
	}
	o.say("somebody saved %s, and what is written in it was not taken yet: it is kept as %s, from which nightaudit annotate takes it, and the next run where this is its folder of reports", filepath.Base(path), old)
	return old, nil
}

// judge is what is known of a file; of one that cannot be read, nothing.
func (o *Options) judge(file string) Verdict {
	if o.Judge == nil {
		return Unknown
	}
	sum, err := workbook.Hash(file)
	if err != nil {
		return Unknown
	}
	return o.Judge(sum)
}

// isBeside says whether a file stands beside the workbook at path: its name
// has a time and no more besides.
func isBeside(file, path string) bool {
	ext := filepath.Ext(path)
	name, ok := strings.CutPrefix(filepath.Base(file), strings.TrimSuffix(filepath.Base(path), ext)+".")
	return ok && timed.MatchString(strings.TrimSuffix(name, ext))
}

var timed = regexp.MustCompile(`^\d{8}T\d{6}(-\d+)?$`)

// with puts a text before the ending of a name.
func with(path, text string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + text + ext
}

// moveFree gives a file the first name that nothing has yet: name is asked
// with "", "-2", "-3" and so on.
func moveFree(from string, name func(n string) string) (to string, err error) {
	for i := 1; i < 1000; i++ {
		n := ""
		if i > 1 {
			n = fmt.Sprintf("-%d", i)
		}
		if to = name(n); to == from {
			return to, nil
		}
		if err = disk.MoveTo(from, to); !errors.Is(err, fs.ErrExist) {
			return to, err
		}
	}
	return "", err
}
