package pipeline_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract/simulate"
)

// TestInterruptedRuns: a night is interrupted while four vendors are in the
// middle of a scan, taken up, interrupted in the scan of the fifth, and taken
// up again. Nothing stays open, nothing is published before the end, no window
// that had been read is read again, and the tables are those of a night that
// nobody interrupted.
func TestInterruptedRuns(t *testing.T) {
	t.Parallel()
	h := startHamlet(t)
	published := filepath.Join(h.cfg.Publish.Dir, "nightaudit.duckdb")
	for _, at := range [][]string{{"tuya", "akubela", "soms", "starhotel"}, {"guoxiaodi"}} {
		ctx, cancel := context.WithCancel(t.Context())
		var scanning sync.WaitGroup // until all are in the middle of a scan
		scanning.Add(len(at))
		go func() {
			scanning.Wait()
			cancel()
		}()
		for _, source := range at {
			h.holdSecondPage(source, scanning.Done)
		}
		_, err := pipeline.Run(ctx, h.cfg, pipeline.Options{Now: h.clock, Version: "test", NoReport: true})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("interrupted at %s: %v, want that it was", at, err)
		}
		for _, source := range at {
			h.well(source)
		}
		for _, path := range openFiles(t, h.dir) {
			t.Errorf("interrupted at %s: %s is still open", at, path)
		}
		if _, err := os.Stat(published); err == nil {
			t.Errorf("interrupted at %s: a database was published", at)
		}
		if left, err := os.ReadDir(filepath.Join(h.cfg.DataDir, "staging")); err == nil {
			t.Errorf("interrupted at %s: %d staged files are left", at, len(left))
		}
	}
	result := h.run()
	wantStates(t, result, nil)
	if len(result.Notices) == 0 || !strings.Contains(result.Notices[0], "taken up") {
		t.Errorf("notices %q: nothing says that the run was taken up", result.Notices)
	}
	wantNoWindowTwice(t, filepath.Join(h.cfg.DataDir, "landing"))
	got, want := readBooks(t, result.Database), undisturbed(t, 1)[0]
	for _, source := range sources {
		wantSameFacts(t, got[source].facts, want[source].facts)
	}
}

// holdSecondPage holds back a vendor's answers in the middle of a scan until
// the caller gives up; held is called at the first of them.
func (h *hamlet) holdSecondPage(source string, held func()) {
	second := secondPage[source]()
	var once sync.Once
	h.desk(source).Fault(func(r *http.Request) *simulate.Fault {
		body, err := io.ReadAll(r.Body)
		if err == nil && second(r.URL.Path, r.URL.RawQuery+" "+string(body)) {
			once.Do(held)
			<-r.Context().Done()
		}
		return nil
	})
}

// openFiles lists the files below dir that this process has open.
func openFiles(t *testing.T, dir string) []string {
	t.Helper()
	if runtime.GOOS != "linux" {
		return nil // where nothing tells
	}
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, e := range entries {
		// One that is gone by now was that of ReadDir.
		if path, err := os.Readlink(filepath.Join("/proc/self/fd", e.Name())); err == nil && strings.HasPrefix(path, dir) {
			files = append(files, path)
		}
	}
	return files
}
