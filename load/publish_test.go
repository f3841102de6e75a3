package load

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// nightOn is a night of a day in May, and what its ledger says once it ended.
func nightOn(t testing.TB, w *Warehouse, day int) ledger.Run {
	t.Helper()
	run := ledger.Run{ID: "night" + time.Date(2026, 5, day, 0, 0, 0, 0, time.UTC).Format("02"), At: time.Date(2026, 5, day, 18, 0, 0, 0, time.UTC)}
	err := w.inTx(t.Context(), func(tx *sql.Tx) error { return ensureRun(t.Context(), tx, run) })
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(t.Context(), run, RunEnd{run.At.Add(time.Minute), "complete", 0, true}, nil); err != nil {
		t.Fatal(err)
	}
	return run
}

func openAt(t testing.TB, path string) *Warehouse {
	t.Helper()
	w, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// made is an empty database as Open makes it. It takes a while and is done once.
var made = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "warehouse")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "warehouse.duckdb")
	w, err := Open(context.Background(), Options{Path: path})
	if err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// openMade opens the database at path, which is made where there is none, as
// Open does, but without bringing its schema up to date: it is.
func openMade(t testing.TB, path string) *Warehouse {
	t.Helper()
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		empty, err := made()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, empty, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w, err := openExisting(context.Background(), Options{Path: path, Threads: 1}) // a few rows: more threads only wait for each other
	if err != nil {
		t.Fatal(err)
	}
	if err := w.limitMemory(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	if err := scan.One(context.Background(), w.db, "database/database_id", nil, nil, &w.id); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// publishedRun is the run that the file at path says is published.
func publishedRun(t *testing.T, path string) string {
	t.Helper()
	db, err := sql.Open("duckdb", path+"?access_mode=READ_ONLY")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var run string
	if err := db.QueryRow("SELECT published_run_id FROM audit.meta").Scan(&run); err != nil {
		t.Fatal(err)
	}
	return run
}

// Three nights with two copies kept: people see the third, the second lies in
// previous, the first is gone. The copy has a size, and the clock that was
// given says how long it took.
func TestPublishKeepsEarlierNights(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var clock time.Time
	p := PublishOptions{Dir: filepath.Join(dir, "published"), Keep: 2, Timezone: "UTC", Now: func() time.Time {
		clock = clock.Add(2 * time.Second)
		return clock
	}}
	for day := 1; day <= 3; day++ {
		w := openMade(t, filepath.Join(dir, "warehouse.duckdb"))
		snapshot, err := w.Prepare(t.Context(), nightOn(t, w, day), p)
		if err != nil {
			t.Fatal(err)
		}
		published, err := snapshot.Publish()
		if err != nil {
			t.Fatal(err)
		}
		size := sizeOf(filepath.Join(dir, "warehouse.duckdb"))
		if published.Bytes != size || published.Copying != 2*time.Second {
			t.Errorf("%d bytes in %s, want %d in 2 s", published.Bytes, published.Copying, size)
		}
		if got, want := published.Rate(), float64(size)/2e6; got != want {
			t.Errorf("%v MB/s, want %v", got, want)
		}
	}
	wantFiles(t, p.Dir, "nightaudit.duckdb", "previous/nightaudit_until_20260503T180000.000Z.duckdb")
	if got := publishedRun(t, filepath.Join(p.Dir, PublishedName)); got != "night03" {
		t.Errorf("%s is published", got)
	}
	if got := publishedRun(t, filepath.Join(p.Dir, "previous", "nightaudit_until_20260503T180000.000Z.duckdb")); got != "night02" {
		t.Errorf("%s is kept", got)
	}
}

// A snapshot that is thrown away leaves no trace.
func TestDiscardedSnapshotLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := PublishOptions{Dir: filepath.Join(dir, "published"), Keep: 3, Timezone: "UTC"}
	for day := 1; day <= 2; day++ {
		w := openMade(t, filepath.Join(dir, "warehouse.duckdb"))
		snapshot, err := w.Prepare(t.Context(), nightOn(t, w, day), p)
		if err != nil {
			t.Fatal(err)
		}
		if day == 1 {
			_, err = snapshot.Publish()
		} else {
			snapshot.Discard()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	wantFiles(t, p.Dir, "nightaudit.duckdb")
	if got := publishedRun(t, filepath.Join(p.Dir, PublishedName)); got != "night01" {
		t.Errorf("%s is published", got)
	}
}

// Logs that a client left beside the published file, or somebody laid there, are
// moved away and told of; those that were moved earlier stay.
func TestPublishSetsForeignLogAside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := openMade(t, filepath.Join(dir, "warehouse.duckdb"))
	snapshot, err := w.Prepare(t.Context(), nightOn(t, w, 1), PublishOptions{Dir: dir, Keep: 1, Timezone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".wal", ".wal.checkpoint", ".wal.recovery", ".foreign-wal"} {
		if err := os.WriteFile(filepath.Join(dir, PublishedName+name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	published, err := snapshot.Publish()
	if err != nil || !strings.Contains(published.Notice, "foreign-wal") {
		t.Errorf("notice %q, %v", published.Notice, err)
	}
	wantFiles(t, dir, "nightaudit.duckdb", "nightaudit.duckdb.foreign-2-wal", "nightaudit.duckdb.foreign-wal",
		"nightaudit.duckdb.foreign-wal.checkpoint", "nightaudit.duckdb.foreign-wal.recovery", "warehouse.duckdb")
	for name, want := range map[string]string{".foreign-wal": ".foreign-wal", ".foreign-2-wal": ".wal"} {
		if got, err := os.ReadFile(filepath.Join(dir, PublishedName+name)); err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v", name, got, err)
		}
	}
}

// A copy that is not the database that was to be published is refused, and
// nothing is left of it; what was published before stays.
func TestCopyIsChecked(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(t *testing.T, path string, want map[string]int64)
		says  string
	}{
		{"a row is lost", func(_ *testing.T, _ string, want map[string]int64) { want["main.orders"]++ }, "table main.orders has 0 rows, and 1 in the working database"},
		{"a table is lost", func(_ *testing.T, _ string, want map[string]int64) { want["main.further"] = 0 }, "tables"},
		{"another run is published", func(t *testing.T, path string, _ map[string]int64) {
			change(t, path, "UPDATE audit.meta SET published_run_id = 'night09'")
		}, "run night02 is not in its ledger"},
		{"the run did not end", func(t *testing.T, path string, _ map[string]int64) {
			change(t, path, "UPDATE audit.runs SET outcome = NULL WHERE run_id = 'night02'")
		}, "run night02 is not in its ledger"},
		{"cut short", func(t *testing.T, path string, _ map[string]int64) {
			if err := os.Truncate(path, sizeOf(path)/2); err != nil {
				t.Fatal(err)
			}
		}, "damaged"},
		{"a header with other bytes", func(t *testing.T, path string, _ map[string]int64) { flip(t, path, 4096) }, "damaged"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "warehouse.duckdb")
			p := PublishOptions{Dir: filepath.Join(dir, "published"), Keep: 2, Timezone: "UTC"}
			w := openMade(t, path)
			snapshot, err := w.Prepare(t.Context(), nightOn(t, w, 1), p)
			if err == nil {
				_, err = snapshot.Publish()
			}
			if err != nil {
				t.Fatal(err)
			}
			w = openMade(t, path)
			run := nightOn(t, w, 2)
			if _, err := w.db.Exec("UPDATE audit.meta SET published_run_id = ?", run.ID); err != nil {
				t.Fatal(err)
			}
			want, err := contents(t.Context(), w.db)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			test.spoil(t, path, want)
			_, err = newSnapshot(t.Context(), path, want, run, p)
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "check the copy") {
				t.Errorf("%v, want it to say %q", err, test.says)
			}
			wantFiles(t, p.Dir, "nightaudit.duckdb")
			if got := publishedRun(t, filepath.Join(p.Dir, PublishedName)); got != "night01" {
				t.Errorf("%s is published", got)
			}
		})
	}
}

// change runs a statement on a database file that nobody has open.
func change(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("duckdb", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(statement)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// flip turns 64 bytes of a file into others.
func flip(t testing.TB, path string, offset int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 64)
	if _, err := f.ReadAt(block, offset); err != nil {
		t.Fatal(err)
	}
	for i := range block {
		block[i] ^= 0xff
	}
	if _, err := f.WriteAt(block, offset); err != nil {
		t.Fatal(err)
	}
}

// wantFiles lists the files below dir.
func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	var got []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		got = append(got, filepath.ToSlash(name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the files are %q, want %q", got, want)
	}
}

// BenchmarkPublish publishes a database of two million orders, all that it
// takes from the closed working file to the file that people see, against a
// plain copy of the same file made durable.
func BenchmarkPublish(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, "warehouse.duckdb")
	w := openAt(b, path)
	_, err := w.db.Exec(`INSERT INTO main.orders (source, account, order_id, order_no, net_amount, payload_sha256)
		SELECT 'soms', 'a', format('{:020}', i), md5(i::VARCHAR), i::DECIMAL(18, 4) / 7, sha256(i::VARCHAR) FROM range(2000000) r(i)`)
	if err != nil {
		b.Fatal(err)
	}
	run := nightOn(b, w, 1)
	if _, err := w.db.Exec("UPDATE audit.meta SET published_run_id = ?", run.ID); err != nil {
		b.Fatal(err)
	}
	want, err := contents(context.Background(), w.db)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Run("publish", func(b *testing.B) {
		b.SetBytes(sizeOf(path))
		for b.Loop() {
			snapshot, err := newSnapshot(b.Context(), path, want, run, PublishOptions{Dir: filepath.Join(dir, "published"), Keep: 1})
			if err == nil {
				_, err = snapshot.Publish()
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("plain copy", func(b *testing.B) {
		b.SetBytes(sizeOf(path))
		for b.Loop() {
			if err := plainCopy(path, filepath.Join(dir, "copy")); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// plainCopy reads and writes every byte.
func plainCopy(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	// Hidden from io.Copy, which would leave the copying to the kernel.
	_, err = io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{in}, make([]byte, 1<<20))
	return errors.Join(err, out.Sync(), out.Close())
}
