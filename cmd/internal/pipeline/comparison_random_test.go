package pipeline_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// files are the landing's files, by their path in it.
func (c *holed) files(pick func(name string) bool) (names []string) {
	c.t.Helper()
	err := filepath.WalkDir(c.landing(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(c.landing(), path)
		if err == nil && d.Name() != "lock" && pick(name) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return names
}

func anyFile(string) bool { return true }

// isJournal says whether a file is one of lines: a window ledger, a manifest, or
// a journal of what people added.
func isJournal(name string) bool {
	return strings.HasSuffix(name, ".journal.jsonl") || strings.HasSuffix(name, ".manifest.jsonl") || strings.HasPrefix(name, "people/")
}

// lines are the lines of a journal, with their breaks.
func (c *holed) lines(name string) []string {
	c.t.Helper()
	data := c.read(filepath.Join(c.landing(), name))
	if strings.HasSuffix(name, ".zst") {
		in, err := zstd.NewReader(bytes.NewReader(data))
		if err == nil {
			data, err = io.ReadAll(in)
		}
		if err != nil {
			c.t.Fatal(err)
		}
	}
	return slices.DeleteFunc(strings.SplitAfter(string(data), "\n"), func(l string) bool { return l == "" })
}

// setLines puts lines in the place of a journal's, in its form.
func (c *holed) setLines(name string, lines []string) {
	c.t.Helper()
	data := []byte(strings.Join(lines, ""))
	if strings.HasSuffix(name, ".zst") {
		out, err := zstd.NewWriter(nil)
		if err != nil {
			c.t.Fatal(err)
		}
		data = out.EncodeAll(data, nil)
	}
	c.write(filepath.Join(c.landing(), name), data)
}

// randomDamages are the ways in which a landing is damaged at random; each says
// what it did, "" where there was nothing to do.
var randomDamages = []func(c *holed, rnd *rand.Rand) string{
	func(c *holed, rnd *rand.Rand) string { // a bit
		name := pickOne(rnd, c.files(anyFile))
		data := c.read(filepath.Join(c.landing(), name))
		if len(data) == 0 {
			return ""
		}
		at, bit := rnd.IntN(len(data)), rnd.IntN(8)
		data[at] ^= 1 << bit
		c.write(filepath.Join(c.landing(), name), data)
		return fmt.Sprintf("bit %d of byte %d of %s", bit, at, name)
	},
	func(c *holed, rnd *rand.Rand) string { // the end
		name := pickOne(rnd, c.files(anyFile))
		data := c.read(filepath.Join(c.landing(), name))
		if len(data) == 0 {
			return ""
		}
		keep := max(0, len(data)-pickOne(rnd, []int{1, 2, 5, 17, 100, 1 + rnd.IntN(len(data)), len(data)}))
		c.write(filepath.Join(c.landing(), name), data[:keep])
		return fmt.Sprintf("%s cut from %d to %d bytes", name, len(data), keep)
	},
	func(c *holed, rnd *rand.Rand) string { // zeros, as after a power failure
		name := pickOne(rnd, c.files(anyFile))
		data := c.read(filepath.Join(c.landing(), name))
		if len(data) == 0 {
			return ""
		}
		n := 1 + rnd.IntN(min(len(data), 4096))
		clear(data[len(data)-n:])
		c.write(filepath.Join(c.landing(), name), data)
		return fmt.Sprintf("zeros in the last %d bytes of %s", n, name)
	},
	func(c *holed, rnd *rand.Rand) string { // a file
		name := pickOne(rnd, c.files(anyFile))
		c.remove(name)
		return name + " removed"
	},
	func(c *holed, rnd *rand.Rand) string { // two files of a kind
		name := pickOne(rnd, c.files(anyFile))
		kind := filepath.Base(name)
		if i := strings.IndexByte(kind, '.'); i > 0 {
			kind = kind[i:]
		}
		others := slices.DeleteFunc(c.files(func(n string) bool { return strings.HasSuffix(n, kind) }), func(n string) bool {
			return bytes.Equal(c.read(filepath.Join(c.landing(), n)), c.read(filepath.Join(c.landing(), name)))
		})
		if len(others) == 0 {
			return ""
		}
		other := pickOne(rnd, others)
		c.swap(name, other)
		return name + " and " + other + " swapped"
	},
	func(c *holed, rnd *rand.Rand) string { // a run
		name := pickOne(rnd, c.files(func(n string) bool { return strings.HasSuffix(n, "run.json") }))
		c.remove(filepath.Dir(name))
		return "the folder " + filepath.Dir(name) + " removed"
	},
	func(c *holed, rnd *rand.Rand) string { // a member of run.json
		name := pickOne(rnd, c.files(func(n string) bool { return strings.HasSuffix(n, "run.json") }))
		var members map[string]any
		if err := json.Unmarshal(c.read(filepath.Join(c.landing(), name)), &members); err != nil {
			c.t.Fatal(err)
		}
		keys := slices.Sorted(func(yield func(string) bool) {
			for k := range members {
				if !yield(k) {
					return
				}
			}
		})
		key := pickOne(rnd, keys)
		delete(members, key)
		if rnd.IntN(2) == 0 {
			members[key] = pickOne(rnd, []any{"", "other", 1, true, "2026-04-01T00:00:00Z", nil})
		}
		data, err := json.Marshal(members)
		if err != nil {
			c.t.Fatal(err)
		}
		c.write(filepath.Join(c.landing(), name), data)
		return fmt.Sprintf("%q of %s is now %v", key, name, members[key])
	},
	func(c *holed, rnd *rand.Rand) string { // a line
		name := pickOne(rnd, c.files(isJournal))
		all := c.lines(name)
		if len(all) == 0 {
			return ""
		}
		at := rnd.IntN(len(all))
		what := ""
		switch rnd.IntN(3) {
		case 0:
			what, all = "gone", slices.Delete(all, at, at+1)
		case 1:
			what, all = "there twice", slices.Insert(all, at, all[at])
		default:
			what, all[at] = "something else", "{}\n"
		}
		c.setLines(name, all)
		return fmt.Sprintf("line %d of %s is %s", at+1, name, what)
	},
}

func pickOne[T any](rnd *rand.Rand, of []T) T { return of[rnd.IntN(len(of))] }

func (c *holed) remove(name string) {
	c.t.Helper()
	if err := os.RemoveAll(filepath.Join(c.landing(), name)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *holed) swap(a, b string) {
	c.t.Helper()
	a, b = filepath.Join(c.landing(), a), filepath.Join(c.landing(), b)
	one, other := c.read(a), c.read(b)
	c.write(a, other)
	c.write(b, one)
}

// cuts are all journals, each cut before each of its lines.
func (c *holed) cuts() (all []func(c *holed) string) {
	for _, name := range c.files(isJournal) {
		for keep := range c.lines(name) {
			all = append(all, func(c *holed) string {
				c.setLines(name, c.lines(name)[:keep])
				return fmt.Sprintf("%s cut before its line %d", name, keep+1)
			})
		}
	}
	return all
}

// A landing is damaged in hundreds of ways, every journal cut at every line among
// them: a replay never succeeds that lacks something, and never touches a
// database without having said what is lacking. Every tenth is then accepted.
func TestReplayOverDamages(t *testing.T) {
	slowTest(t)
	cases := 10
	if long() {
		cases = 500
	}
	l := buildLanding(t)
	cuts := l.copy(t).cuts()
	t.Logf("%d lines at which journals are cut", len(cuts))
	tally := attacks.In(t)
	for n := range cases {
		seed := uint64(n + 1)
		tally.Try(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(14, seed))
			c := l.copy(t)
			what := ""
			if cut := n; long() && cut < len(cuts) {
				what = cuts[cut](c)
			}
			for what == "" {
				what = pickOne(rnd, randomDamages)(c, rnd)
			}
			outcome := c.judge()
			if n%10 == 0 && outcome != wholeOutcome {
				c.accept()
			}
			t.Logf("%s\n→ %s", c.plain(what), strings.ReplaceAll(outcome, "\n", "\n  "))
		})
	}
}
