package main

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// long says whether the long tests are asked for: NIGHTAUDIT_LONG=1.
func long() bool { return os.Getenv("NIGHTAUDIT_LONG") != "" }

// slowTests says whether tests of tens of seconds are asked for:
// NIGHTAUDIT_SLOW=1, or the long ones.
func slowTests() bool { return os.Getenv("NIGHTAUDIT_SLOW") != "" || long() }

func slowTest(t *testing.T) {
	t.Helper()
	if !slowTests() {
		t.Skip("NIGHTAUDIT_SLOW is not set: this test takes tens of seconds")
	}
}

// TestKilledWhilePublishing: a night is killed at random moments between the
// first row that it stages and the renames of workbook and database. What
// people open is always the night before or the new one, whole; and the next
// run gives the tables of a night that nobody disturbed.
//
// Of four moments two are drawn from the whole time, and one from the time
// after the copy was begun. The fourth is aimed at what takes a moment only:
// the copying, or what lies between the two renames.
func TestKilledWhilePublishing(t *testing.T) {
	slowTest(t)
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be replaced there")
	}
	kills := 5
	if long() {
		kills = 200
	}
	in := startInn(t, 40, innFolders{})
	in.pass()
	in.wantDone()
	before := t.TempDir()
	for _, folder := range innFolderNames {
		copyFolder(t, filepath.Join(in.dir, folder), filepath.Join(before, folder))
	}
	in.pass()
	v := in.watchNight()
	if len(v.seen) != 3 {
		t.Fatalf("only %d events of a whole night were seen", len(v.seen))
	}
	published := filepath.Join(in.dir, "published", load.PublishedName)
	undisturbed := rowsOf(t, published)
	whole, publishing := v.ended.Sub(v.seen[stagingBegun]), v.ended.Sub(v.seen[copyBegun])

	rnd := rand.New(rand.NewPCG(5, uint64(kills)))
	stages := map[string]int{}
	for done := 0; done < kills; {
		for _, folder := range innFolderNames {
			if err := os.RemoveAll(filepath.Join(in.dir, folder)); err != nil {
				t.Fatal(err)
			}
			copyFolder(t, filepath.Join(before, folder), filepath.Join(in.dir, folder))
		}
		within := func(d time.Duration) time.Duration { return time.Duration(rnd.Int64N(int64(d))) }
		moment := killing{stagingBegun, within(whole)}
		switch done % 8 {
		case 1, 5:
			moment = killing{copyBegun, within(publishing)}
		case 3:
			moment = killing{copyBegun, within(20 * time.Millisecond)}
		case 7:
			moment = killing{workbookPlaced, within(time.Millisecond)}
		}
		if v = in.watchNight(moment); !v.killed {
			continue // it was faster
		}
		done++
		stage := in.stageOf(filepath.Join(before, "reports"))
		stages[stage]++
		when := fmt.Sprintf("kill %d, %s", done, stage)
		t.Log(when)
		want := int64(1)
		if stage == stagePublished || stage == stageEnded {
			want = 2
		}
		if got := in.nightOfFile(published); got != want {
			t.Errorf("%s: people see night %d, want %d", when, got, want)
		}
		in.wantPlainNames(when)
		if stage != stageEnded { // there, a next run would be a third night
			in.wantDone()
		}
		wantSameRows(t, when, rowsOf(t, published), undisturbed)
		if got := in.nightOfFile(published); got != 2 {
			t.Errorf("%s: the next run published night %d", when, got)
		}
		if left, err := filepath.Glob(filepath.Join(in.dir, "published", ".*")); err != nil || len(left) > 0 {
			t.Errorf("%s: %q are left by the next run: %v", when, left, err)
		}
		if t.Failed() {
			break
		}
	}
	attacks.In(t).All(kills)
	for _, stage := range slices.Sorted(maps.Keys(stages)) {
		t.Logf("%3d kills: %s", stages[stage], stage)
	}
}

var innFolderNames = []string{"data", "published", "reports"}

