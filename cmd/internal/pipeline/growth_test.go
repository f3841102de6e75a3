package pipeline_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
)

// nightsAsked is how many nights TestNightsDoNotGrow has: NIGHTAUDIT_NIGHTS, or 40, of
// which the first twenty are let go by.
func nightsAsked(t *testing.T) int {
	t.Helper()
	text := os.Getenv("NIGHTAUDIT_NIGHTS")
	if text == "" {
		if long() {
			return 60
		}
		return 40
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 40 {
		t.Fatalf("NIGHTAUDIT_NIGHTS=%s: want a number from 40", text)
	}
	return n
}

// footprint is what a process and its folders take after a night.
type footprint struct {
	night       int
	took        time.Duration
	resident    int64 // bytes, after everything was collected
	descriptors int
	routines    int
	read        int64          // bytes that the night read, of files and sockets
	temporary   []string       // what lies in the folder of temporary files
	files       map[string]int // below the folders of data, publishing and reports, by kind
	landing     int64          // bytes
	working     int64          // of the working database
	rows        int64          // in it
	published   int64          // of its folder
}

// A night in which hardly anything happened leaves what it says it leaves: its files in the landing,
// its rows in the ledger, a workbook and a page. Memory, descriptors, goroutines,
// temporary files and the database do not grow beyond that, however many such nights
// there are. One order changes every tenth night.
//
// With NIGHTAUDIT_NIGHTS=1000 there are so many; give it -timeout 60m. Beyond a hundred
// they are of one vendor and without workbooks, so that they take minutes.
func TestNightsDoNotGrow(t *testing.T) {
	slowAlone(t)
	if runtime.GOOS != "linux" {
		t.Skip("what a process holds is read from /proc")
	}
	nights := nightsAsked(t)
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	h := startHamlet(t)
	h.cfg.LandingKeep = 0 // what pruning leaves TestPruneKeepsReplayWhole says
	many := nights > 100
	if many {
		only(h.cfg, "soms")
	}
	var early, middle, last footprint
	var standing goleak.Option
	for n := 1; n <= nights; n++ {
		if n%10 == 0 {
			changed := int(h.now.Sub(moment(0, 0)) / (24 * time.Hour))
			h.retail(7+n/10%2, 0, either(n%20 == 0, "delivered", "confirmed"), changed)
		}
		before, began := bytesRead(t), time.Now()
		r, err := pipeline.Run(t.Context(), h.cfg, pipeline.Options{Now: h.clock, Version: "test", NoReport: many})
		if err != nil || r.ExitCode != 0 {
			t.Fatalf("night %d: exit code %v: %v", n, r, err)
		}
		took, read := time.Since(began), bytesRead(t)-before
		h.now = h.now.AddDate(0, 0, 1)
		// Until the fifteenth night there are fewer earlier databases each time.
		if n != 20 && n != (nights+20)/2 && n != nights && n%50 != 0 {
			continue
		}
		last = h.footprint(temporary)
		last.night, last.took, last.read = n, took, read
		t.Log(last)
		switch n {
		case 20:
			early, standing = last, goleak.IgnoreCurrent()
		case (nights + 20) / 2:
			middle = last
		}
	}
	// Connections that are kept alive are replaced now and then; how many there are is counted.
	err := goleak.Find(standing, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"), goleak.IgnoreAnyFunction("net/http.(*conn).serve"))
	if err != nil {
		t.Error(err)
	}
	// Three files of a run, and the ledger of each account; a workbook and a page.
	accounts := len(h.cfg.Accounts)
	perNight := map[string]int{"landing run.json": 1, "landing seal.json": 1, "landing stages.jsonl": 1, "landing ledger": accounts}
	if !many {
		perNight["reports .xlsx"], perNight["reports .html"] = 1, 1
	}
	wantNoGrowth(t, &early, &middle, &last, perNight)
}

// wantNoGrowth compares three nights, all of which have as much behind them as
// publish.keep leaves.
func wantNoGrowth(t *testing.T, early, middle, last *footprint, perNight map[string]int) {
	t.Helper()
	since := int64(last.night - early.night)
	const connections = 8 // that may just be kept alive; each has a descriptor and two goroutines on either side
	if last.descriptors > early.descriptors+2*connections || last.routines > early.routines+4*connections {
		t.Errorf("%d descriptors and %d goroutines after night %d; %d and %d after night %d", last.descriptors, last.routines, last.night, early.descriptors, early.routines, early.night)
	}
	for _, f := range []*footprint{early, middle, last} {
		if len(f.temporary) > 0 {
			t.Errorf("night %d left %q", f.night, f.temporary)
		}
	}
	// A segment and a manifest for each stream that is asked, the same in each night.
	asked := (middle.files["landing segment"] - early.files["landing segment"]) / (middle.night - early.night)
	if perNight["landing segment"], perNight["landing manifest"] = asked, asked; asked < perNight["landing ledger"] || asked > 4*perNight["landing ledger"] {
		t.Errorf("%d segments a night", asked)
	}
	for kind, n := range last.files {
		if n != early.files[kind]+perNight[kind]*int(since) {
			t.Errorf("%s: %d after night %d, %d after night %d", kind, n, last.night, early.files[kind], early.night)
		}
	}
	type growth struct {
		what    string
		of      func(*footprint) int64
		atMost  int64 // bytes a night
		besides int64 // once
	}
	rows := (last.rows - early.rows) / since
	for _, g := range []growth{
		// Records, ledgers and manifests are texts of a few KB, an answer is half of one.
		{"the landing", func(f *footprint) int64 { return f.landing }, int64(perNight["landing segment"]) * 8 << 10, 0},
		// Rows of the ledger are of a few hundred bytes before they are compressed; the
		// file grows by blocks of 256 KiB, one or two for each of its tables.
		{"the working database", func(f *footprint) int64 { return f.working }, rows * 256, 64 * 256 << 10},
		{"memory", func(f *footprint) int64 { return f.resident }, rows * 256, 96 << 20},
		// Each night reads a run and a seal of every night before, once, and what it copies
		// of the database.
		{"what a night reads besides the database", func(f *footprint) int64 { return f.read - 4*f.working }, 24 << 10, 16 << 20},
	} {
		if grown := g.of(last) - g.of(early); grown > g.atMost*since+g.besides {
			t.Errorf("%s: %d bytes more in %d nights, of %d rows each; want at most %d", g.what, grown, since, rows, g.atMost*since+g.besides)
		}
	}
}

func (f footprint) String() string {
	var kinds []string
	for kind, n := range f.files {
		kinds = append(kinds, fmt.Sprintf("%s %d", kind, n))
	}
	slices.Sort(kinds)
	return fmt.Sprintf("night %4d: %.2f s, %d MiB resident, %d descriptors, %d goroutines, %.2f MB read, landing %.2f MB, working database %.2f MB of %d rows, published %.2f MB, %d temporary; %s",
		f.night, f.took.Seconds(), f.resident>>20, f.descriptors, f.routines, float64(f.read)/1e6, float64(f.landing)/1e6, float64(f.working)/1e6, f.rows, float64(f.published)/1e6, len(f.temporary), strings.Join(kinds, ", "))
}

func (h *hamlet) footprint(temporary string) (f footprint) {
	t := h.t
	t.Helper()
	db := open(t, h.published())
	for _, table := range lines(t, db, "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal") {
		n, err := strconv.ParseInt(lines(t, db, "SELECT count(*) FROM "+table)[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		f.rows += n
	}
	shut(t, db)
	f.files = map[string]int{}
	for root, dir := range map[string]string{"data": h.cfg.DataDir, "published": h.cfg.Publish.Dir, "reports": h.cfg.Report.Dir} {
		each(t, dir, func(path string, size int64) {
			kind := kindOfFile(root, path)
			f.files[kind]++
			switch {
			case strings.HasPrefix(kind, "landing"):
				f.landing += size
			case root == "published":
				f.published += size
			case kind == "data warehouse.duckdb":
				f.working = size
			}
		})
	}
	each(t, temporary, func(path string, _ int64) { f.temporary = append(f.temporary, path) })
	debug.FreeOSMemory()
	f.routines = runtime.NumGoroutine()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	f.descriptors = len(open)
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(statm))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	f.resident = pages * int64(os.Getpagesize())
	return f
}

// each calls do for every file below a folder, by its path relative to that.
func each(t *testing.T, dir string, do func(path string, size int64)) {
	t.Helper()
	if _, err := os.Stat(dir); err != nil {
		return // nobody has made it
	}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			do(path, info.Size())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

var ofRun = regexp.MustCompile(`^landing/\d{4}/\d\d/\d\d/[^/]+/(.*)$`)

// kindOfFile is what kind of file lies there.
func kindOfFile(root, path string) string {
	name := filepath.Base(path)
	if m := ofRun.FindStringSubmatch(path); m != nil {
		for ending, kind := range map[string]string{".manifest.jsonl": "manifest", ".journal.jsonl": "ledger", ".jsonl.zst": "segment"} {
			if strings.HasSuffix(name, ending) {
				return "landing " + kind
			}
		}
		return "landing " + m[1]
	}
	switch {
	case strings.HasPrefix(path, "landing/"):
		return "landing beside the runs"
	case root == "data":
		return "data " + path
	}
	return root + " " + filepath.Ext(name)
}

// bytesRead is what the process has read so far, of files and sockets.
func bytesRead(t *testing.T) int64 {
	t.Helper()
	data, err := os.ReadFile("/proc/self/io")
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		if text, ok := bytes.CutPrefix(line, []byte("rchar: ")); ok {
			n, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("/proc/self/io does not say what was read")
	return 0
}
