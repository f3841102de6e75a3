package filled

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/workbook"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// Workbook is what finance wrote into a workbook.
type Workbook struct {
	Identity
	Author  string    // who saved it last, "" where it does not say
	SavedAt time.Time // zero where it does not say
	SHA256  string    // of the file, in hex
	Rows    []Row
}

// Row is a row of the sheet of breaks. A nil text has no column.
type Row struct {
	Sheet   string
	Row     int // as the spreadsheet counts them
	BreakID string
	// Status is the code of a word of either language, or the text itself
	// where it is none of them.
	Status, Owner, Comment *string
	Mark                   string // recon.break_mark when the workbook was made; "" where it is gone
}

// The conditions of Read that a caller may want to tell apart.
var (
	ErrNoWorkbook    = errors.New("there is no such file")
	ErrNotWorkbook   = errors.New("not a workbook of nightaudit")
	ErrNewerWorkbook = errors.New("made by a newer nightaudit")
)

// Read reads the sheet of breaks of a reconciliation workbook back,
// whatever was sorted, filtered, hidden, moved or deleted in it since: columns
// are found by their headings in either language, rows by the break's id.
func Read(path string) (_ *Workbook, err error) {
	fail := func(err error) (*Workbook, error) {
		return nil, fmt.Errorf("read the workbook %s: %w", path, err)
	}
	sum, err := workbook.Hash(path)
	if errors.Is(err, os.ErrNotExist) {
		return fail(ErrNoWorkbook)
	}
	if err != nil {
		return fail(err)
	}
	temp, err := os.MkdirTemp("", "nightaudit-annotate-")
	if err != nil {
		return fail(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	f, err := excelize.OpenFile(path, excelize.Options{TmpDir: temp})
	if err != nil {
		return fail(fmt.Errorf("%w: it cannot be opened as an .xlsx: %w", ErrNotWorkbook, err))
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	filled := &Workbook{SHA256: sum}
	if err := filled.readProperties(f); err != nil {
		return fail(err)
	}
	words, err := labels.Load()
	if err != nil {
		return fail(err)
	}
	found := false
	var inSheet Identity
	for _, sheet := range breaksSheets(f) {
		rows, ok, err := readBreaks(f, sheet, words, &inSheet)
		if err != nil {
			return fail(err)
		}
		found = found || ok
		filled.Rows = append(filled.Rows, rows...)
	}
	if filled.Database == "" {
		filled.Identity = inSheet
	}
	if err := filled.check(); err != nil {
		return fail(err)
	}
	if !found {
		return fail(errors.New("no sheet has the headings of the breaks: write into the sheet as it came, and keep the row of headings"))
	}
	return filled, nil
}

// readProperties reads whose workbook it is and who saved it.
func (filled *Workbook) readProperties(f *excelize.File) error {
	custom, err := f.GetCustomProps()
	if err != nil {
		return fmt.Errorf("%w: its properties cannot be read: %w", ErrNotWorkbook, err)
	}
	for _, p := range custom {
		text, _ := p.Value.(string)
		filled.set(p.Name, text)
	}
	core, err := f.GetDocProps()
	if err != nil {
		return fmt.Errorf("%w: its properties cannot be read: %w", ErrNotWorkbook, err)
	}
	for _, name := range []string{core.LastModifiedBy, core.Creator} {
		// A workbook that nobody has saved says that this program made it.
		if name = strings.TrimSpace(name); name != "" && name != workbook.BookCreator && filled.Author == "" {
			filled.Author = name
		}
	}
	if at, err := time.Parse(time.RFC3339, core.Modified); err == nil {
		filled.SavedAt = at.UTC()
	}
	return nil
}

// check says whether the workbook is one that can be read back.
func (filled *Workbook) check() error {
	if filled.Database == "" {
		return fmt.Errorf("%w: neither its properties nor its sheet of breaks name a database; take the reconciliation workbook itself, not a copy of its sheets", ErrNotWorkbook)
	}
	known, err := sqlfiles.SchemaVersion()
	if err != nil {
		return err
	}
	if version, err := strconv.Atoi(filled.Schema); err != nil {
		return fmt.Errorf("%w: the schema version %q that it names is no number", ErrNotWorkbook, filled.Schema)
	} else if version > known {
		return fmt.Errorf("%w: its schema has version %d and this program knows %d: use the nightaudit that made it, or a newer one", ErrNewerWorkbook, version, known)
	}
	return nil
}

// breaksSheets are the sheets that hold breaks by the names that the workbook
// defines; every sheet where those are gone.
func breaksSheets(f *excelize.File) []string {
	sheets := f.GetSheetList()
	var named []string
	for _, name := range f.GetDefinedName() {
		if name.Name != BreaksTable && !strings.HasPrefix(name.Name, BreaksTable+"_") {
			continue
		}
		sheet, _, ok := cutLast(name.RefersTo, "!")
		if !ok {
			continue
		}
		sheet = strings.TrimPrefix(strings.TrimPrefix(sheet, "="), "$")
		if s, quoted := strings.CutPrefix(sheet, "'"); quoted {
			sheet = strings.ReplaceAll(strings.TrimSuffix(s, "'"), "''", "'")
		}
		if slices.Contains(sheets, sheet) && !slices.Contains(named, sheet) {
			named = append(named, sheet)
		}
	}
	if len(named) == 0 {
		return sheets
	}
	// In the order of the workbook.
	return slices.DeleteFunc(slices.Clone(sheets), func(s string) bool { return !slices.Contains(named, s) })
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// BreaksTable is the defined name of the rows of the Breaks sheet, headings
// included: what reads the sheet back finds it by this name, whatever the
// language of the workbook.
const BreaksTable = "nightaudit_breaks"
