package wal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/load/disk"
)

// packer compresses segments that are written to their end, beside the
// writing. Nobody waits for it: a segment that it did not come to is
// compressed when the log is opened the next time.
type packer struct {
	paths chan string
	ended chan error
}

// maxPacks is how many segments may wait for the packer, besides those that
// an earlier writer left: of 64 MB each, more than a day brings.
const maxPacks = 256

// startPacker begins with the segments that an earlier writer left.
func startPacker(dir string, left []LogSegment) *packer {
	p := &packer{make(chan string, len(left)+maxPacks), make(chan error, 1)}
	for _, s := range left {
		p.add(filepath.Join(dir, s.Name))
	}
	go func() {
		var errs []error
		for path := range p.paths {
			if err := pack(path); err != nil {
				errs = append(errs, fmt.Errorf("compress the journal segment %s, of which nothing is lost: %w", filepath.Base(path), err))
			}
		}
		p.ended <- errors.Join(errs...)
	}()
	return p
}

// add takes the path of a segment. One that is compressed as it is written
// needs no more.
func (p *packer) add(path string) {
	if strings.HasSuffix(path, sealed.SealedSuffix) {
		return
	}
	select {
	case p.paths <- path:
	default: // the next writer finds it
	}
}

// wait ends the packer after all that it was given.
func (p *packer) wait() error {
	close(p.paths)
	return <-p.ended
}

// pack puts a compressed segment, byte for byte the same, in the place of one
// that is not. At any moment the one or the other is whole. A segment that is
// there no longer was compressed or pruned.
func pack(path string) error {
	in, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close() // read only: nothing to lose
	err = disk.Replace(path+sealed.PlainSuffix, 0o600, func(w io.Writer) error { return sealed.Compress(w, in) })
	if err != nil {
		return err
	}
	if err := in.Close(); err != nil { // an open file cannot be removed everywhere
		return err
	}
	return os.Remove(path)
}
