package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSize(t *testing.T) {
	for bytes, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB", 12_897_485: "12.3 MiB", 5 << 30: "5.0 GiB", 3 << 50: "3072.0 TiB"} {
		if got := Size(bytes); got != want {
			t.Errorf("%d is %q, want %q", bytes, got, want)
		}
	}
}

// A full disk is known from Go's errors and from DuckDB's, which carry the
// system's words alone, with a capital letter.
func TestIsFull(t *testing.T) {
	full := fullErrors[0]
	words := strings.ToUpper(full.Error()[:1]) + full.Error()[1:]
	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"nothing", nil, false},
		{"of Go", fmt.Errorf("stage rows: %w", &fs.PathError{Op: "write", Path: "/a/b", Err: full}), true},
		{"of DuckDB", errors.New(`IO Error: Could not write file "/a/b.duckdb": ` + words), true},
		{"another one", &fs.PathError{Op: "write", Path: "/a/b", Err: fs.ErrPermission}, false},
		{"explained", &FullError{Err: errors.New("x")}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := IsFull(test.err); got != test.want {
				t.Errorf("%t, want %t", got, test.want)
			}
		})
	}
}

// What is explained names the file once, what is needed and what is free on
// the disk of the nearest folder that exists.
func TestExplain(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "published", "x.new") // whose folder is not made yet
	err := Explain(&fs.PathError{Op: "write", Path: path, Err: fullErrors[0]}, 12_897_485, false)
	var full *FullError
	if !errors.As(err, &full) || full.Path != path || full.Free < 0 {
		t.Fatalf("%#v", err)
	}
	want := fmt.Sprintf("write %s: %s: 12.3 MiB needed, %s free in %s; make room and run again", path, fullErrors[0], Size(full.Free), dir)
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	if again := Explain(fmt.Errorf("publish: %w", err), 5, true); strings.Count(again.Error(), "needed") != 1 {
		t.Errorf("explained twice: %v", again)
	}
	duck := Explain(fmt.Errorf("commit: IO Error: Could not write file %q: %w", path, fullErrors[0]), 1<<20, true)
	if !strings.Contains(duck.Error(), "at least 1.0 MiB needed") || !errors.As(duck, &full) || full.Path != path {
		t.Errorf("of DuckDB: %v", duck)
	}
	if unknown := Explain(fullErrors[0], 0, false); unknown.Error() != fullErrors[0].Error()+"; make room and run again" {
		t.Errorf("of no file: %v", unknown)
	}
	if err := Explain(os.ErrPermission, 5, false); err != os.ErrPermission {
		t.Errorf("no matter of room: %v", err)
	}
}
