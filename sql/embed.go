// Package sql holds every statement and every word of the database: the
// migrations, views, checks, reports and merges as .sql files, and the
// dictionary of its tables and columns. It reads and parses these files; it
// executes nothing and knows no database driver.
//
// Importers name it sqlfiles, for database/sql has the same name.
package sql

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// FS holds the folders as they are in the source tree. Each has a README.md
// beside its files; Files skips it.
//
//go:embed migrations views checks recon reports merge ledger database queries dictionary engines
var FS embed.FS

// The folders of FS.
const (
	Migrations = "migrations" // the schema, one step a file, see Steps
	Views      = "views"      // CREATE OR REPLACE …, applied after the migrations
	Checks     = "checks"     // the rules of reconciliation, one a file
	Recon      = "recon"      // how what the checks find becomes recon.breaks
	Reports    = "reports"    // one report or sheet a file
	Merges     = "merge"      // how staged rows become facts
	Queries    = "queries"    // what the commands ask
)

// Text is one embedded .sql file.
type Text struct {
	Name string // without folder and ".sql": item_total
	Path string // for messages: checks/item_total.sql
	SQL  string // the whole text, header included
	Line int    // of the file on which SQL begins; 0 is the first
}

// Files reads the .sql files of a folder of FS, ordered by name.
func Files(folder string) ([]Text, error) {
	entries, err := fs.ReadDir(FS, folder)
	if err != nil {
		return nil, fmt.Errorf("list embedded %s: %w", folder, err)
	}
	var texts []Text
	for _, e := range entries {
		name, isSQL := strings.CutSuffix(e.Name(), ".sql")
		if !isSQL {
			continue
		}
		t := Text{Name: name, Path: path.Join(folder, e.Name())}
		data, err := FS.ReadFile(t.Path)
		if err != nil {
			return nil, fmt.Errorf("read embedded %s: %w", t.Path, err)
		}
		t.SQL = string(data)
		texts = append(texts, t)
	}
	return texts, nil
}

// Step is one migration: it brings a database from schema Version-1 to
// Version. Whoever applies it runs SQL and the insert into audit.migrations
// in one transaction.
type Step struct {
	Version int
	Text
}

// Steps lists the migrations in the order in which they are applied. Versions
// start at 1 and have no gaps: 0001_init.sql, 0002_….sql.
func Steps() ([]Step, error) {
	texts, err := Files(Migrations)
	if err != nil {
		return nil, err
	}
	steps := make([]Step, 0, len(texts))
	for i, t := range texts {
		digits, _, _ := strings.Cut(t.Name, "_")
		version, err := strconv.Atoi(digits)
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("migration %s: want a file named %04d_….sql: versions start at 1 and have no gaps", t.Path, i+1)
		}
		steps = append(steps, Step{Version: version, Text: t})
	}
	return steps, nil
}

// SchemaVersion is the version that the last of Steps leads to: the only one
// that this program reads and writes.
func SchemaVersion() (int, error) {
	steps, err := Steps()
	return len(steps), err
}
