//go:build linux || darwin

package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// misplaced are things that can lie where a file should, and the words for each.
var misplaced = []struct {
	name, words string
	put         func(t *testing.T, path string) error
}{
	{"a pipe", "a pipe", func(_ *testing.T, path string) error { return syscall.Mkfifo(path, 0o600) }},
	{"a folder", "a folder", func(_ *testing.T, path string) error { return os.Mkdir(path, 0o700) }},
	{"a device", "a device", func(_ *testing.T, path string) error { return os.Symlink("/dev/zero", path) }},
	{"a socket", "a socket", func(t *testing.T, path string) error {
		// The name of a socket is short, and its file can be moved.
		short := filepath.Join(os.TempDir(), "nightaudit-"+filepath.Base(t.TempDir())+filepath.Base(filepath.Dir(t.TempDir()))[:4])
		l, err := net.Listen("unix", short)
		if err != nil {
			return err
		}
		t.Cleanup(func() { l.Close() })
		return os.Rename(short, path)
	}},
	{"a link to itself", "too many levels of symbolic links", func(_ *testing.T, path string) error { return os.Symlink(filepath.Base(path), path) }},
	{"a link to nothing", "no such file", func(_ *testing.T, path string) error { return os.Symlink("nobody", path) }},
	{"10 GB", "too large", func(_ *testing.T, path string) error {
		return errors.Join(os.WriteFile(path, nil, 0o600), os.Truncate(path, 10<<30))
	}},
	{"a file that nobody may read", "permission denied", func(_ *testing.T, path string) error { return os.WriteFile(path, []byte("x"), 0o000) }},
}

// For each kind of file that people put somewhere, whatever lies in its place: the
// command ends soon, with a code that says that something was wrong, and says what
// lies there. Without NIGHTAUDIT_SLOW=1 it is a pipe, which nothing may wait for;
// a run is a matter of NIGHTAUDIT_LONG=1.
func TestWhatLiesWhereAFileShould(t *testing.T) {
	const courier = "version: 1\npii: {key: k}\nreport: {dir: ./reports, extra_dir: ./extra}\nsources:\n  guoxiaodi:\n    - {account: courier, base_url: \"http://127.0.0.1:9\", auth: {kind: none}, KEYS}\n"
	configuration := func(keys string) string { return strings.Replace(courier, "KEYS", keys, 1) }
	tally := attacks.In(t)
	for _, place := range []struct {
		name, path, args string
		keys             string // of the account
		codes            []int
		long             bool
		other            map[string]string // other words than those of what lies there
	}{
		{name: "a configuration", path: "other.yaml", args: "check --config other.yaml", codes: []int{2}},
		{name: "a secret", path: "secret", args: "check", keys: `notify: {secret: "${file:secret}"}`, codes: []int{2}},
		{name: "a report of one's own", path: "extra/mine.sql", args: "report --list", codes: []int{1, 2}, other: map[string]string{
			"a folder": "", // folders may lie there
			"a device": "leads out of its folder",
		}},
		{name: "a workbook", path: "book.xlsx", args: "annotate book.xlsx", codes: []int{1, 2}, other: map[string]string{"a link to nothing": "there is no such file"}},
		{name: "a database", path: "a.duckdb", args: "query --database a.duckdb SELECT\t1", codes: []int{1}, other: map[string]string{
			"a link to nothing": "there is no database", "10 GB": "it is no DuckDB file",
		}},
		{name: "a statement", path: "a.sql", args: "query --database a.duckdb --file a.sql", codes: []int{1, 2}, other: map[string]string{
			"a pipe":   "–", // which the shell makes of <(…), and for which one waits
			"a folder": "is a directory", "a device": "longer than 16.0 MiB", "a socket": "no such device", "10 GB": "longer than 16.0 MiB",
		}},
		{name: "a register file", path: "register/a.jsonl", args: "run --no-report", keys: `register: ["register/*.jsonl"]`, codes: []int{3}, long: true, other: map[string]string{
			"a device": "leads out of its folder",
		}},
		{name: "a segment of notifications", path: "data/landing/notifications/courier/2025-06-29-000001.jsonl", args: "run --no-report", keys: "notify: {secret: a-secret-of-some-length}", codes: []int{1, 3}, long: true, other: map[string]string{
			"a device": "leads out of its folder",
		}},
	} {
		for i, thing := range misplaced {
			words, differs := place.other[thing.name]
			if !differs {
				words = thing.words
			}
			if words == "–" || i > 0 && !slowTests() || place.long && !long() || thing.words == "permission denied" && os.Getuid() == 0 {
				continue
			}
			tally.Try(place.name+", "+thing.name, func(t *testing.T) {
				dir := t.TempDir()
				keys := place.keys
				if keys == "" {
					keys = "enabled: true"
				}
				writeIn(t, dir, "nightaudit.yaml", configuration(keys))
				if err := os.Mkdir(filepath.Join(dir, "extra"), 0o700); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(dir, place.path)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), thing.put(t, path)); err != nil {
					t.Fatal(err)
				}
				begun := time.Now()
				code, said := ended(t, dir, strings.Split(place.args, " "))
				if took := time.Since(begun); took > 20*time.Second {
					t.Errorf("it took %s", took)
				}
				if wrong := !slices.Contains(place.codes, code); wrong && words != "" || strings.Contains(said, "goroutine") || !strings.Contains(said, words) {
					t.Errorf("exit code %d, want one of %v and %q:\n%s", code, place.codes, words, said)
				}
			})
		}
	}
}

// ended runs a command to its end, for which a minute is more than enough.
func ended(t *testing.T, dir string, args []string) (code int, said string) {
	t.Helper()
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "\t", " ")
	}
	var out bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "nightaudit", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
	cmd.Env = append(os.Environ(), "NIGHTAUDIT_CONFIG=")
	_ = cmd.Run() // its code tells
	return cmd.ProcessState.ExitCode(), out.String()
}
