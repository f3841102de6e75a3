package workbook

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/load/disk"
)

// A workbook that this program wrote carries a seal: the hash of the list of
// its parts, each with its size and checksum. Whatever saves the workbook
// writes parts that are others, so a seal that fits says that nobody did. It
// is checked by the archive's list of contents alone, and it goes with the
// file wherever that is copied.

// sealProperty is the workbook's property that holds the seal. Its part alone
// is not in the list.
const (
	sealProperty = "nightaudit_seal"
	sealPart     = "docProps/custom.xml"
)

// unsealed stands in the property until the parts are known.
var unsealed = strings.Repeat("0", 2*sha256.Size)

// sealing writes an archive once all its parts are known, in the order of their names
// and not in that in which excelize comes to them, and the seal at its end: the same cells
// are the same file.
type sealing struct {
	*zip.Writer
	rows map[string]*packed // by the names of their parts
	made []*madePart
}

// madePart is a part as excelize writes it; the rows of a sheet are elsewhere.
type madePart struct {
	name string
	text bytes.Buffer
	rows *packed // nil where it is no sheet
}

func (z *sealing) Create(name string) (io.Writer, error) {
	p := &madePart{name: name, rows: z.rows[name]}
	z.made = append(z.made, p)
	return &p.text, nil
}

func (z *sealing) AddFS(fs.FS) error { return fmt.Errorf("a folder cannot be sealed") }

func (z *sealing) Close() error {
	slices.SortFunc(z.made, func(a, b *madePart) int { return cmp.Compare(a.name, b.name) })
	var list []string
	var seal *madePart
	for _, p := range z.made {
		if p.name == sealPart { // goes behind all that it seals
			seal = p
			continue
		}
		line, err := p.write(z.Writer)
		if err != nil {
			return err
		}
		list = append(list, line)
	}
	if seal != nil {
		text := bytes.Replace(seal.text.Bytes(), []byte(unsealed), []byte(sealOf(list)), 1)
		seal.text = *bytes.NewBuffer(text)
		if _, err := seal.write(z.Writer); err != nil {
			return err
		}
	}
	return z.Writer.Close()
}

// write writes the part, and gives its line in the list of parts.
func (p *madePart) write(archive *zip.Writer) (line string, err error) {
	if p.rows != nil {
		return p.writeSheet(archive)
	}
	text := p.text.Bytes()
	if p.name == contentTypes {
		text = inOrder(text)
	}
	out, err := archive.Create(p.name)
	if err == nil {
		_, err = out.Write(text)
	}
	return partLine(p.name, crc32.ChecksumIEEE(text), uint64(len(text))), err
}

// contentTypes is the part that names the kinds of the others; excelize does so in any
// order.
const contentTypes = "[Content_Types].xml"

var contentType = regexp.MustCompile(`<(Default|Override)\b[^>]*>(</(Default|Override)>)?`)

// inOrder sorts the elements of that part.
func inOrder(text []byte) []byte {
	at := contentType.FindAllIndex(text, -1)
	if len(at) == 0 {
		return text
	}
	var elements []string
	for _, a := range at {
		elements = append(elements, string(text[a[0]:a[1]]))
	}
	slices.Sort(elements)
	return slices.Concat(text[:at[0][0]], []byte(strings.Join(elements, "")), text[at[len(at)-1][1]:])
}

var _ excelize.ZipWriter = (*sealing)(nil)

func partLine(name string, crc uint32, size uint64) string {
	return fmt.Sprintf("%s %08x %d\n", name, crc, size)
}

func sealOf(list []string) string {
	slices.Sort(list)
	sum := sha256.Sum256([]byte(strings.Join(list, "")))
	return hex.EncodeToString(sum[:])
}

// Untouched says whether the workbook is as this program wrote it: nobody has
// saved it since. A file that is no whole workbook is not; an error is one of
// reading the file.
func Untouched(path string) (bool, error) {
	f, info, err := disk.Open(path, MaxFile)
	if errors.Is(err, disk.ErrTooLarge) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close() // read only: nothing to lose
	archive, err := OpenArchive(f, info.Size())
	if err != nil {
		return false, nil //nolint:nilerr // damaged, or none of ours: somebody's work all the same
	}
	var list []string
	var custom []byte
	for _, part := range archive.File {
		if part.Name != sealPart {
			list = append(list, partLine(part.Name, part.CRC32, part.UncompressedSize64))
			continue
		}
		if custom, err = readPart(part); err != nil {
			return false, nil //nolint:nilerr // the same
		}
	}
	return bytes.Contains(custom, []byte(">"+sealOf(list)+"<")), nil
}

// PropDatabase is the property that names the database a workbook is of.
const PropDatabase = "nightaudit_database"

// Database is the id of the database that a workbook says it is of, by its
// property alone; "" where it says none.
func Database(path string) string {
	f, info, err := disk.Open(path, MaxFile)
	if err != nil {
		return ""
	}
	defer f.Close() // read only: nothing to lose
	archive, err := OpenArchive(f, info.Size())
	if err != nil {
		return ""
	}
	i := slices.IndexFunc(archive.File, func(f *zip.File) bool { return f.Name == sealPart })
	if i < 0 {
		return ""
	}
	custom, err := readPart(archive.File[i])
	if err != nil {
		return ""
	}
	var properties struct {
		Property []struct {
			Name string `xml:"name,attr"`
			Text string `xml:"lpwstr"`
		} `xml:"property"`
	}
	if err := xml.Unmarshal(custom, &properties); err != nil {
		return ""
	}
	for _, p := range properties.Property {
		if p.Name == PropDatabase {
			return p.Text
		}
	}
	return ""
}

// readPart reads a part that is known to be small.
func readPart(part *zip.File) ([]byte, error) {
	r, err := part.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, 1<<20))
}

// Hash is the SHA-256 of a workbook's file, in hex.
func Hash(path string) (string, error) {
	f, _, err := disk.Open(path, MaxFile)
	if err != nil {
		return "", err
	}
	defer f.Close() // read only: nothing to lose
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
