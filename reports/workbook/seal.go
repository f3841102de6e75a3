package workbook

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
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

// sealing writes an archive, the rows of each sheet into its part, and the seal
// at its end.
type sealing struct {
	*zip.Writer
	rows   map[string]*packed // by the names of their parts
	sheet  *sheetPart         // the one that is being written
	parts  []*sealedPart
	custom *bytes.Buffer // the part with the seal, written last
}

// sealedPart counts a part as it passes.
type sealedPart struct {
	out  io.Writer
	name string
	crc  uint32
	size uint64
}

func (p *sealedPart) Write(data []byte) (int, error) {
	n, err := p.out.Write(data)
	p.crc = crc32.Update(p.crc, crc32.IEEETable, data[:n])
	p.size += uint64(n)
	return n, err
}

func (z *sealing) Create(name string) (io.Writer, error) {
	if err := z.endSheet(); err != nil {
		return nil, err
	}
	if name == sealPart {
		z.custom = new(bytes.Buffer)
		return z.custom, nil
	}
	if rows := z.rows[name]; rows != nil {
		z.sheet = &sheetPart{name: name, rows: rows}
		return &z.sheet.around, nil
	}
	out, err := z.Writer.Create(name)
	p := &sealedPart{out: out, name: name}
	z.parts = append(z.parts, p)
	return p, err
}

// endSheet writes the sheet that came last, with its rows.
func (z *sealing) endSheet() error {
	if z.sheet == nil {
		return nil
	}
	p, err := z.sheet.write(z.Writer)
	z.parts, z.sheet = append(z.parts, p), nil
	return err
}

func (z *sealing) AddFS(fs.FS) error { return fmt.Errorf("a folder cannot be sealed") }

func (z *sealing) Close() error {
	if err := z.endSheet(); err != nil {
		return err
	}
	if z.custom == nil {
		return z.Writer.Close()
	}
	list := make([]string, 0, len(z.parts))
	for _, p := range z.parts {
		list = append(list, partLine(p.name, p.crc, p.size))
	}
	out, err := z.Writer.Create(sealPart)
	if err == nil {
		_, err = out.Write(bytes.Replace(z.custom.Bytes(), []byte(unsealed), []byte(sealOf(list)), 1))
	}
	if err != nil {
		return err
	}
	return z.Writer.Close()
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
