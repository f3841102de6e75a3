package iceberg

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go/table"
)

// Listed is a night of the lake in short: the rows that it has, and what was written for it.
type Listed struct {
	Run         string `json:"run"`
	Database    string `json:"database_id"`
	PublishedAt string `json:"published_at"`
	Rows        int64  `json:"rows"`    // of the night's database, as its snapshots state them
	Changed     int    `json:"changed"` // tables
	Written     int64  `json:"written"` // files
	Bytes       int64  `json:"bytes"`   // of these
}

// List tells of all nights, the oldest first, by what the snapshots state: no file of rows
// is read.
func (l *Lake) List(ctx context.Context) (_ []Listed, err error) {
	defer func() { err = l.hide(err) }()
	nights, err := l.Nights(ctx)
	if err != nil {
		return nil, err
	}
	tables := map[string]*table.Table{}
	list := make([]Listed, 0, len(nights))
	for _, n := range nights {
		night := Listed{Run: n.Run, Database: n.Database, PublishedAt: n.PublishedAt}
		for name, snapshot := range n.Snapshots {
			if tables[name] == nil {
				if tables[name], err = l.catalog.LoadTable(ctx, strings.Split(name, ".")); err != nil {
					return nil, fmt.Errorf("lake table %s: %w", name, err)
				}
			}
			night.add(statement(tables[name], snapshot, n.Database))
		}
		list = append(list, night)
	}
	return list, nil
}

// add takes what the last snapshot of a table states into account.
func (n *Listed) add(stated map[string]string) {
	n.Rows += number(stated, propertyRows)
	if stated[propertyRun] == n.Run && stated[propertyPublished] == n.PublishedAt {
		n.Changed++
		n.Written += number(stated, "added-data-files")
		n.Bytes += number(stated, "added-files-size")
	}
}

// number is 0 for what is not stated.
func number(stated map[string]string, property string) int64 {
	n, _ := strconv.ParseInt(stated[property], 10, 64)
	return n
}