func copyFolder(t testing.TB, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// The files by which a night is seen at its work.
const (
	firstStaged = "data/staging/*/*.parquet"
	firstCopied = "published/.nightaudit.duckdb.new"
)

// event is something that a night is seen to do.
type event int

const (
	stagingBegun event = iota
	copyBegun
	workbookPlaced
)

// killing is a moment: so long after an event.
type killing struct {
	from  event
	after time.Duration
}

// watched is how a night went: when it was seen to do what, and when it ended.
type watched struct {
	seen   map[event]time.Time
	ended  time.Time
	killed bool
}

// watchNight carries out the night, and kills it at a moment, if one is given.
func (in *inn) watchNight(moments ...killing) (w watched) {
	in.t.Helper()
	w.seen = map[event]time.Time{}
	cmd := in.runNight()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		in.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	var moment <-chan time.Time
	books := in.workbooks()
	happened := map[event]func() bool{
		stagingBegun:   func() bool { return in.exists(firstStaged) },
		copyBegun:      func() bool { return in.exists(firstCopied) },
		workbookPlaced: func() bool { return !slices.EqualFunc(in.workbooks(), books, os.SameFile) },
	}
	for {
		select {
		case err := <-ended:
			w.ended = time.Now()
			if !w.killed && err != nil {
				in.t.Fatalf("the night failed: %v\n%s", err, stderr.String())
			}
			return w
		case <-moment:
			moment, w.killed = nil, cmd.Process.Kill() == nil
		case now := <-look.C:
			for e, has := range happened {
				if !has() {
					continue
				}
				delete(happened, e)
				w.seen[e] = now
				for _, m := range moments {
					if m.from == e {
						moment = time.After(m.after)
					}
				}
			}
		}
	}
}

// workbooks are the workbooks that people see.
func (in *inn) workbooks() []fs.FileInfo {
	in.t.Helper()
	paths, err := filepath.Glob(filepath.Join(in.dir, "reports", "*.xlsx"))
	if err != nil {
		in.t.Fatal(err)
	}
	var books []fs.FileInfo
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil { // else it is being replaced
			books = append(books, info)
		}
	}
	return books
}

func (in *inn) exists(pattern string) bool {
	in.t.Helper()
	found, err := filepath.Glob(filepath.Join(in.dir, pattern))
	if err != nil {
		in.t.Fatal(err)
	}
	return len(found) > 0
}

// The last stages: a night whose end is not noted in the landing is taken up
// by the next run, one whose end is noted is over.
const (
	stagePublished = "7 after the database's rename"
	stageEnded     = "8 after its end was noted"
)

// stageOf tells by the files that a killed night left how far it came. The
// reports of the night before lie in the folder before.
func (in *inn) stageOf(before string) string {
	in.t.Helper()
	size := func(name string) int64 {
		info, err := os.Stat(filepath.Join(in.dir, name))
		if err != nil {
			return -1
		}
		return info.Size()
	}
	noted := !in.exists("data/landing/*/*/*/*/run.json.new")
	switch copied := size(firstCopied); {
	case in.nightOfFile(filepath.Join(in.dir, "published", load.PublishedName)) == 2:
		if noted {
			return stageEnded
		}
		return stagePublished
	case copied >= 0 && in.exists("reports/.nightaudit-report-*"):
		return "5 workbook"
	case copied >= 0 && !sameFiles(in.t, filepath.Join(in.dir, "reports"), before):
		return "6 between the renames of workbook and database"
	case copied >= 0 && copied < size("data/warehouse.duckdb"):
		return "3 copy"
	case copied >= 0:
		return "4 check of the copy"
	case !noted:
		return "2 checkpoint"
	case !in.exists(firstStaged):
		return "1 checks"
	}
	return "0 staging and merge"
}

// sameFiles compares two folders byte by byte.
func sameFiles(t testing.TB, a, b string) bool {
	t.Helper()
	return maps.Equal(filesOf(t, a), filesOf(t, b))
}

// filesOf are the files below a folder, and the hashes of what is in them.
func filesOf(t testing.TB, dir string) map[string][sha256.Size]byte {
	t.Helper()
	files := map[string][sha256.Size]byte{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, path))
		files[path] = sha256.Sum256(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// wantPlainNames: whatever a killed night left, people see the database and
// whole earlier ones, and nothing else without a leading dot.
func (in *inn) wantPlainNames(when string) {
	in.t.Helper()
	published := filepath.Join(in.dir, "published")
	entries, err := os.ReadDir(published)
	if err != nil {
		in.t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && e.Name() != load.PublishedName && e.Name() != "previous" {
			in.t.Errorf("%s: people see %s", when, e.Name())
		}
	}
	earlier, err := filepath.Glob(filepath.Join(published, "previous", "*"))
	if err != nil {
		in.t.Fatal(err)
	}
	for _, file := range earlier {
		if got := in.nightOfFile(file); got != 1 {
			in.t.Errorf("%s: %s shows night %d, want 1", when, file, got)
		}
	}
}
