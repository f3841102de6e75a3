//go:build linux || darwin

package disk_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// What is added comes after what is there, in a file that is made where there is none;
// what is no file gets nothing, and keeps nobody waiting.
func TestAppend(t *testing.T) {
	dir := t.TempDir()
	file, pipe := filepath.Join(dir, "file"), filepath.Join(dir, "pipe")
	for _, line := range []string{"one\n", "two\n"} {
		if err := disk.Append(file, 0o600, []byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if info, e := os.Stat(file); err != nil || e != nil || string(text) != "one\ntwo\n" || info.Mode().Perm() != 0o600 {
		t.Errorf("the file holds %q: %v, %v", text, err, e)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := disk.Append(pipe, 0o600, []byte("x")); err == nil {
		t.Error("a pipe that nobody reads took something")
	}
	reader, err := os.OpenFile(pipe, os.O_RDWR, 0) // from here on somebody does
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := disk.Append(pipe, 0o600, []byte("x")); !errors.Is(err, disk.ErrNotRegular) {
		t.Errorf("a pipe is %v", err)
	}
	if err := disk.Append(dir, 0o600, []byte("x")); err == nil {
		t.Error("a folder took something")
	}
}

// Whatever stands where a file should, reading it ends at once, with the words for
// what stands there. In a folder of others a link out of it counts as such.
func TestReadWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret")
	make1 := func(path string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	written := func(path, text string) error { return os.WriteFile(path, []byte(text), 0o600) }
	huge := func(path string) error { return errors.Join(written(path, ""), os.Truncate(path, 10<<30)) }
	socket := in("socket")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	tried := 0
	for _, c := range []struct {
		name, path         string
		whole, inFolder    error  // what Read and ReadIn say
		wordsOfWhole, text string // in the message; what is read where nothing is said
	}{
		{"a file", make1(in("file"), written(in("file"), "text")), nil, nil, "", "text"},
		{"a file of the most that is read", make1(in("most"), written(in("most"), strings.Repeat("x", 100))), nil, nil, "", strings.Repeat("x", 100)},
		{"a file of one byte more", make1(in("more"), written(in("more"), strings.Repeat("x", 101))), disk.ErrTooLarge, disk.ErrTooLarge, "it is too large: 101 B, and 100 B at most are read", ""},
		{"10 GB of nothing", make1(in("huge"), huge(in("huge"))), disk.ErrTooLarge, disk.ErrTooLarge, "10.0 GiB", ""},
		{"a pipe", make1(in("pipe"), syscall.Mkfifo(in("pipe"), 0o600)), disk.ErrNotRegular, disk.ErrNotRegular, "it is no file but a pipe", ""},
		{"a folder", make1(in("folder"), os.Mkdir(in("folder"), 0o700)), disk.ErrNotRegular, disk.ErrNotRegular, "it is no file but a folder", ""},
		{"a socket", socket, disk.ErrNotRegular, disk.ErrNotRegular, "it is no file but a socket", ""},
		{"a device", "/dev/zero", disk.ErrNotRegular, disk.ErrNotRegular, "it is no file but a device", ""},
		{"a link to a device", make1(in("zero"), os.Symlink("/dev/zero", in("zero"))), disk.ErrNotRegular, disk.ErrLeadsOut, "it is no file but a device", ""},
		{"a link to a pipe", make1(in("topipe"), os.Symlink("pipe", in("topipe"))), disk.ErrNotRegular, disk.ErrNotRegular, "it is no file but a pipe", ""},
		{"a link to itself", make1(in("loop"), os.Symlink("loop", in("loop"))), syscall.ELOOP, syscall.ELOOP, "too many levels", ""},
		{"a link to nothing", make1(in("nothing"), os.Symlink("none", in("nothing"))), fs.ErrNotExist, fs.ErrNotExist, "no such file", ""},
		{"a link to nothing elsewhere", make1(in("none"), os.Symlink("/none/at/all", in("none"))), fs.ErrNotExist, fs.ErrNotExist, "no such file", ""},
		{"a link within the folder", make1(in("within"), os.Symlink("file", in("within"))), nil, nil, "", "text"},
		{"a link out and back", make1(in("back"), os.Symlink("../"+filepath.Base(dir)+"/file", in("back"))), nil, disk.ErrLeadsOut, "", "text"},
		{"a link to somebody's secret", make1(in("out"), errors.Join(written(secret, "s"), os.Symlink(secret, in("out")))), nil, disk.ErrLeadsOut, "", "s"},
		{"a link out by way of a folder", make1(in("way"), errors.Join(os.Symlink(filepath.Dir(secret), in("elsewhere")), os.Symlink("elsewhere/secret", in("way")))), nil, disk.ErrLeadsOut, "", "s"},
		{"nothing", in("nobody"), fs.ErrNotExist, fs.ErrNotExist, "no such file", ""},
	} {
		begun := time.Now()
		for name, read := range map[string]func(string, int64) ([]byte, error){"Read": disk.Read, "ReadIn": disk.ReadIn} {
			want := c.whole
			if name == "ReadIn" {
				want = c.inFolder
			}
			tried++
			text, err := read(c.path, 100)
			switch {
			case !errors.Is(err, want), want == nil && string(text) != c.text, want != nil && len(text) > 0:
				t.Errorf("%s, %s: %q, %v; want %v", c.name, name, text, err, want)
			case want != nil && want == c.whole && !strings.Contains(err.Error(), c.wordsOfWhole):
				t.Errorf("%s, %s: %v; want %s", c.name, name, err, c.wordsOfWhole)
			case want != nil && !strings.Contains(err.Error(), c.path):
				t.Errorf("%s, %s: %v does not name it", c.name, name, err)
			}
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%s: it took %s", c.name, took)
		}
	}
	attacks.In(t).All(tried)
}
