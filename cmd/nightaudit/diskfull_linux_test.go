package main

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// ownMounts names the process of TestDiskFull that may mount file systems.
const ownMounts = "NIGHTAUDIT_TEST_OWN_MOUNTS"

// inOwnMounts runs the test once more in a process with mounts of its own,
// which vanish with it, and reports whether this is that process.
func inOwnMounts(t *testing.T) bool {
	t.Helper()
	if os.Getenv(ownMounts) != "" {
		return true
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), ownMounts+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &exit):
		t.Skipf("a full disk is a file system of its own, and none can be mounted here: %v", err)
	case err != nil:
		t.Errorf("in a process with mounts of its own: %v", err)
	case strings.Contains(string(out), "--- SKIP"):
		t.Skipf("%s", out)
	}
	t.Logf("%s", out)
	return false
}

// smallDisk is a file system of a few MiB.
type smallDisk struct {
	t   *testing.T
	dir string
}

func mountSmallDisk(t *testing.T) smallDisk {
	t.Helper()
	d := smallDisk{t, filepath.Join(t.TempDir(), "disk")}
	if err := os.Mkdir(d.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", d.dir, "tmpfs", 0, "size=48m"); err != nil {
		t.Skipf("a full disk is a file system of its own, and none can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(d.dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d smallDisk) filler() string { return filepath.Join(d.dir, "filler") }

// leave fills the disk until only some bytes are free.
func (d smallDisk) leave(bytes int64) {
	d.t.Helper()
	d.empty()
	free, err := disk.Free(d.dir)
	if err != nil {
		d.t.Fatal(err)
	}
	if free < bytes {
		d.t.Fatalf("only %d bytes are free on a disk that is to keep %d", free, bytes)
	}
	if err := os.WriteFile(d.filler(), make([]byte, free-bytes), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

func (d smallDisk) empty() {
	d.t.Helper()
	if err := os.Remove(d.filler()); err != nil && !errors.Is(err, os.ErrNotExist) {
		d.t.Fatal(err)
	}
}

// TestDiskFull: a disk fills while a night is at work: that of the working
// data at every stage, that of the published database while it is copied, that
// of the reports while the workbook is written. The night ends with 1 and says
// which file found no room, how much is needed and how much there was;
// published files and reports are as before; and the next run, with room, gives
// the tables of a night that never met a full disk.
//
// By default a few fillings of the data's disk are tried. With
// NIGHTAUDIT_LONG=1 the room is raised in small steps until the night goes
// through, and every stage must have been met.
func TestDiskFull(t *testing.T) {
	slowTest(t)
	if !inOwnMounts(t) {
		return
	}
	data, published, reports := mountSmallDisk(t), mountSmallDisk(t), mountSmallDisk(t)
	f := fullNights{in: startInn(t, 100, innFolders{
		data: filepath.Join(data.dir, "data"), published: filepath.Join(published.dir, "published"), reports: filepath.Join(reports.dir, "reports"),
	}), disks: []smallDisk{data, published, reports}}
	f.in.pass()
	f.in.wantDone()
	f.save()
	f.in.pass()
	f.in.wantDone()
	f.undisturbed = rowsOf(t, filepath.Join(published.dir, "published", load.PublishedName))
	grown := sizeOf(t, filepath.Join(data.dir, "data", "warehouse.duckdb"))

	// The copy: half of it has room. What is needed is the size of what is
	// copied, to a digit.
	f.restore()
	published.leave(grown / 2)
	d := f.wantFailure("copy")
	needed := sizeOf(t, filepath.Join(data.dir, "data", "warehouse.duckdb"))
	f.wantSaid("copy", d, filepath.Join(published.dir, "published", ".nightaudit.duckdb.new"),
		disk.Size(needed)+" needed, "+disk.Size(grown/2>>12<<12)+" free in "+filepath.Join(published.dir, "published"))
	f.wantRecovery("copy")

	f.restore()
	reports.leave(16 << 10)
	d = f.wantFailure("workbook")
	f.wantSaid("workbook", d, "reconciliation_2024-04-10.xlsx", "16.0 KiB free in "+reports.dir, "is too little")
	f.wantRecovery("workbook")

	stages, filled := map[string]int{}, 2 // the copy and the workbook
	for _, room := range f.rooms(grown) {
		f.restore()
		data.leave(room)
		d := runOf(t, f.in.runNight())
		if d.code == 0 && long() {
			t.Logf("%s are enough", disk.Size(room))
			break // there was room enough
		}
		when := "with " + disk.Size(room) + " for the data"
		f.wantFailed(when, d)
		stage := stageOfFull(d.stderr)
		stages[stage]++
		filled++
		if stage == "" {
			t.Errorf("%s: nothing tells the stage: %s", when, d.stderr)
		}
		f.wantSaid(when, d, data.dir, "at least 100.0 MiB needed", " free in "+data.dir)
		f.wantRecovery(when)
	}
	attacks.In(t).All(filled)
	for _, stage := range slices.Sorted(maps.Keys(stages)) {
		t.Logf("%d × %s", stages[stage], stage)
	}
	for _, stage := range fullStages {
		if long() && stages[stage.name] == 0 {
			t.Errorf("the disk was never full at the stage %q", stage.name)
		}
	}
}

// fullStages are the stages at which the disk of the working data can be full,
// and a word of the error by which each is known.
var fullStages = []struct{ name, word string }{
	{"opening the working database", "why: open the working database"},
	{"checkpoint", "into it: "},
	{"landing", "/landing/"},
	{"staging", "/staging/"},
	{"merge", "commit "},
}

func stageOfFull(stderr string) string {
	for _, s := range fullStages {
		if strings.Contains(stderr, s.word) {
			return s.name
		}
	}
	return ""
}

// fullNights are second nights that meet a full disk.
type fullNights struct {
	in          *inn
	disks       []smallDisk // of data, published and reports
	saved       string
	undisturbed map[string][]string
}

// rooms are the sizes that the disk of the data is tried with.
func (f *fullNights) rooms(grown int64) []int64 {
	if !long() {
		return []int64{0, 256 << 10, 640 << 10}
	}
	var rooms []int64
	for room := int64(32 << 10); room < 4*grown; room += max(32<<10, room/6>>12<<12) {
		rooms = append(rooms, room)
	}
	return rooms
}

// save keeps what the first night left.
func (f *fullNights) save() {
	f.saved = f.in.t.TempDir()
	for i, folder := range innFolderNames {
		copyFolder(f.in.t, filepath.Join(f.disks[i].dir, folder), filepath.Join(f.saved, folder))
	}
}

// restore puts it back.
func (f *fullNights) restore() {
	f.in.t.Helper()
	for i, folder := range innFolderNames {
		f.disks[i].empty()
		dir := filepath.Join(f.disks[i].dir, folder)
		if err := os.RemoveAll(dir); err != nil {
			f.in.t.Fatal(err)
		}
		copyFolder(f.in.t, filepath.Join(f.saved, folder), dir)
	}
}

func (f *fullNights) wantFailure(when string) did {
	f.in.t.Helper()
	d := runOf(f.in.t, f.in.runNight())
	f.wantFailed(when, d)
	return d
}

// wantFailed: the night failed, and people see what they saw before.
func (f *fullNights) wantFailed(when string, d did) {
	f.in.t.Helper()
	if d.code != 1 {
		f.in.t.Errorf("%s: exit code %d, want 1\n%s%s", when, d.code, d.stdout, d.stderr)
	}
	for i, folder := range innFolderNames[1:] {
		got, want := filesOf(f.in.t, filepath.Join(f.disks[i+1].dir, folder)), filesOf(f.in.t, filepath.Join(f.saved, folder))
		if !maps.Equal(got, want) {
			f.in.t.Errorf("%s: in the folder %s are %q, before %q", when, folder, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
	}
}

// wantSaid: the person reads these words, what to do, and the reason once.
func (f *fullNights) wantSaid(when string, d did, words ...string) {
	f.in.t.Helper()
	for _, word := range append(words, "the published database and reports are as they were", "make room and run again") {
		if !strings.Contains(d.stderr, word) {
			f.in.t.Errorf("%s: nothing says %q:\n%s", when, word, d.stderr)
		}
	}
	if n := strings.Count(strings.ToLower(d.stderr), "no space left on device"); n != 1 {
		f.in.t.Errorf("%s: it is said %d times that there is no room:\n%s", when, n, d.stderr)
	}
}

func (f *fullNights) wantRecovery(when string) {
	f.in.t.Helper()
	for _, d := range f.disks {
		d.empty()
	}
	f.in.wantDone()
	database := filepath.Join(f.disks[1].dir, "published", load.PublishedName)
	if k := f.in.nightOfFile(database); k != 2 {
		f.in.t.Errorf("%s: with room, night %d is published, want 2", when, k)
	}
	wantSameRows(f.in.t, when+", then with room", rowsOf(f.in.t, database), f.undisturbed)
}

func sizeOf(t testing.TB, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
