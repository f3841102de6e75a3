package filled

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/workbook"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// Workbook is what finance wrote into a workbook.
type Workbook struct {
	Identity
	Author   string    // who saved it last, "" where it does not say
	SavedAt  time.Time // zero where it does not say
	SHA256   string    // of the file, in hex
	Language string    // of its headings
	Rows     []Row     // in the order of its sheets
	// Refused is what cannot be read though somebody may have written there.
	Refused []Refusal
	Remarks []Refusal // how something was read that is not as it was made
}

// Row is a row of a sheet of breaks. A nil text has no column.
type Row struct {
	Sheet   string
	Row     int // as the spreadsheet counts them
	BreakID string
	// Rule, the rule's Title, Order and the amounts are what the row says of its
	// break beside the id: they agree, unless some columns were sorted alone.
	Rule, Title, Order, Expected, Actual *string
	// Status is the code of a word of either language, or the text itself
	// where it is none of them.
	Status, Owner, Comment *string
	Mark                   string // recon.break_mark when the workbook was made; "" where it is gone
}

// Refusal is a sentence about a row of a sheet; Row is 0 for the sheet itself.
type Refusal struct {
	Sheet string
	Row   int
	Text  string
}

// The conditions of Read that a caller may want to tell apart.
var (
	ErrNoWorkbook    = errors.New("there is no such file")
	ErrNotWorkbook   = errors.New("not a workbook of nightaudit")
	ErrNewerWorkbook = errors.New("made by a newer nightaudit")
)

