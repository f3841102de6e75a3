package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/page"
	"github.com/nightaudit/nightaudit/reports/shelf"
)

// What was published is compared with the hashes that were noted then, byte by byte.
// Of what earlier versions published none was noted, and nothing is said.

// notePublished notes the hashes of a database that is about to be published, and of
// the workbooks, with their pages, that the run has put in place.
func (r *runner) notePublished(ctx context.Context, run string, s *load.Snapshot, books ...string) error {
	files := []landing.Published{{Run: run, SealedFile: landing.SealedFile{Name: load.PublishedName, Bytes: s.Bytes, SHA256: s.SHA256}}}
	for _, book := range books {
		for _, path := range []string{book, shelf.PageOf(book)} {
			f, err := landing.HashFile(ctx, path)
			if errors.Is(err, fs.ErrNotExist) { // somebody took it away at once
				continue
			}
			if err != nil {
				return fmt.Errorf("note the hash of %s: %w", path, err)
			}
			files = append(files, landing.Published{Run: run, SealedFile: f})
		}
	}
	return r.landing.NotePublished(files)
}

// known is what was noted of files of a name that were published in the name of a run,
// and whether the file at path is one of them.
func (v *verification) known(ctx context.Context, run, path, name string) (noted []landing.Published, is bool, err error) {
	if noted = v.out.Published(run, name); len(noted) == 0 {
		return nil, false, nil
	}
	f, err := landing.HashFile(ctx, path)
	return noted, slices.ContainsFunc(noted, func(p landing.Published) bool { return p.SHA256 == f.SHA256 }), err
}

// altered tells of a file that is none of those that were noted.
func (v *verification) altered(run, path string, noted []landing.Published) {
	last := noted[len(noted)-1]
	v.find(run, path, landing.Altered, "it is not the file that was published in the name of run %s, of %d bytes with the hash %.12s: it was changed since then", run, last.Bytes, last.SHA256)
}

// bytes compares the published database's file.
func (v *verification) bytes(ctx context.Context, path string, state *load.PublishedState) error {
	seal := v.out.Seal(state.ChainHead)
	if seal == nil { // it is another landing's, which is said
		return nil
	}
	noted, is, err := v.known(ctx, state.Run, path, load.PublishedName)
	if err != nil {
		return fmt.Errorf("hash %s: %w", path, err)
	}
	v.out.Bytewise = is
	notes := v.out.LastSeal(func(s *landing.Seal) bool { return len(s.Published) > 0 && s.Sequence <= seal.Sequence }) != nil
	switch {
	case len(noted) == 0 && notes: // by a version that notes
		v.find(state.Run, landing.PublishedNote, landing.Missing, "it has no hash of what was published in the name of run %s: whether that is what it was, nobody can tell", state.Run)
	case len(noted) > 0 && !is:
		v.altered(state.Run, path, noted)
	}
	return nil
}

// earlier compares the databases that were published before, from which a replay may
// begin.
func (v *verification) earlier(ctx context.Context) error {
	copies, err := load.EarlierCopies(ctx, v.cfg.Publish.Dir)
	if err != nil {
		return err
	}
	for _, c := range copies {
		if c.Unread != nil {
			v.find("", c.Path, landing.Unreadable, "%s", c.Damage())
			continue
		}
		noted, is, err := v.known(ctx, c.Run, c.Path, load.PublishedName)
		if err != nil {
			return fmt.Errorf("hash %s: %w", c.Path, err)
		}
		if len(noted) > 0 && !is {
			v.altered(c.Run, c.Path, noted)
		}
	}
	return nil
}

// pair compares a workbook that a run left, and its page. What somebody saved is their
// work. A report that a person asked for puts both anew: only where one of the two is
// still the run's, the other was changed.
func (v *verification) pair(ctx context.Context, b shelf.Book, run string) error {
	beside := shelf.PageOf(b.Path)
	book, isBook, err := v.known(ctx, run, b.Path, filepath.Base(b.Path))
	if err != nil {
		return err
	}
	side, isPage, err := v.known(ctx, run, beside, filepath.Base(beside))
	gone := errors.Is(err, fs.ErrNotExist)
	if err != nil && !gone {
		return err
	}
	switch {
	case len(book) == 0 || len(side) == 0 || gone:
	case !b.Saved && !isBook && isPage:
		v.altered(run, b.Path, book)
	case (b.Saved || isBook) && !isPage && page.IsOne(beside):
		v.altered(run, beside, side)
	case !b.Saved && !isBook:
		v.out.Notices = append(v.out.Notices, b.Path+" and its page are not those that run "+run+" left: nightaudit report made them anew, or they were changed together")
	}
	return nil
}

// aside names what is kept beside the published database and belongs to nothing.
func (v *verification) aside() error {
	files, err := load.Aside(v.cfg.Publish.Dir)
	if err != nil {
		return fmt.Errorf("list what is kept beside the published database: %w", err)
	}
	for _, file := range files {
		v.out.Notices = append(v.out.Notices, file+" was in the way of what was published, and is kept: look at it, and remove it when nobody needs it")
	}
	return nil
}
