package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

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

// A published database that is damaged is refused with what to do: nobody knows
// whose it is, so a night replaces it only where it is told to, and keeps it.
func TestDamagedPublishedDatabase(t *testing.T) {
	slowTest(t)
	in := startInn(t, 5, innFolders{})
	in.pass()
	in.wantDone()
	published := filepath.Join(in.dir, "published", load.PublishedName)
	if err := os.Chmod(published, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(published, 100_000); err != nil {
		t.Fatal(err)
	}
	before := filesOf(t, filepath.Dir(published))
	d := runOf(t, in.command("query", "SELECT count(*) FROM orders"))
	if d.code != 1 || !strings.Contains(d.stderr, "damaged") || !strings.Contains(d.stderr, "nightaudit run --adopt publishes it anew") {
		t.Errorf("exit code %d: %s", d.code, d.stderr)
	}
	if !maps.Equal(filesOf(t, filepath.Dir(published)), before) {
		t.Error("reading changed the folder")
	}
	in.pass()
	if d := runOf(t, in.runNight()); d.code != 1 || !strings.Contains(d.stderr, "cannot be read, so nobody knows whose it is") || !strings.Contains(d.stderr, "--adopt") {
		t.Errorf("a night over it: exit code %d: %s", d.code, d.stderr)
	}
	if !maps.Equal(filesOf(t, filepath.Dir(published)), before) {
		t.Error("the night changed the folder")
	}
	night := in.runNight()
	night.Args = append(night.Args, "--adopt")
	if d := runOf(t, night); d.code != 0 {
		t.Fatalf("a night that takes it over: exit code %d: %s", d.code, d.stderr)
	}
	if k := in.nightOfFile(published); k != 2 {
		t.Errorf("night %d is published, want 2", k)
	}
}
