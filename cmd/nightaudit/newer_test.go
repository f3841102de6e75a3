package main

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/klauspost/compress/zstd"
	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// left is what a released program left behind (testdata/released), in a folder of
// its own.
func left(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	const fixture = "../../testdata/released/v2"
	packed, err := os.ReadFile(filepath.Join(fixture, "warehouse.duckdb.zst"))
	ok(t, err)
	decoder, err := zstd.NewReader(nil)
	ok(t, err)
	database, err := decoder.DecodeAll(packed, nil)
	ok(t, err)
	ok(t, os.MkdirAll(filepath.Join(dir, "data"), 0o700))
	ok(t, os.MkdirAll(filepath.Join(dir, "published"), 0o750))
	ok(t, os.CopyFS(filepath.Join(dir, "data", "landing"), os.DirFS(filepath.Join(fixture, "landing"))))
	ok(t, os.CopyFS(dir, onlyFiles{os.DirFS(fixture)}))
	ok(t, os.WriteFile(filepath.Join(dir, "data", "warehouse.duckdb"), database, 0o600))
	ok(t, os.WriteFile(filepath.Join(dir, "published", "nightaudit.duckdb"), database, 0o600))
	return dir
}

// onlyFiles leaves the landing out.
type onlyFiles struct{ fs.FS }

func (o onlyFiles) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	var files []fs.DirEntry
	for _, e := range entries {
		if !e.IsDir() {
			files = append(files, e)
		}
	}
	return files, err
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fingerprints are the hashes of all files but the lock, and the staging folder.
func fingerprints(t *testing.T, dir string) map[string]string {
	t.Helper()
	sums := map[string]string{}
	ok(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "lock" {
			return err
		}
		data, err := os.ReadFile(path)
		sums[path] = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	}))
	return sums
}

func newerSchema(t *testing.T, file string) {
	t.Helper()
	db, err := sql.Open("duckdb", file)
	ok(t, err)
	_, err = db.Exec("INSERT INTO audit.migrations VALUES (3, '0003_later', now()); UPDATE audit.meta SET schema_version = 3; UPDATE audit.runs SET version = '9.9.9'")
	ok(t, err)
	_, err = db.Exec("CHECKPOINT")
	ok(t, err)
	ok(t, db.Close())
}

// What a newer program has written is refused by every command that would open it,
// with who wrote it and what to do, and stays as it is byte for byte: a working
// database, a published one, a landing, a workbook.
func TestNewerIsRefused(t *testing.T) {
	if !slowTests() {
		t.Skip("NIGHTAUDIT_SLOW is not set: this test starts forty processes")
	}
	t.Parallel()
	const (
		nights = "run|run --dry-run|replay|close --month 2026-04 --dry-run|close --month 2026-03 --force --reason x|close --month 2026-04 --reopen --reason x|annotate reconciliation.xlsx|annotate --dry-run reconciliation.xlsx|check|verify"
		reads  = "query SELECT(1)|report|report --list --database published/nightaudit.duckdb|export --to lake|trace R1|runs"
	)
	tally := attacks.In(t)
	for name, c := range map[string]struct {
		commands string
		newer    func(dir string)
		says     string
	}{
		"working database": {
			nights, func(dir string) { newerSchema(t, filepath.Join(dir, "data", "warehouse.duckdb")) },
			"its schema has version 3 and this program knows 2; nightaudit 9.9.9 wrote it: use that program, or a newer one",
		},
		"published database": {
			nights + "|" + strings.Replace(reads, "report --list --database published/nightaudit.duckdb|", "", 1), func(dir string) { newerSchema(t, filepath.Join(dir, "published", "nightaudit.duckdb")) },
			"its schema has version 3 and this program knows 2; nightaudit 9.9.9 wrote it: use that program, or a newer one",
		},
		"landing": {nights + "|trace --raw R1", func(dir string) {
			files, err := filepath.Glob(filepath.Join(dir, "data", "landing", "*", "*", "*", "*", "run.json"))
			if err != nil || len(files) != 1 {
				t.Fatal(files, err)
			}
			data, err := os.ReadFile(files[0])
			ok(t, err)
			text := strings.NewReplacer(`"format": 1`, `"format": 2`, `"version": "test"`, `"version": "9.9.9"`).Replace(string(data))
			ok(t, os.WriteFile(files[0], []byte(text), 0o600))
		}, "run.json has the format 2 and this program knows 1; nightaudit 9.9.9 wrote it: use that program, or a newer one"},
		"workbook": {"annotate reconciliation.xlsx|annotate --dry-run reconciliation.xlsx", func(dir string) {
			f, err := excelize.OpenFile(filepath.Join(dir, "reconciliation.xlsx"))
			ok(t, err)
			ok(t, f.SetCustomProps(excelize.CustomProperty{Name: "nightaudit_schema", Value: "3"}))
			ok(t, f.SetCustomProps(excelize.CustomProperty{Name: "nightaudit_version", Value: "9.9.9"}))
			ok(t, f.Save())
			ok(t, f.Close())
		}, "its schema has version 3 and this program knows 2; nightaudit 9.9.9 made it: use that program, or a newer one"},
	} {
		tally.Try(name, func(t *testing.T) {
			dir := left(t)
			c.newer(dir)
			before := fingerprints(t, dir)
			for _, command := range strings.Split(c.commands, "|") {
				cmd := exec.Command("nightaudit", strings.Fields(command)...)
				cmd.Dir, cmd.Env = dir, append(os.Environ(), "NIGHTAUDIT_CONFIG=")
				var said bytes.Buffer
				cmd.Stdout, cmd.Stderr = &said, &said
				err := cmd.Run()
				if text := strings.Join(strings.Fields(said.String()), " "); err == nil || !strings.Contains(text, c.says) {
					t.Errorf("%s: %v: %s", command, err, said.String())
				}
				after := fingerprints(t, dir)
				for file, sum := range before {
					if after[file] != sum {
						t.Errorf("%s changed %s", command, file)
					}
				}
				if len(after) != len(before) {
					t.Errorf("%s left %d files, there were %d", command, len(after), len(before))
				}
			}
		})
	}
}