// Read reads the sheets of breaks of a reconciliation workbook back, copies of
// them included, whatever was sorted, filtered, hidden, moved or deleted in it
// since: columns are found by their headings in either language, rows by the
// break's id.
func Read(path string) (_ *Workbook, err error) {
	fail := func(err error) (*Workbook, error) {
		return nil, fmt.Errorf("read the workbook %s: %w", path, err)
	}
	temp, err := disk.Own("", tempPrefix)
	if err != nil {
		return fail(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	// One file is read from here on, whatever is saved in its place meanwhile.
	own := filepath.Join(temp, "book.xlsx")
	sum, err := copyOf(path, own)
	if errors.Is(err, os.ErrNotExist) {
		return fail(ErrNoWorkbook)
	}
	if err != nil {
		return fail(err)
	}
	if err := foreign(own, filepath.Ext(path)); err != nil {
		return fail(err)
	}
	filled := &Workbook{SHA256: sum}
	if err := filled.read(own, temp); err != nil {
		return fail(err)
	}
	if err := filled.check(); err != nil {
		return fail(err)
	}
	if filled.Language == "" {
		return fail(errors.New("no sheet has the headings of the breaks: write into the sheet as it came, and keep the row of headings"))
	}
	return filled, nil
}

// tempPrefix begins the names of folders in which a workbook is read: there are
// copies in them.
const tempPrefix = "nightaudit-annotate-"

// copyOf copies a workbook to a place of our own and gives its SHA-256, in hex.
func copyOf(path, own string) (string, error) {
	in, info, err := disk.Open(path, workbook.MaxFile)
	if err != nil {
		return "", withoutPath(err)
	}
	defer in.Close() // read only: nothing to lose
	sum := sha256.New()
	err = disk.Write(own, 0o600, func(w io.Writer) error {
		n, err := io.Copy(io.MultiWriter(w, sum), io.LimitReader(in, workbook.MaxFile))
		if err == nil && n != info.Size() {
			err = errors.New("somebody is saving it at this moment; try again")
		}
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}

// withoutPath is an error of a file whose path is told anyway.
func withoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// read reads a file of our own, in which nothing may be lost on the way: excelize
// ignores what it cannot read.
func (filled *Workbook) read(own, temp string) (err error) {
	file, info, err := disk.Open(own, workbook.MaxFile)
	if err != nil {
		return err
	}
	defer file.Close() // read only: nothing to lose
	parts, err := openArchive(file, info.Size())
	if err != nil {
		return err
	}
	b, err := parts.inspect()
	if err != nil {
		return err
	}
	f, err := excelize.OpenFile(own, excelize.Options{TmpDir: temp, UnzipXMLSizeLimit: inMemoryXML, UnzipSizeLimit: mostUnpacked})
	if err != nil {
		return fmt.Errorf("%w: it cannot be opened as an .xlsx: %w", ErrNotWorkbook, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	filled.readProperties(f)
	return filled.readSheets(f, b)
}

// inMemoryXML is how large a sheet may be, in bytes, that excelize reads in memory.
const inMemoryXML = 1 << 20

// readProperties reads whose workbook it is and who saved it. Programs leave
// properties out, or write them in another namespace: then the sheets say it.
func (filled *Workbook) readProperties(f *excelize.File) {
	custom, _ := f.GetCustomProps()
	for _, p := range custom {
		text, _ := p.Value.(string)
		filled.set(p.Name, text)
	}
	core, err := f.GetDocProps()
	if err != nil {
		return
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
}

// readSheets reads every sheet that has the headings of the breaks: the sheet
// itself, its further parts, and copies that people made.
func (filled *Workbook) readSheets(f *excelize.File, b *book) error {
	words, err := labels.Load()
	if err != nil {
		return err
	}
	headings, err := loadHeadings(words)
	if err != nil {
		return err
	}
	var inSheet Identity
	for _, name := range f.GetSheetList() {
		s := sheetReader{name: name, book: b, words: words, headings: headings}
		if err := s.read(f); err != nil {
			return err
		}
		if s.identity.Database != "" {
			inSheet = s.identity
		}
		filled.add(&s)
	}
	if filled.Database == "" {
		filled.Identity = inSheet
	}
	if filled.Database == "" {
		filled.Database, err = databaseShown(f, headings.database)
	}
	return err
}

// add adds what a sheet says.
func (filled *Workbook) add(s *sheetReader) {
	refuse := func(list *[]Refusal, row int, texts ...string) {
		for _, text := range texts {
			*list = append(*list, Refusal{s.name, row, text})
		}
	}
	if s.heading == 0 {
		if s.identity.Database != "" {
			refuse(&filled.Refused, 0, "the row of headings is gone, and nothing is read from this sheet: keep the row as it came")
		}
		return
	}
	if filled.Language == "" {
		filled.Language = s.layout.language
	}
	refuse(&filled.Remarks, s.heading, s.layout.remarks(s.headings)...)
	refuse(&filled.Refused, s.heading, s.layout.lost(s.headings, s.holds)...)
	filled.Refused = append(filled.Refused, s.nameless...)
	filled.Rows = append(filled.Rows, s.rows...)
}

// check says whether the workbook is one that can be read back.
func (filled *Workbook) check() error {
	if filled.Database == "" {
		return fmt.Errorf("%w: neither its properties nor its sheets name a database; take the reconciliation workbook itself, not a copy of its sheets", ErrNotWorkbook)
	}
	known, err := sqlfiles.SchemaVersion()
	if err != nil {
		return err
	}
	if filled.Schema == "" {
		return nil // the Summary does not say it
	}
	if version, err := strconv.Atoi(filled.Schema); err != nil {
		return fmt.Errorf("%w: the schema version %q that it names is no number", ErrNotWorkbook, filled.Schema)
	} else if version > known {
		return fmt.Errorf("%w: its schema has version %d and this program knows %d; %s made it: use that program, or a newer one", ErrNewerWorkbook, version, known, strings.TrimSpace("nightaudit "+filled.Version))
	}
	return nil
}

// BreaksTable is the defined name of the rows of the Breaks sheet, headings
// included: what reads the sheet back finds it by this name, whatever the
// language of the workbook.
const BreaksTable = "nightaudit_breaks"
