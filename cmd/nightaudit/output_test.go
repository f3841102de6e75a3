package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/format"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// What a person names with --out is written to as what it is. A device and a pipe
// stay what they are (as root, a device was replaced by a file), a folder is
// refused, a link stays and what it leads to is written, and a file that others
// could not read cannot be read by them afterwards.
func TestOutputGoesIntoWhatIsThere(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("devices and pipes have other names there")
	}
	o := newOffice(t)
	tried, held := 0, 0
	for i, name := range format.Names {
		for place, check := range outputs {
			// Every format to a full device, every place with one format.
			if i > 0 && !slowTests() && place != "a full device" {
				continue
			}
			dir := filepath.Join(o.dir, name+" "+place)
			if err := os.Mkdir(dir, 0o750); err != nil {
				t.Fatal(err)
			}
			tried++
			if check(o, dir, name) {
				held++
			} else {
				t.Errorf("%s as %s", place, name)
			}
		}
	}
	attacks.In(t).Count(tried, held)
}

// outputs are what --out can name, each with whether it became what it should.
var outputs = map[string]func(o *office, dir, as string) bool{
	"a full device": func(o *office, _, as string) bool {
		_, said := o.run(1, "query", "--format", as, "--out", "/dev/full", oneAmount)
		return strings.Contains(said, "no space left") && isDevice("/dev/full")
	},
	"the null device": func(o *office, _, as string) bool {
		o.run(0, "query", "--format", as, "--out", "/dev/null", oneAmount)
		return isDevice("/dev/null")
	},
	"a link to a device": func(o *office, dir, as string) bool {
		link := filepath.Join(dir, "link")
		return os.Symlink("/dev/null", link) == nil && o.written(as, link) && modeOf(link).Type() == fs.ModeSymlink && isDevice("/dev/null")
	},
	"a pipe": func(o *office, dir, as string) bool {
		pipe := filepath.Join(dir, "pipe")
		if err := exec.Command("mkfifo", pipe).Run(); err != nil {
			o.t.Skipf("no pipes can be made here: %v", err)
		}
		came := make(chan []byte)
		go func() {
			data, _ := os.ReadFile(pipe)
			came <- data
		}()
		return o.written(as, pipe) && len(<-came) > 0 && modeOf(pipe).Type() == fs.ModeNamedPipe
	},
	"a link to a file": func(o *office, dir, as string) bool {
		file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
		reportstest.Write(o.t, file, "old")
		return os.Symlink(file, link) == nil && o.written(as, link) && modeOf(link).Type() == fs.ModeSymlink && reportstest.Read(o.t, file) != "old"
	},
	"a link to nothing": func(o *office, dir, as string) bool {
		link := filepath.Join(dir, "link")
		if os.Symlink(filepath.Join(dir, "none"), link) != nil {
			return false
		}
		_, said := o.run(1, "query", "--format", as, "--out", link, oneAmount)
		return strings.Contains(said, "it is a link to what is not there") && names(dir) == "link"
	},
	"a folder": func(o *office, dir, as string) bool {
		_, said := o.run(2, "query", "--format", as, "--out", dir, oneAmount)
		return strings.Contains(said, "is a folder") && modeOf(dir).IsDir() && names(dir) == ""
	},
	"a private file": func(o *office, dir, as string) bool {
		file := filepath.Join(dir, "file")
		reportstest.Write(o.t, file, "old")
		return os.Chmod(file, 0o600) == nil && o.written(as, file) && modeOf(file) == 0o600 && reportstest.Read(o.t, file) != "old" && names(dir) == "file"
	},
	"a shared file": func(o *office, dir, as string) bool {
		file := filepath.Join(dir, "file")
		reportstest.Write(o.t, file, "old")
		return os.Chmod(file, 0o666) == nil && o.written(as, file) && modeOf(file) == 0o666 && reportstest.Read(o.t, file) != "old"
	},
	"a new file": func(o *office, dir, as string) bool {
		file := filepath.Join(dir, "file")
		return o.written(as, file) && modeOf(file).IsRegular() && names(dir) == "file"
	},
	"a file, and a statement that fails": func(o *office, dir, as string) bool {
		file := filepath.Join(dir, "file")
		reportstest.Write(o.t, file, "old")
		o.run(1, "query", "--format", as, "--out", file, "SELECT error('x')")
		return reportstest.Read(o.t, file) == "old" && names(dir) == "file"
	},
}

// written writes a result there, and says whether that went well.
func (o *office) written(as, to string) bool {
	_, said := o.run(0, "query", "--format", as, "--out", to, oneAmount)
	return strings.Contains(said, to+" is written")
}

func modeOf(path string) fs.FileMode {
	info, err := os.Lstat(path)
	if err != nil {
		return fs.ModeIrregular
	}
	return info.Mode()
}

func isDevice(path string) bool { return modeOf(path)&fs.ModeCharDevice != 0 }

// names lists what lies in a folder.
func names(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err.Error()
	}
	list := make([]string, len(entries))
	for i, e := range entries {
		list[i] = e.Name()
	}
	return strings.Join(list, " ")
}

// Commands that take the name of a folder, or never overwrite, leave a device as it
// is too.
func TestFoldersThatAreDevices(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("devices have other names there")
	}
	o := newOffice(t)
	for _, args := range [][]string{
		{"report", "--out", "/dev/full"},
		{"report", "orders", "--format", "csv", "--out", "/dev/full"},
		{"export", "--to", "/dev/full"},
		{"demo", "--dir", "/dev/full"},
	} {
		o.run(1, args...)
		if !isDevice("/dev/full") {
			t.Fatalf("%v replaced the device", args)
		}
	}
	if o.run(2, "init", "/dev/full"); !isDevice("/dev/full") {
		t.Fatal("init replaced the device")
	}
}
