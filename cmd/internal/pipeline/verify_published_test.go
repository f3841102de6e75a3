package pipeline_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/query"
	"github.com/nightaudit/nightaudit/reports/sheets"
	"github.com/nightaudit/nightaudit/reports/shelf"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// Whatever is changed of what was published is found, with the run and the file: of the
// database what no statement sees, one bit of a workbook, a figure of its page, an
// earlier database. What finance saved, and what a person had made anew, is no damage.
func TestVerifyPublishedBytes(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	night := func() *pipeline.Result {
		t.Helper()
		r, err := pipeline.Run(t.Context(), h.cfg, pipeline.Options{Now: h.clock, Version: "test"})
		if err != nil || r.ExitCode != 0 {
			t.Fatal(r, err)
		}
		return r
	}
	one := night()
	h.pass()
	two := night()
	if v := wantVerified(t, h.cfg); !v.Bytewise || len(v.Notices) > 0 {
		t.Errorf("the published database was not compared byte by byte: %+v", v)
	}
	earlier, err := filepath.Glob(filepath.Join(h.cfg.Publish.Dir, "previous", "*.duckdb"))
	if err != nil || len(earlier) != 1 {
		t.Fatal(earlier, err)
	}
	book, side := two.Workbook, shelf.PageOf(two.Workbook)
	note := filepath.Join(h.cfg.DataDir, "landing", landing.PublishedNote)

	saved := func(path string) {
		f, err := excelize.OpenFile(path)
		if err == nil {
			err = f.Save()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	longer := func(path string) { setBack(t, path, read(t, path)+"\n") }
	figure := func(path string) {
		text := read(t, path)
		i := strings.Index(text, "data-cell=")
		i += strings.IndexAny(text[i:], ">")
		i += strings.IndexAny(text[i:], "0123456789")
		setBack(t, path, text[:i]+string('0'+(text[i]-'0'+1)%10)+text[i+1:])
	}
	anew := func(language, path string) {
		db, err := query.Open(two.Database)
		if err != nil {
			t.Fatal(err)
		}
		defer shut(t, db)
		books, err := shelf.List(h.cfg.Report.Dir)
		if err != nil {
			t.Fatal(err)
		}
		day := books[slices.IndexFunc(books, func(b shelf.Book) bool { return b.Path == path })].From
		made, err := sheets.Workbook(t.Context(), db, sheets.Options{Dir: h.cfg.Report.Dir, Language: language, From: day, To: day})
		if err != nil || made != path {
			t.Fatal(made, err)
		}
	}
	type of struct {
		run  string
		kind landing.Kind
		file string
	}
	tally := attacks.In(t)
	for _, c := range []struct {
		name   string
		file   string
		do     func(path string)
		found  []of
		notice string
	}{
		{"the database longer", two.Database, longer, []of{{two.RunID, landing.Altered, two.Database}}, ""},
		{"an earlier database longer", earlier[0], longer, []of{{one.RunID, landing.Altered, earlier[0]}}, ""},
		{"a bit of a workbook", book, flipInPart(t), []of{{two.RunID, landing.Altered, book}}, ""},
		{"a figure of a page", side, figure, []of{{two.RunID, landing.Altered, side}}, ""},
		{"a workbook that finance saved", book, saved, nil, ""},
		{"a workbook made anew as it was", book, func(path string) { anew(h.cfg.Report.Language, path) }, nil, ""},
		{"a workbook made anew in another language", book, func(path string) { anew(labels.English, path) }, nil, "nightaudit report made them anew, or they were changed together"},
		{"a page that is gone", side, func(path string) { _ = os.Remove(path) }, nil, ""},
		{"a page of somebody's own", side, func(path string) { setBack(t, path, "<html>mine</html>") }, nil, ""},
		{"the note damaged", note, func(path string) { setBack(t, path, "{") }, []of{{"", landing.Unreadable, landing.PublishedNote}, {two.RunID, landing.Missing, landing.PublishedNote}}, ""},
		{"the note gone", note, func(path string) { _ = os.Remove(path) }, []of{{two.RunID, landing.Missing, landing.PublishedNote}}, ""},
	} {
		tally.Try(c.name, func(t *testing.T) {
			whole := map[string]string{}
			for _, path := range []string{c.file, book, side} {
				whole[path] = read(t, path)
			}
			c.do(c.file)
			v, err := pipeline.Verify(t.Context(), h.cfg, pipeline.VerifyOptions{All: true})
			if err != nil {
				t.Fatal(err)
			}
			var found []of
			for _, f := range v.Findings {
				found = append(found, of{f.Run, f.Kind, f.File})
			}
			equal(t, "findings", textsOf(found), textsOf(c.found))
			if told := strings.Join(v.Notices, "\n"); (c.notice == "") != (told == "") || !strings.Contains(told, c.notice) {
				t.Errorf("told %q", told)
			}
			for path, data := range whole {
				if err := os.WriteFile(path+".back", []byte(data), 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.Rename(path+".back", path); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	wantVerified(t, h.cfg)
	// The next seal takes the note over: the night after, what it says of the earlier
	// database is proved by the chain, whatever becomes of the note.
	h.pass()
	night()
	if err := os.Remove(note); err != nil {
		t.Fatal(err)
	}
	longer(earlier[0])
	v, err := pipeline.Verify(t.Context(), h.cfg, pipeline.VerifyOptions{All: true})
	if err != nil || len(v.Findings) != 2 || v.Findings[1].File != earlier[0] || v.Findings[1].Run != one.RunID {
		t.Errorf("found %+v, %v", v.Findings, err)
	}
}

// flipInPart changes one bit of the first part of an archive and leaves its list of
// parts, by which a workbook's own seal goes.
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.7
func flipInPart(t *testing.T) func(path string) {
	return func(path string) {
		t.Helper()
		data := []byte(read(t, path))
		if !bytes.HasPrefix(data, []byte("PK\x03\x04")) {
			t.Fatal("it is no archive")
		}
		begins := 30 + int(binary.LittleEndian.Uint16(data[26:])) + int(binary.LittleEndian.Uint16(data[28:]))
		data[begins+10] ^= 1
		setBack(t, path, string(data))
	}
}

func textsOf[T any](list []T) (texts []string) {
	for _, one := range list {
		texts = append(texts, fmt.Sprint(one))
	}
	return texts
}
