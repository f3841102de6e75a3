package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/sql"
)

//go:embed million.sql
var million string

// fill puts so many orders into a database: statements find their number and the
// end of their time in the variables orders and history_end.
func (b *bench) fill(database, statements string, orders int, end time.Time) error {
	c := exec.CommandContext(b.ctx, b.inside, "fill", database)
	c.Stdin = strings.NewReader(fmt.Sprintf("SET TimeZone = 'UTC'; SET VARIABLE orders = %d; SET VARIABLE history_end = TIMESTAMPTZ %s;\n%s",
		orders, sql.Literal(end.Format(time.RFC3339)), statements))
	if said, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("fill %s: %w\n%s", database, err, said)
	}
	return nil
}

// workbookOf is a workbook of one day with so many orders.
func workbookOf(orders int) row {
	return row{
		name: "workbook", toReach: "45 s, 500 MB",
		work: fmt.Sprintf("workbook of a day with %s orders, from a published database", count(orders)),
		begin: func(b *bench) ([]subject, func(), error) {
			// The database of a night with some orders of another day, filled up.
			o := vendorOptions{accounts: 1, soms: 10}
			address, stop, err := startVendors(b.ctx, o)
			if err != nil {
				return nil, nil, err
			}
			defer stop()
			p, err := b.newPlace(address, o, concurrency)
			if err != nil {
				return nil, nil, err
			}
			if _, err := p.night(nightAfter(o.soms)); err != nil {
				return nil, nil, err
			}
			day := time.Date(2025, 6, 8, 0, 0, 0, 0, time.UTC)
			if err := b.fill(filepath.Join(p.dir, "published", "nightaudit.duckdb"), million, orders, day); err != nil {
				return nil, nil, err
			}
			return []subject{{name: "nightaudit", command: "nightaudit report --date DAY", run: func() (measured, error) {
				out, err := b.newFolder("workbook-*")
				if err != nil {
					return measured{}, err
				}
				defer remove(out)
				u, _, err := run(b.ctx, p.dir, b.binary, "--quiet", "report", "--date", day.Format(time.DateOnly), "--out", out)
				if err != nil {
					return measured{}, err
				}
				listed, size, err := listedIn(out)
				if err == nil && listed < orders {
					err = fmt.Errorf("the workbook has %d rows and the day %d orders", listed, orders)
				}
				return measured{u, []extra{{"MB", size / 1e6}}}, err
			}}}, func() { remove(p.dir) }, nil
		},
	}
}

// listedIn counts the rows of the sheets of the workbook in a folder, and the
// bytes of its file.
func listedIn(folder string) (listed int, size float64, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.xlsx"))
	if err != nil || len(files) != 1 {
		return 0, 0, fmt.Errorf("%d workbooks were written, not one: %w", len(files), err)
	}
	archive, err := zip.OpenReader(files[0])
	if err != nil {
		return 0, 0, err
	}
	defer archive.Close()
	for _, part := range archive.File {
		size += float64(part.CompressedSize64)
		if !strings.HasPrefix(part.Name, "xl/worksheets/") {
			continue
		}
		rows, err := rowsOf(part)
		if err != nil {
			return 0, 0, fmt.Errorf("read %s: %w", part.Name, err)
		}
		listed += rows
	}
	return listed, size, nil
}

// rowsOf counts the rows of a sheet.
func rowsOf(part *zip.File) (rows int, err error) {
	sheet, err := part.Open()
	if err != nil {
		return 0, err
	}
	defer sheet.Close()
	for tags := bufio.NewReaderSize(sheet, 1<<16); ; {
		text, err := tags.ReadSlice('<')
		if bytes.HasPrefix(text, []byte("row ")) {
			rows++
		}
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
	}
}
