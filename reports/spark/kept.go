package spark

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/nightaudit/nightaudit/reports/result"
)

// keep writes the batches of a result to a file, each with its length and its rows before
// it, and gives what reads them.
func keep(folder string, from batches) (_ *result.Kept, err error) {
	path := filepath.Join(folder, "rows")
	defer func() { err = errors.Join(err, from.close()) }()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keep the rows of Spark: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := bufio.NewWriter(f)
	for {
		data, rows, err := from.batch()
		if err != nil {
			return nil, err
		}
		if data == nil {
			break
		}
		var head [16]byte
		binary.BigEndian.PutUint64(head[:8], uint64(len(data)))
		binary.BigEndian.PutUint64(head[8:], uint64(rows))
		if _, err := out.Write(append(head[:], data...)); err != nil {
			return nil, fmt.Errorf("keep the rows of Spark: %w; TMPDIR names another place", err)
		}
	}
	if err := out.Flush(); err != nil {
		return nil, fmt.Errorf("keep the rows of Spark: %w; TMPDIR names another place", err)
	}
	return result.KeptBy(func() (*result.Rows, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("read the kept rows of Spark: %w", err)
		}
		return open(&keptBatches{f, bufio.NewReader(f)})
	}), nil
}

// keptBatches reads the file.
type keptBatches struct {
	file *os.File
	in   *bufio.Reader
}

func (k *keptBatches) batch() ([]byte, int64, error) {
	var head [16]byte
	if _, err := io.ReadFull(k.in, head[:]); errors.Is(err, io.EOF) {
		return nil, 0, nil
	} else if err != nil {
		return nil, 0, fmt.Errorf("read the kept rows of Spark: %w", err)
	}
	data := make([]byte, binary.BigEndian.Uint64(head[:8]))
	if _, err := io.ReadFull(k.in, data); err != nil {
		return nil, 0, fmt.Errorf("read the kept rows of Spark: %w", err)
	}
	return data, int64(binary.BigEndian.Uint64(head[8:])), nil
}

func (k *keptBatches) close() error { return k.file.Close() }
