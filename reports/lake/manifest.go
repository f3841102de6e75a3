package lake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nightaudit/nightaudit/load/disk"
)

// ManifestFile is the manifest's name in the lake's folder.
const ManifestFile = "manifest.json"

// manifestFormat is the version of the manifest's own form.
const manifestFormat = 2

// Manifest says what belongs to a lake. It holds no time of its own making:
// exported twice, one database gives one manifest.
type Manifest struct {
	Format      int     `json:"format"`
	Database    string  `json:"database_id"`
	Run         string  `json:"run_id"`       // that published the database; "" for none
	PublishedAt string  `json:"published_at"` // recorded time of that run, RFC 3339 in UTC
	Schema      int     `json:"schema_version"`
	Engine      string  `json:"engine"` // the DuckDB whose hashes content is made of
	Tables      []Table `json:"tables"`
}

// Table is one table of the lake.
type Table struct {
	Name        string      `json:"table"`        // as in SQL: main.orders
	Folder      string      `json:"folder"`       // relative to the manifest, with slashes
	PartitionBy []string    `json:"partition_by"` // columns that stand in the path
	Columns     []Column    `json:"columns"`      // columns of the files, in order
	Rows        int64       `json:"rows"`
	Partitions  []Partition `json:"partitions"`
}

// Column is a column of a table's files.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"` // of DuckDB; JSON is written as VARCHAR
}

// Partition is one file.
type Partition struct {
	File    string  `json:"file"`                     // relative to the manifest, with slashes
	Month   *string `json:"business_month,omitempty"` // null: no business date, or the table has none
	Source  *string `json:"source,omitempty"`         // with Account, of a file of one account; null: of all
	Account *string `json:"account,omitempty"`
	Rows    int64   `json:"rows"`
	Bytes   int64   `json:"bytes"`
	SHA256  string  `json:"sha256"` // of the file, hex
	// Content is what tells that rows have changed: the sum of their hashes by
	// Engine. It means nothing outside of this comparison.
	Content string `json:"content"`
}

// readManifest reads the manifest of a folder; nil where there is none.
func readManifest(dir string) (*Manifest, error) {
	data, err := os.ReadFile(filepath.Join(dir, ManifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the lake's manifest: %w", err)
	}
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("read the lake's manifest %s: %w; remove it, and every partition is written again", filepath.Join(dir, ManifestFile), err)
	}
	if m.Format > manifestFormat {
		return nil, fmt.Errorf("the lake in %s was written by a newer nightaudit: use that one, or export to another folder", dir)
	}
	return &m, nil
}

// write replaces the manifest by rename, unless it says the same already.
func (m *Manifest) write(dir string) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("describe the lake: %w", err)
	}
	data = append(data, '\n')
	path := filepath.Join(dir, ManifestFile)
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return nil
	}
	beside := filepath.Join(dir, writingFolder, ManifestFile)
	err = os.WriteFile(beside, data, disk.SharedFile)
	if err == nil {
		err = disk.Like(dir, beside, disk.SharedFile)
	}
	if err == nil {
		err = place(dir, beside, path)
	}
	if err != nil {
		return fmt.Errorf("write the lake's manifest: %w", err)
	}
	return nil
}

// known lists the files of a manifest by name, for those of an export that can
// be compared with it.
func (m *Manifest) known(engine string) map[string]knownFile {
	known := map[string]knownFile{}
	if m == nil || m.Engine != engine {
		return known
	}
	for _, t := range m.Tables {
		for _, p := range t.Partitions {
			known[p.File] = knownFile{Partition: p, columns: t.Columns}
		}
	}
	return known
}

type knownFile struct {
	Partition
	columns []Column
}
