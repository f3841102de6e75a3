package sealed

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Decompress reads what a .zst file holds. The caller closes it.
func Decompress(r io.Reader) (io.ReadCloser, error) {
	dec, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("prepare decompression: %w", err)
	}
	return dec.IOReadCloser(), nil
}

// Compress writes all of r to w, as a .zst file holds it.
func Compress(w io.Writer, r io.Reader) error {
	enc, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("prepare compression: %w", err)
	}
	_, err = io.Copy(enc, r)
	return errors.Join(err, enc.Close())
}
