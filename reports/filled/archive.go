package filled

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/klauspost/compress/flate"

	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// The conditions of Read that say that nothing is taken, for half of it might be.
var (
	ErrDamaged = errors.New("it is damaged, and nothing is taken from it: open it where it was filled in and save it anew, or take an earlier copy")
	ErrTooMuch = errors.New("no workbook that people fill in is like that, and nothing is taken from it: delete what does not belong there, and save it anew")
)

// What an archive may unpack to.
const (
	mostUnpacked = 3 << 30   // bytes, of all parts
	mostInMemory = 128 << 20 // bytes, of all parts but sheets and texts, which excelize reads from disk
	denseFrom    = 8 << 20   // bytes: from here on a part's rate of compression is looked at
	mostDense    = 100       // what a sheet of zeros comes to is 1000, what sheets come to is 10 to 30
)

// excelize reads these from disk where they are large, and others never.
const (
	sheetPrefix = "xl/worksheets/sheet"
	textsPart   = "xl/sharedStrings.xml"
)

// archive is a workbook's file of which every part was read to its end, and has
// the checksum that the archive states.
type archive struct {
	parts map[string]*zip.File // by name, as excelize sees it
}

func damaged(part, format string, values ...any) error {
	return fmt.Errorf("%s %s: %w", part, fmt.Sprintf(format, values...), ErrDamaged)
}

func tooMuch(part, format string, values ...any) error {
	return fmt.Errorf("%s %s: %w", part, fmt.Sprintf(format, values...), ErrTooMuch)
}

// openArchive checks all that can be told without knowing what a part means.
func openArchive(f *os.File, size int64) (*archive, error) {
	z, err := workbook.OpenArchive(f, size)
	if errors.Is(err, workbook.ErrParts) {
		return nil, fmt.Errorf("%w: %w", err, ErrTooMuch)
	}
	if err != nil && !begins(f, "PK") {
		return nil, fmt.Errorf("%w: it cannot be opened as an .xlsx: %w", ErrNotWorkbook, err)
	}
	if err != nil {
		return nil, damaged("its list of parts", "cannot be read (%v)", err)
	}
	z.RegisterDecompressor(zip.Deflate, flate.NewReader)
	a := &archive{parts: map[string]*zip.File{}}
	if err := a.name(z.File); err != nil {
		return nil, err
	}
	if err := apart(z.File); err != nil {
		return nil, err
	}
	return a, a.readAll(z.File)
}

func begins(f io.ReaderAt, text string) bool {
	start := make([]byte, len(text))
	_, err := f.ReadAt(start, 0)
	return err == nil && string(start) == text
}

// name notes the parts by name. One that stands twice is one thing to one program
// and another to the next.
func (a *archive) name(files []*zip.File) error {
	seen := map[string]bool{}
	for _, f := range files {
		name := strings.ReplaceAll(f.Name, `\`, "/") // as excelize does
		if strings.EqualFold(name, textsPart) {
			name = textsPart
		}
		switch folded := strings.ToLower(name); {
		case f.Flags&0x1 != 0:
			return kindError{ErrProtected}
		case path.IsAbs(name) || path.Clean("/"+name) != "/"+strings.TrimSuffix(name, "/"):
			return damaged("the part "+quoted(name), "has a name that no part has")
		case seen[folded]:
			return damaged("the part "+quoted(name), "stands in it twice")
		default:
			seen[folded] = true
		}
		a.parts[name] = f
	}
	return nil
}

// quoted is a name for people, who shall see blanks and signs in it.
func quoted(name string) string {
	const longest = 80
	if len(name) > longest {
		name = name[:longest] + "…"
	}
	return strings.Trim(fmt.Sprintf("%q", name), `"`)
}

// apart refuses parts that share their bytes: a few of them can unpack to any size.
func apart(files []*zip.File) error {
	type span struct {
		from, to int64
		name     string
	}
	var spans []span
	for _, f := range files {
		from, err := f.DataOffset()
		if err != nil {
			return damaged("the part "+quoted(f.Name), "cannot be found in it (%v)", err)
		}
		spans = append(spans, span{from, from + int64(f.CompressedSize64), f.Name})
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	for i, s := range spans {
		if s.to < s.from || i > 0 && s.from < spans[i-1].to {
			return damaged("the part "+quoted(s.name), "lies over another one")
		}
	}
	return nil
}

// readAll reads every part to its end.
func (a *archive) readAll(files []*zip.File) error {
	var all, inMemory int64
	for _, f := range files {
		most, over := int64(mostUnpacked)-all, "the parts unpack to more than "+disk.Size(mostUnpacked)
		onDisk := strings.EqualFold(f.Name, textsPart) || strings.HasPrefix(strings.ToLower(strings.ReplaceAll(f.Name, `\`, "/")), sheetPrefix)
		if !onDisk && mostInMemory-inMemory < most {
			most, over = mostInMemory-inMemory, "the parts that are no sheets unpack to more than "+disk.Size(mostInMemory)
		}
		n, err := readPart(f, most)
		if errors.Is(err, errOver) {
			err = fmt.Errorf("%s: %w", over, ErrTooMuch)
		}
		if err != nil {
			return err
		}
		if all += n; !onDisk {
			inMemory += n
		}
	}
	return nil
}

var errOver = errors.New("it is larger")

// readPart reads a part to its end and gives its size.
func readPart(f *zip.File, most int64) (int64, error) {
	name := "the part " + quoted(f.Name)
	if f.UncompressedSize64 > uint64(most) {
		return 0, errOver
	}
	r, err := f.Open()
	if err != nil {
		return 0, damaged(name, "cannot be unpacked (%v)", err)
	}
	defer r.Close() // read only: nothing to lose
	sum := crc32.NewIEEE()
	n, err := io.Copy(sum, &dense{r: io.LimitReader(r, most+1), packed: int64(f.CompressedSize64)})
	switch {
	case errors.Is(err, errDense):
		return n, tooMuch(name, "unpacks to more than %d times its size", mostDense)
	case errors.Is(err, zip.ErrChecksum):
		return n, damaged(name, "does not fit its checksum")
	case err != nil:
		return n, damaged(name, "cannot be unpacked to its end (%v)", err)
	case n > most:
		return n, errOver
	case sum.Sum32() != f.CRC32 || uint64(n) != f.UncompressedSize64:
		return n, damaged(name, "does not fit its checksum")
	}
	return n, nil
}

// dense reads a part as long as its rate of compression is one of workbooks.
type dense struct {
	r         io.Reader
	packed, n int64
}

var errDense = errors.New("it is packed too densely")

func (d *dense) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	if d.n += int64(n); d.n > denseFrom && d.n/mostDense > d.packed {
		return n, errDense
	}
	return n, err
}
