package reports

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/xuri/excelize/v2"
)

// tempPrefix begins the names of the private folders in which files are
// written before they take their place.
const tempPrefix = ".nightaudit-report-"

// leftOver is the age at which such a folder is taken for one of a process
// that died: no report takes that long.
const leftOver = 24 * time.Hour

// privateFolder makes a folder inside of dir for files under construction,
// readable by nobody else, and sweeps what processes that died left there:
// rows with personal data.
func privateFolder(dir string, now time.Time) (string, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", fmt.Errorf("make the folder for reports: %w", err)
	}
	old, err := filepath.Glob(filepath.Join(dir, tempPrefix+"*"))
	if err != nil {
		return "", err
	}
	for _, folder := range old {
		if info, err := os.Lstat(folder); err == nil && info.IsDir() && now.Sub(info.ModTime()) > leftOver {
			if err := os.RemoveAll(folder); err != nil {
				return "", fmt.Errorf("sweep an unfinished report: %w", err)
			}
		}
	}
	folder, err := os.MkdirTemp(dir, tempPrefix)
	if err != nil {
		return "", fmt.Errorf("make a private folder for the report: %w", err)
	}
	return folder, nil
}

// place writes a file beside its place, checks it and renames it there, so
// that a reader sees the earlier file or the whole new one. folder is private
// and on the same file system.
func place(folder, path string, write func(io.Writer) error, check func(path string) error) (err error) {
	temp := filepath.Join(folder, filepath.Base(path))
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if check != nil {
		if err := check(temp); err != nil {
			return fmt.Errorf("check the file just written: %w", err)
		}
	}
	if err := os.Chmod(temp, 0o640); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a rename last. Not every system can; then it is left to
// that system.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, os.ErrInvalid) {
		return err
	}
	return nil
}

// fastZip compresses with a faster deflate than the standard library's: that
// was a third of the time of a large workbook.
func fastZip(w io.Writer) *zip.Writer {
	archive := zip.NewWriter(w)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.DefaultCompression)
	})
	return archive
}

// verify reopens a workbook and compares it with what was written: every part
// of the archive reads to its end with the right checksum, the sheets are the
// expected ones in their order, and each has as many rows.
func (b *book) verify(path string) error {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer archive.Close()
	archive.RegisterDecompressor(zip.Deflate, flate.NewReader)
	rows := map[string]int{}
	for _, part := range archive.File {
		n, err := countRows(part)
		if err != nil {
			return fmt.Errorf("part %s: %w", part.Name, err)
		}
		rows[part.Name] = n
	}
	f, err := excelize.OpenFile(path, excelize.Options{TmpDir: filepath.Dir(path), UnzipXMLSizeLimit: 1 << 20, UnzipSizeLimit: 1 << 40})
	if err != nil {
		return err
	}
	defer f.Close()
	names := f.GetSheetList()
	if len(names) != len(b.sheets) {
		return fmt.Errorf("it has %d sheets instead of %d", len(names), len(b.sheets))
	}
	for i, s := range b.sheets {
		if names[i] != s.name {
			return fmt.Errorf("sheet %d is %q instead of %q", i+1, names[i], s.name)
		}
		if got := rows[fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1)]; got != s.rows {
			return fmt.Errorf("sheet %q has %d rows instead of %d", s.name, got, s.rows)
		}
	}
	return nil
}

// countRows reads a part of the archive to its end and counts the row
// elements in it.
func countRows(part *zip.File) (int, error) {
	r, err := part.Open()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	if !strings.HasPrefix(part.Name, "xl/worksheets/") {
		_, err := io.Copy(io.Discard, r)
		return 0, err
	}
	mark := []byte("<row ")
	buf := make([]byte, 1<<16)
	n, kept := 0, 0
	for {
		got, err := r.Read(buf[kept:])
		block := buf[:kept+got]
		n += bytes.Count(block, mark)
		// A mark may stand across two reads.
		tail := block[max(0, len(block)-len(mark)+1):]
		if i := bytes.LastIndex(block, mark); i >= 0 && i+len(mark) > len(block)-len(tail) {
			tail = block[i+len(mark):]
		}
		kept = copy(buf, tail)
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// removeFolder removes the private folder and what is left in it.
func removeFolder(folder string) error {
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("remove the private folder of the report: %w", err)
	}
	return nil
}
