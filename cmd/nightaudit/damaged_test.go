package main

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/load"
)

// spoilBlocks turns some bytes in every block of a DuckDB file into others and
// leaves its three headers as they are, so that it opens.
// https://duckdb.org/docs/stable/internals/storage: headers of 4 KiB, then
// blocks of 256 KiB.
func spoilBlocks(t *testing.T, path string, from int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const headers, block = 3 << 12, 256 << 10
	if len(data) < headers+(from+2)*block {
		t.Fatalf("%s has only %d bytes", path, len(data))
	}
	for i := headers + from*block + 1000; i < len(data); i += block {
		data[i] ^= 0xff
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// The working database is damaged where a night meets it only after it was
// opened. That is no account's failure: the night ends with 1, says what to
// do, and publishes nothing. A replay does help, whatever log lies beside the
// damaged file, and the next night is whole.
func TestDamagedWorkingDatabase(t *testing.T) {
	slowTest(t)
	in := startInn(t, 100, innFolders{})
	in.pass()
	in.wantDone()
	working := filepath.Join(in.dir, "data", "warehouse.duckdb")
	spoilBlocks(t, working, 2)
	published := filepath.Join(in.dir, "published")
	before := filesOf(t, published)

	in.pass()
	d := runOf(t, in.runNight())
	if d.code != 1 {
		t.Errorf("exit code %d, want 1\n%s%s", d.code, d.stdout, d.stderr)
	}
	for _, words := range []string{"the database is damaged", "nightaudit replay makes a new one", "are as they were"} {
		if !strings.Contains(d.stderr, words) {
			t.Errorf("nothing says %q:\n%s", words, d.stderr)
		}
	}
	if !maps.Equal(filesOf(t, published), before) {
		t.Error("something was published")
	}

	if err := os.WriteFile(working+".wal", []byte("of the damaged file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if d := runOf(t, in.command("replay")); d.code != 0 {
		t.Fatalf("replay ended with %d\n%s%s", d.code, d.stdout, d.stderr)
	}
	if kept, err := os.ReadFile(filepath.Join(in.dir, "data", "warehouse.before-replay.duckdb.wal")); err != nil || string(kept) != "of the damaged file" {
		t.Errorf("the log of the damaged file was not kept with it: %q, %v", kept, err)
	}
	in.wantDone()
	if k := in.nightOfFile(filepath.Join(published, load.PublishedName)); k != 2 {
		t.Errorf("night %d is published, want 2", k)
	}
}

// A published database that is damaged is refused by who reads it, with what to do.
// The next night publishes it anew, for the landing says that the last one published
// it there; a replay does so too. What was damaged is kept, and is never removed.
func TestDamagedPublishedDatabase(t *testing.T) {
	slowTest(t)
	in := startInn(t, 5, innFolders{})
	in.pass()
	in.wantDone()
	dir := filepath.Join(in.dir, "published")
	published := filepath.Join(dir, load.PublishedName)
	cutShort(t, published)
	damaged := filesOf(t, dir)
	d := runOf(t, in.command("query", "SELECT count(*) FROM orders"))
	if d.code != 1 || !strings.Contains(d.stderr, "damaged") || !strings.Contains(d.stderr, "nightaudit run publishes it anew") {
		t.Errorf("exit code %d: %s", d.code, d.stderr)
	}
	if d := runOf(t, in.command("check")); !strings.Contains(d.stdout, "! places: "+published+" cannot be read") {
		t.Errorf("check says nothing of it: %s%s", d.stdout, d.stderr)
	}
	if !maps.Equal(filesOf(t, dir), damaged) {
		t.Error("reading changed the folder")
	}
	in.pass()
	for n, healed := range []struct {
		command *exec.Cmd
		night   int64
	}{{in.runNight(), 2}, {in.command("replay"), 2}} {
		d := runOf(t, healed.command)
		if d.code != 0 || !strings.Contains(d.stderr, published+" cannot be read") || !strings.Contains(d.stderr, "kept in previous as nightaudit_unread_until_") {
			t.Errorf("%s: exit code %d: %s", healed.command.Args[1], d.code, d.stderr)
		}
		if k := in.nightOfFile(published); k != healed.night {
			t.Errorf("%s: night %d is published, want %d", healed.command.Args[1], k, healed.night)
		}
		kept, err := filepath.Glob(filepath.Join(dir, "previous", "nightaudit_unread_until_*.duckdb"))
		if err != nil || len(kept) != 1 {
			t.Fatalf("%d damaged files are kept: %v", len(kept), err)
		}
		if name, _ := filepath.Rel(dir, kept[0]); filesOf(t, dir)[name] != damaged[load.PublishedName] {
			t.Error("what is kept is not what was damaged")
		}
		if n == 0 {
			if err := os.Remove(kept[0]); err != nil {
				t.Fatal(err)
			}
			cutShort(t, published)
			damaged = filesOf(t, dir)
		}
	}
	in.pass()
	if d := in.wantDone(); strings.Contains(d.stderr, "cannot be read") {
		t.Errorf("the next night still speaks of it: %s", d.stderr)
	}
	if k := in.nightOfFile(published); k != 3 {
		t.Errorf("night %d is published, want 3", k)
	}
}

// Where nothing proves whose the damaged file is, a night changes nothing until it is
// told to take the place over: a database that is still to be made did not publish
// it, and nor did one from which the place was taken over since its last run.
func TestDamagedDatabaseOfNobody(t *testing.T) {
	slowTest(t)
	in := startInn(t, 5, innFolders{})
	in.pass()
	dir := filepath.Join(in.dir, "published")
	published := filepath.Join(dir, load.PublishedName)
	if err := os.Mkdir(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(published, []byte("of somebody"), 0o440); err != nil {
		t.Fatal(err)
	}
	refused := func(when string) {
		t.Helper()
		before := filesOf(t, dir)
		d := runOf(t, in.runNight())
		if d.code != 1 || !strings.Contains(d.stderr, "cannot be read, so nobody knows whose it is") || !strings.Contains(d.stderr, "--adopt") {
			t.Errorf("%s: exit code %d: %s", when, d.code, d.stderr)
		}
		if !maps.Equal(filesOf(t, dir), before) {
			t.Errorf("%s: the night changed the folder", when)
		}
	}
	refused("a first night")
	night := in.runNight()
	night.Args = append(night.Args, "--adopt")
	if d := runOf(t, night); d.code != 0 {
		t.Fatalf("a night that takes it over: exit code %d: %s", d.code, d.stderr)
	}
	in.pass()
	in.wantDone()
	cutShort(t, published)
	later := in.clock().Add(time.Minute).UTC().Format("20060102T150405.000Z")
	if err := os.WriteFile(filepath.Join(dir, "previous", "nightaudit_of_this_until_"+later+".duckdb"), nil, 0o440); err != nil {
		t.Fatal(err)
	}
	in.pass()
	refused("another took the place over")
}

// cutShort leaves the first part of a database.
func cutShort(t *testing.T, path string) {
	t.Helper()
	if err := errors.Join(os.Chmod(path, 0o600), os.Truncate(path, 100_000)); err != nil {
		t.Fatal(err)
	}
}
