//go:build unix

package pipeline_test

import (
	"io/fs"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	courier "github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
)

// After nights with a listener and a replay everything under data_dir is its
// owner's alone, whatever the process leaves open to others by default.
func TestFileModes(t *testing.T) {
	slowTest(t)
	defer syscall.Umask(syscall.Umask(0))
	p := startPushing(t)
	p.vendor.Put(courier.Order{AccountNo: "GXD", OrderNo: "Y1", SourceOrderNo: "XY1", ExpressStatus: "PICKING"})
	p.push("Y1", "PICKING", "")
	p.night(t, 0)
	p.push("Y1", "RECEIVED", "")
	p.night(t, 0)
	if _, err := pipeline.Replay(t.Context(), p.cfg, pipeline.Options{Now: p.clock}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	check := func(dir string, folder, file fs.FileMode) {
		t.Helper()
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			want := file
			if d.IsDir() {
				want = folder
			}
			seen[d.Name()] = true
			if info.Mode().Perm() != want {
				t.Errorf("%s has mode %04o, want %04o", path, info.Mode().Perm(), want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	check(p.cfg.DataDir, 0o700, 0o600)
	for _, name := range []string{"warehouse.duckdb", "warehouse.before-replay.duckdb", "landing", "notifications", "run.json", "lock"} {
		if !seen[name] {
			t.Errorf("%s is not there: the test says nothing of it", name)
		}
	}
	// The folder of the published databases lets its group in, and the files
	// can be read by it.
	check(p.cfg.Publish.Dir, 0o750, 0o440)
}
