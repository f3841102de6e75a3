package filled

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// The conditions of Read that say how to save the file.
var (
	ErrOtherKind = errors.New("save it as .xlsx (Excel workbook)")
	ErrProtected = errors.New("it is protected by a password: save it without one")
)

// kindError is a file of another kind: it may hold a workbook of ours, but is none.
type kindError struct{ error }

func (e kindError) Unwrap() error { return e.error }

func (kindError) Is(target error) bool { return target == ErrNotWorkbook }

// foreign says of a file that is no .xlsx what it is, where it is a kind in which
// programs save workbooks: by its first bytes, for its ending may say anything.
// nil where it is none of them.
func foreign(path, ending string) error {
	other := func(what string) error { return kindError{fmt.Errorf("it is %s: %w", what, ErrOtherKind)} }
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return err
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		// An .xlsx with a password is one stream of such a file, and its folder
		// names it.
		if contains(f, head, utf16("EncryptedPackage")) {
			return kindError{ErrProtected}
		}
		return other("an older workbook (.xls)")
	case bytes.HasPrefix(head, []byte("PK")):
		return foreignZip(path, other)
	case bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))), []byte("<")):
		return other("a web page or XML")
	case bytes.Contains(head, []byte(PropDatabase+"=")) || slices.Contains([]string{".csv", ".tsv", ".txt"}, strings.ToLower(ending)):
		return other("a text (.csv)")
	}
	return nil
}

func foreignZip(path string, other func(string) error) error {
	f, info, err := disk.Open(path, workbook.MaxFile)
	if err != nil {
		return err
	}
	defer f.Close() // read only: nothing to lose
	z, err := workbook.OpenArchive(f, info.Size())
	if err != nil {
		return nil //nolint:nilerr // it is damaged, which is said where all of it is read
	}
	for _, part := range z.File {
		switch {
		case part.Name == "xl/workbook.bin":
			return other("a binary workbook (.xlsb)")
		case strings.HasPrefix(part.Name, "Index/") && strings.HasSuffix(part.Name, ".iwa"):
			return other("a workbook of Numbers")
		case part.Name == "mimetype":
			return other("an OpenDocument file (.ods)")
		}
	}
	return nil
}

// contains looks for a text in what was read of a file, and in the rest of it.
func contains(rest io.Reader, read, text []byte) bool {
	for {
		if bytes.Contains(read, text) {
			return true
		}
		more := make([]byte, 1<<20)
		n, err := io.ReadFull(rest, more)
		if n == 0 || err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return false
		}
		read = append(read[max(0, len(read)-len(text)):], more[:n]...)
	}
}

func utf16(text string) []byte {
	var wide []byte
	for _, c := range []byte(text) {
		wide = append(wide, c, 0)
	}
	return wide
}
