package filled_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/filled"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// part is a part of a workbook's archive, as a test writes it.
type part struct {
	name string
	text string
	// header is changed before it is written; raw, if set, are the bytes that are
	// written in the place of the packed text.
	header func(h *zip.FileHeader)
	raw    []byte
}

// parts are those of a workbook, in their order.
type parts []part

func partsOf(t *testing.T, file string) (all parts) {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, part{name: f.Name, text: string(text)})
	}
	return all
}

// get is the part of that name; it is begun where there is none.
func (all *parts) get(name string) *part {
	i := slices.IndexFunc(*all, func(p part) bool { return p.name == name })
	if i < 0 {
		*all = append(*all, part{name: name})
		i = len(*all) - 1
	}
	return &(*all)[i]
}

func (all *parts) remove(name string) {
	*all = slices.DeleteFunc(*all, func(p part) bool { return p.name == name })
}

// file is the archive of the parts.
func (all parts) file(t *testing.T) string {
	t.Helper()
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	for _, p := range all {
		h := &zip.FileHeader{Name: p.name, Method: zip.Deflate}
		var w io.Writer
		var err error
		text := []byte(p.text)
		if p.header == nil {
			w, err = z.CreateHeader(h)
		} else {
			h.Method = zip.Store
			h.CRC32, h.UncompressedSize64, h.CompressedSize64 = crc32.ChecksumIEEE(text), uint64(len(text)), uint64(len(text))
			if p.raw != nil {
				text = p.raw
				h.CompressedSize64 = uint64(len(text))
			}
			p.header(h)
			w, err = z.CreateRaw(h)
		}
		if err == nil {
			_, err = w.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// filledIn is a workbook in which finance has written, as a program has saved it
// whose texts stand in a list of their own, and the name of the part that holds
// its breaks.
func filledIn(t *testing.T) (file, breaks string) {
	t.Helper()
	if made["filled in"] == nil {
		path := changed(t, labels.English, func(f *excelize.File) error {
			return errors.Join(f.SetCellStr("Breaks", "M4", "short by one bag"), f.SetCellStr("Breaks", "K4", "Accepted"), f.SetCellStr("Breaks", "L7", "Zhao Min"))
		})
		made["filled in"] = []byte(reportstest.Read(t, path))
	}
	file = string(made["filled in"])
	for _, p := range partsOf(t, file) {
		if strings.HasPrefix(p.name, "xl/worksheets/sheet") && strings.Contains(p.text, filled.PropDatabase) {
			return file, p.name
		}
	}
	t.Fatal("no sheet says what it is of")
	return "", ""
}

// readText reads a workbook of these bytes.
func readText(t *testing.T, file string) (*filled.Workbook, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "reconciliation_2026-03-09.xlsx")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	book, err := filled.Read(path)
	if book != nil {
		book.SHA256 = ""
	}
	return book, err
}

// sameOrRefused says whether a damaged workbook is read as the whole one is, or
// not at all.
func sameOrRefused(t *testing.T, whole *filled.Workbook, file string) error {
	t.Helper()
	book, err := readText(t, file)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(book, whole) {
		t.Errorf("it is read as something else: %+v", book)
	}
	return nil
}

func wholeBook(t *testing.T) (whole *filled.Workbook, file string) {
	t.Helper()
	file, _ = filledIn(t)
	whole, err := readText(t, file)
	if err != nil {
		t.Fatal(err)
	}
	if len(whole.Rows) != 5 || *whole.Rows[0].Comment != "short by one bag" || *whole.Rows[0].Status != "accepted" || *whole.Rows[3].Owner != "Zhao Min" {
		t.Fatalf("the whole workbook is read as %+v", whole)
	}
	return whole, file
}

func slowTests() bool {
	return os.Getenv("NIGHTAUDIT_SLOW") != "" || os.Getenv("NIGHTAUDIT_LONG") != ""
}

// One bit that is another costs the workbook or nothing: a comment is never
// altered, lost or taken without its neighbours.
func TestFlippedBits(t *testing.T) {
	whole, file := wholeBook(t)
	flips := 20
	if slowTests() {
		flips = 150
	}
	list := strings.Index(file, "PK\x01\x02") // where the list of parts begins
	dice := rand.New(rand.NewPCG(14, 7))
	refused := 0
	for i := range 2 * flips {
		at := dice.IntN(len(file))
		if i%2 == 1 {
			at = list + dice.IntN(len(file)-list)
		}
		damaged := []byte(file)
		damaged[at] ^= 1 << dice.IntN(8)
		if err := sameOrRefused(t, whole, string(damaged)); err != nil {
			refused++
		}
	}
	if refused < flips/2 {
		t.Errorf("of %d only %d were refused", 2*flips, refused)
	}
	t.Logf("%d of %d were refused, the others taken whole", refused, 2*flips)
	attacks.In(t).All(2 * flips)
}

// A bit in the packed text of a part costs the workbook, and the message names the
// part.
func TestFlippedBitInEachPart(t *testing.T) {
	_, file := wholeBook(t)
	z, err := zip.NewReader(strings.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		from, err := f.DataOffset()
		if err != nil || f.CompressedSize64 == 0 {
			t.Fatalf("%s: %v", f.Name, err)
		}
		damaged := []byte(file)
		damaged[from+int64(f.CompressedSize64)/2] ^= 0x10
		_, err = readText(t, string(damaged))
		if !errors.Is(err, filled.ErrDamaged) || !strings.Contains(err.Error(), "the part "+f.Name+" ") {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

// A file that breaks off is refused, wherever it does.
func TestCutWorkbook(t *testing.T) {
	_, file := wholeBook(t)
	for i := range 30 {
		length := len(file) * i / 30
		if _, err := readText(t, file[:length]); err == nil || length > 2 && !errors.Is(err, filled.ErrDamaged) {
			t.Errorf("%d of %d bytes: %v", length, len(file), err)
		}
	}
	if _, err := readText(t, file[:len(file)-1]); !errors.Is(err, filled.ErrDamaged) {
		t.Errorf("without its last byte: %v", err)
	}
}

// after puts a text behind the first match of a pattern in the part.
func (p *part) after(t *testing.T, pattern, text string) {
	t.Helper()
	at := regexp.MustCompile(pattern).FindStringIndex(p.text)
	if at == nil {
		t.Fatalf("%s has no %s", p.name, pattern)
	}
	p.text = p.text[:at[1]] + text + p.text[at[1]:]
}

// replace replaces the first match of a pattern.
func (p *part) replace(t *testing.T, pattern, text string) {
	t.Helper()
	at := regexp.MustCompile(pattern).FindStringIndex(p.text)
	if at == nil {
		t.Fatalf("%s has no %s", p.name, pattern)
	}
	p.text = p.text[:at[0]] + text + p.text[at[1]:]
}

const rowsEnd = `</sheetData>`

func (p *part) addRows(t *testing.T, rows string) {
	t.Helper()
	p.replace(t, rowsEnd, rows+rowsEnd)
}

func columns(n int, row string) string {
	var b strings.Builder
	for i := 40; i < 40+n; i++ {
		name, _ := excelize.ColumnNumberToName(i)
		fmt.Fprintf(&b, `<c r="%s%s"><v>1</v></c>`, name, row)
	}
	return b.String()
}

// What a process left that was killed while it read a workbook is removed once it is
// a day old, and nobody else's.
func TestSweepsWhatKilledReadersLeft(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	old, young := filepath.Join(temp, "nightaudit-annotate-1"), filepath.Join(temp, "nightaudit-annotate-2")
	for _, folder := range []string{old, young} {
		if err := os.MkdirAll(filepath.Join(folder, "a"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	wholeBook(t)
	left, err := filepath.Glob(filepath.Join(temp, "nightaudit-annotate-*"))
	if err != nil || !slices.Equal(left, []string{young}) {
		t.Errorf("left %q, %v", left, err)
	}
}
