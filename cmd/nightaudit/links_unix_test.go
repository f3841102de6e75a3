//go:build unix

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// linked are the links that are laid in the place of a file or folder.
var linked = []struct {
	name string
	to   func(t *testing.T, d *desk, path string) string
}{
	{"a link to another's file", func(_ *testing.T, d *desk, _ string) string { return filepath.Join(d.dir, "others", "theirs") }},
	{"a link to another's folder", func(_ *testing.T, d *desk, _ string) string { return filepath.Join(d.dir, "others") }},
	{"a link to where it was moved", func(t *testing.T, d *desk, path string) string {
		to := filepath.Join(t.TempDir(), "moved")
		if err := os.Rename(path, to); err != nil {
			t.Fatal(err)
		}
		return to
	}},
	{"a link to nothing", func(_ *testing.T, d *desk, _ string) string { return filepath.Join(d.dir, "others", "nobody") }},
	{"a link to itself", func(_ *testing.T, _ *desk, path string) string { return path }},
}

// In the place of each file and folder of the data folder, the published place, the
// workbooks and the configuration lies a link. Whatever it leads to, the night ends
// soon; what is another's is as it was; and people see the whole of what they saw or the
// whole of the new night. Where the night says that all is well, it is.
func TestLinksInAllPlaces(t *testing.T) {
	slowTest(t)
	d := openDesk(t)
	d.mustRun("annotate", "--author", "Chen", d.book)
	d.mustRun("close", "--month", "2024-04")
	configuration := filepath.Join(d.dir, "nightaudit.yaml")
	text, err := os.ReadFile(configuration)
	if err != nil {
		t.Fatal(err)
	}
	before, seen := d.save(), d.state(d.published)
	d.mustRun("run", "--no-report")
	after := d.state(d.published)
	d.restore(before)

	places := d.places(t)
	tally := attacks.In(t)
	for i, place := range append(places, "nightaudit.yaml") {
		for j, link := range linked {
			if !long() && (i+j)%len(linked) != 0 { // each place with one link, each link in many places
				continue
			}
			tally.Try(place+", "+link.name, func(t *testing.T) {
				d.restore(before)
				others := filepath.Join(d.dir, "others")
				if err := errors.Join(os.RemoveAll(configuration), os.RemoveAll(others)); err != nil {
					t.Fatal(err)
				}
				write(t, configuration, string(text))
				write(t, filepath.Join(others, "theirs"), "of somebody else")
				path := filepath.Join(d.dir, place)
				to := link.to(t, d, path)
				if err := errors.Join(os.RemoveAll(path), os.Symlink(to, path)); err != nil {
					t.Fatal(err)
				}
				begun := time.Now()
				got := runOf(t, d.command("run", "--no-report"))
				if took := time.Since(begun); took > 30*time.Second {
					t.Errorf("it took %s", took)
				}
				if strings.Contains(got.stderr, "goroutine ") || got.code > 3 || got.code != 0 && got.stderr == "" {
					t.Errorf("it ended with %d: %s", got.code, got.stderr)
				}
				// A folder may be a link to one that is elsewhere, where the program then works.
				theirs, err := os.ReadFile(filepath.Join(others, "theirs"))
				if now := filesOf(t, others); err != nil || string(theirs) != "of somebody else" || len(now) > 1 && to != others {
					t.Errorf("what is another's was changed: %d files, %q, %v", len(now), theirs, err)
				}
				lost := place == "published" || place == "published/nightaudit.duckdb" // the link took it from people
				if _, err := os.Stat(d.published); err != nil && got.code != 0 && lost {
					return
				}
				if got.code == 1 && lost { // what lies there is not ours to judge
					return
				}
				people := d.state(d.published)
				if people != after && (got.code == 0 || people != seen) {
					t.Errorf("it ended with %d and people see\n%s\n%s", got.code, firstDifference(strings.Split(people, "\n"), strings.Split(after, "\n")), got.stderr)
				}
			})
		}
	}
}

// places are the files and folders that a desk has, relative to its folder.
func (d *desk) places(t *testing.T) (names []string) {
	t.Helper()
	for _, folder := range []string{"data", "published", "reports"} {
		err := filepath.WalkDir(filepath.Join(d.dir, folder), func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name, err := filepath.Rel(d.dir, path)
			names = append(names, filepath.ToSlash(name))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return names
}
