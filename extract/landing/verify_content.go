package landing

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/extract/wal"
)

type readCloser = io.ReadCloser

// content hashes what open gives and compares it with all that seals say of it,
// each of its beginning; ended is set where nothing may follow the last.
func (v *verifier) content(run, at string, sealedAs []SealedFile, ended bool, open func() (readCloser, error)) error {
	r, err := open()
	if err != nil {
		return v.unopened(run, at, err)
	}
	defer r.Close() // read only: nothing to lose
	h := sha256.New()
	var n int64
	for _, want := range slices.SortedFunc(slices.Values(sealedAs), func(a, b SealedFile) int { return cmp.Compare(a.Bytes, b.Bytes) }) {
		got, err := io.CopyN(h, &stoppable{v.stopped, r}, want.Bytes-n)
		n += got
		v.out.Bytes += got
		switch {
		case errors.Is(err, io.EOF):
			v.find(run, at, Shorter, "it has %d bytes, and had %d when it was sealed", n, want.Bytes)
			return nil
		case err != nil:
			return v.unopened(run, at, err)
		case hex.EncodeToString(h.Sum(nil)) != want.SHA256:
			v.find(run, at, Altered, "its first %d bytes have the hash %.12x, and had %.12s when they were sealed", n, h.Sum(nil)[:6], want.SHA256)
			return nil
		}
	}
	more, err := io.Copy(io.Discard, &stoppable{v.stopped, r}) // what cannot be read behind it is told too
	switch {
	case err != nil:
		return v.unopened(run, at, err)
	case ended && more > 0:
		v.find(run, at, Longer, "it has %d bytes more than the %d that it had when it was sealed", more, n)
	}
	return nil
}

// unopened tells of what could not be read; that the work was stopped is an
// error.
func (v *verifier) unopened(run, at string, err error) error {
	switch {
	case v.stopped() != nil:
		return v.stopped()
	case errors.Is(err, fs.ErrNotExist):
		v.find(run, at, Missing, "it is gone")
	default:
		v.find(run, at, Unreadable, "it cannot be read: %s", reasonOf(err))
	}
	return nil
}

// stoppable is a reader that ends with the work.
type stoppable struct {
	stopped func() error
	in      io.Reader
}

func (r *stoppable) Read(p []byte) (int, error) {
	if err := r.stopped(); err != nil {
		return 0, err
	}
	return r.in.Read(p)
}

// journals compares what people and vendors added.
func (v *verifier) journals() error {
	segments, err := v.store.journals()
	if err != nil {
		return err
	}
	want := v.chain.segments()
	latest := map[string]string{} // of each folder, the name of the last segment that is sealed
	for name := range want {
		if dir := path.Dir(name); path.Base(name) > latest[dir] {
			latest[dir] = path.Base(name)
		}
	}
	for _, j := range segments {
		if err := v.stopped(); err != nil {
			return err
		}
		w := want[j.name]
		delete(want, j.name)
		if w == nil {
			w = &sealedSegment{}
			if path.Base(j.name) < latest[path.Dir(j.name)] {
				v.find("", j.name, Unknown, "no seal names it, and one names a later segment")
			}
		}
		if err := v.journal(j, w); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !v.mayBePruned(name) {
			v.find("", name, Missing, "the segment of the journal is gone")
		}
	}
	return nil
}

func (v *verifier) journal(j journal, w *sealedSegment) error {
	v.out.Files++
	if v.o.Quick && strings.HasPrefix(j.name, notificationsDir+"/") {
		return nil
	}
	return v.content("", j.name, w.files, w.ended, func() (readCloser, error) { return j.segment.Content(j.dir) })
}

// mayBePruned reports whether a segment of what vendors pushed is so old that
// it may have been removed: all of it was received before the day before the limit.
func (v *verifier) mayBePruned(name string) bool {
	if !strings.HasPrefix(name, notificationsDir+"/") {
		return false
	}
	segment, ok := wal.SegmentOf(path.Base(name))
	return ok && segment.Day.AddDate(0, 0, 1).Before(v.limit.AddDate(0, 0, -1))
}

// base compares the database of what pruned runs gave.
func (v *verifier) base() error {
	want, err := v.store.knownBase(v.chain)
	if err != nil {
		return err
	}
	file := v.store.Base()
	if want == nil {
		if _, err := os.Lstat(file); err == nil && v.out.last != nil {
			v.find("", baseFile, Unknown, "no seal names it")
		}
		return nil
	}
	v.out.Files++
	if v.o.Quick {
		return v.size(file, baseFile, "", want.Bytes)
	}
	return v.content("", baseFile, []SealedFile{*want}, true, func() (readCloser, error) { return openFile(file) })
}

// differences are the members in which two records of a run differ; that its
// answers were removed is judged by itself.
func differences(a, b RunRecord) (names []string) {
	a.Pruned, b.Pruned = false, false
	one, other := members(a), members(b)
	for name := range one {
		if !reflect.DeepEqual(one[name], other[name]) {
			names = append(names, name)
		}
	}
	for name := range other {
		if _, ok := one[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func members(r RunRecord) map[string]any {
	data, err := json.Marshal(r)
	if err != nil {
		panic(err) // it is made of texts and times
	}
	m := map[string]any{}
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&m); err != nil {
		panic(err)
	}
	return m
}
