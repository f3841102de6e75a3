package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"

	"github.com/klauspost/compress/flate"
)

// packedBlock is how many bytes of rows are compressed at a time.
const packedBlock = 256 << 10

// packed are the rows of one sheet, compressed beside their making into a file
// of the workbook's private folder: a sheet of a million orders has more than a
// gigabyte of them.
type packed struct {
	file   *os.File
	size   int64 // of the rows themselves
	crc    uint32
	err    error
	blocks chan []byte
	spare  chan []byte
	done   chan struct{}
}

// newPacked begins the rows of a sheet.
func newPacked(dir string) (*packed, error) {
	file, err := os.CreateTemp(dir, "rows-")
	if err != nil {
		return nil, fmt.Errorf("make a file for the rows of a sheet: %w", err)
	}
	p := &packed{file: file, blocks: make(chan []byte, 1), spare: make(chan []byte, 3), done: make(chan struct{})}
	p.spare <- nil
	p.spare <- nil
	go p.run()
	return p, nil
}

// put takes a block of rows and gives one to be filled.
func (p *packed) put(block []byte) []byte {
	p.blocks <- block
	return (<-p.spare)[:0]
}

func (p *packed) run() {
	defer close(p.done)
	var out *flate.Writer // takes a megabyte, which a sheet that waits for its rows need not have
	for block := range p.blocks {
		if out == nil {
			out, p.err = flate.NewWriter(p.file, flate.DefaultCompression)
		}
		p.crc = crc32.Update(p.crc, crc32.IEEETable, block)
		p.size += int64(len(block))
		if p.err == nil {
			_, p.err = out.Write(block)
		}
		p.spare <- block
	}
	// What is flushed ends with a byte, and other compressed text can follow it.
	if p.err == nil {
		p.err = out.Flush()
	}
}

// end takes the last block and waits until all are written.
func (p *packed) end(block []byte) error {
	p.blocks <- block
	close(p.blocks)
	<-p.done
	if p.err != nil {
		return fmt.Errorf("write the rows of a sheet: %w", p.err)
	}
	return nil
}

// copyTo writes the compressed rows.
func (p *packed) copyTo(w io.Writer) error {
	_, err := p.file.Seek(0, io.SeekStart)
	if err == nil {
		_, err = io.Copy(w, p.file)
	}
	return err
}

func (p *packed) remove() error {
	return errors.Join(p.file.Close(), os.Remove(p.file.Name()))
}

// writeSheet writes a sheet's part, which is what excelize writes around the rows, with
// them: three compressed pieces that are one stream.
func (p *madePart) writeSheet(archive *zip.Writer) (line string, err error) {
	at := bytes.Index(p.text.Bytes(), []byte("</sheetData>"))
	if at < 0 {
		return "", fmt.Errorf("part %s has no place for its rows", p.name)
	}
	head, tail := p.text.Bytes()[:at], p.text.Bytes()[at:]
	crc := joinedCRC(crc32.ChecksumIEEE(head), p.rows.crc, p.rows.size)
	crc = joinedCRC(crc, crc32.ChecksumIEEE(tail), int64(len(tail)))
	size := uint64(int64(len(head)) + p.rows.size + int64(len(tail)))

	var first, last bytes.Buffer
	err = errors.Join(deflate(&first, head, (*flate.Writer).Flush), deflate(&last, tail, (*flate.Writer).Close))
	if err != nil {
		return "", err
	}
	packedSize, err := p.rows.file.Seek(0, io.SeekEnd)
	if err != nil {
		return "", err
	}
	header := &zip.FileHeader{
		Name: p.name, Method: zip.Deflate, Flags: 8, ReaderVersion: 20, // sizes behind the part, as zip.Writer has them
		CRC32: crc, UncompressedSize64: size, CompressedSize64: uint64(int64(first.Len()) + packedSize + int64(last.Len())),
	}
	if size > math.MaxUint32 {
		header.ReaderVersion = 45 // else Excel calls it damaged
	}
	w, err := archive.CreateRaw(header)
	if err == nil {
		_, err = first.WriteTo(w)
	}
	if err == nil {
		err = p.rows.copyTo(w)
	}
	if err == nil {
		_, err = last.WriteTo(w)
	}
	return partLine(p.name, crc, size), err
}

func deflate(to io.Writer, data []byte, end func(*flate.Writer) error) error {
	out, err := flate.NewWriter(to, flate.DefaultCompression)
	if err == nil {
		_, err = out.Write(data)
	}
	if err == nil {
		err = end(out)
	}
	return err
}

// joinedCRC is the CRC-32 of two texts one behind the other, the second of n
// bytes: the first's is multiplied by x to the power of 8n, modulo the polynomial,
// which is what n zero bytes behind the text would do.
func joinedCRC(first, second uint32, n int64) uint32 {
	for power := uint32(1 << 23); n > 0; n >>= 1 { // x^8; the highest bit is x^0
		if n&1 == 1 {
			first = timesCRC(first, power)
		}
		power = timesCRC(power, power)
	}
	return first ^ second
}

func timesCRC(a, b uint32) (product uint32) {
	for ; a != 0; a <<= 1 {
		if a>>31 == 1 {
			product ^= b
		}
		b = b>>1 ^ crc32.IEEE*(b&1)
	}
	return product
}
