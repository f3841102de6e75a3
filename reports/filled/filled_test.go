package filled_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/filled"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/sheets"
)

// The breaks of testdata/fixture.sql stand in rows 4 to 8 of the sheet as w1,
// e3, e2, i1, e1. What is done to the sheet is what people do to one.
func TestReadFilled(t *testing.T) {
	for _, c := range []struct {
		name, language string
		change         func(f *excelize.File) error
		want           []string // break, status, owner, comment
	}{
		{"as it came", labels.English, func(*excelize.File) error { return nil }, []string{
			"w1 open – –", "e3 accepted Chen Jing =cmd|'/c calc'!A0", "e2 explained Li Wei weighed goods", "i1 open – –", "e1 open – –",
		}},
		{"Chinese words", labels.Chinese, func(f *excelize.File) error {
			return errors.Join(f.SetCellStr("差异", "K4", "已接受"), f.SetCellStr("差异", "M4", " 少收\r\n已补 "))
		}, []string{
			"w1 accepted – 少收\n已补", "e3 accepted Chen Jing =cmd|'/c calc'!A0", "e2 explained Li Wei weighed goods", "i1 open – –", "e1 open – –",
		}},
		{"English words in a Chinese sheet, and a code", labels.Chinese, func(f *excelize.File) error {
			return errors.Join(f.SetCellStr("差异", "K4", "Accepted"), f.SetCellStr("差异", "K7", "explained"), f.SetCellStr("差异", "K8", "erledigt"))
		}, []string{
			"w1 accepted – –", "e3 accepted Chen Jing =cmd|'/c calc'!A0", "e2 explained Li Wei weighed goods", "i1 explained – –", "e1 erledigt – –",
		}},
		{"rows inserted above, columns moved, rows deleted, the sheet renamed", labels.English, func(f *excelize.File) error {
			return errors.Join(
				f.RemoveRow("Breaks", 5), f.InsertRows("Breaks", 1, 2), f.InsertCols("Breaks", "A", 3), f.SetCellStr("Breaks", "B1", "my notes"),
				f.SetSheetName("Breaks", "Li's list"), f.SetCellStr("Li's list", "P6", "seen"),
			)
		}, []string{"w1 open – seen", "e2 explained Li Wei weighed goods", "i1 open – –", "e1 open – –"}},
		{"a column deleted", labels.English, func(f *excelize.File) error { return f.RemoveCol("Breaks", "L") }, []string{
			"w1 open none –", "e3 accepted none =cmd|'/c calc'!A0", "e2 explained none weighed goods", "i1 open none –", "e1 open none –",
		}},
		{"numbers and dates typed in", labels.English, func(f *excelize.File) error {
			return errors.Join(f.SetCellValue("Breaks", "M4", 12.5), f.SetCellValue("Breaks", "L4", true))
		}, []string{
			"w1 open TRUE 12.5", "e3 accepted Chen Jing =cmd|'/c calc'!A0", "e2 explained Li Wei weighed goods", "i1 open – –", "e1 open – –",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			book, err := filled.Read(changed(t, c.language, c.change))
			if err != nil {
				t.Fatal(err)
			}
			if book.Database != "6f1d6a52-7d1f-4a4e-9a55-0d2b6a3f0c11" || book.Author != "" {
				t.Errorf("the workbook is of %q, saved by %q", book.Database, book.Author)
			}
			var got []string
			for _, r := range book.Rows {
				got = append(got, fmt.Sprintf("%s %s %s %s", r.BreakID[:2], orDash(r.Status), orDash(r.Owner), orDash(r.Comment)))
				if len(r.Mark) != 32 {
					t.Errorf("%s row %d has the mark %q", r.Sheet, r.Row, r.Mark)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func orDash(text *string) string {
	switch {
	case text == nil:
		return "none"
	case *text == "":
		return "–"
	}
	return *text
}

// Who saved it, and when, comes from the workbook's properties.
func TestReadFilledProperties(t *testing.T) {
	for _, c := range []struct{ modifiedBy, creator, want string }{
		{"Chen Jing", "nightaudit", "Chen Jing"},
		{"", "nightaudit", ""},           // LibreOffice without a name
		{"nightaudit", "nightaudit", ""}, // nobody has saved it
		{"", "Li Wei", "Li Wei"},
	} {
		path := madeWorkbook(t, labels.English)
		f, err := excelize.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		// SetDocProps leaves what is empty as it is.
		f.Pkg.Store("docProps/core.xml", []byte(`<?xml version="1.0" encoding="UTF-8"?><cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:creator>`+c.creator+`</dc:creator><cp:lastModifiedBy>`+c.modifiedBy+`</cp:lastModifiedBy><dcterms:modified xsi:type="dcterms:W3CDTF">2026-03-10T01:02:03Z</dcterms:modified></cp:coreProperties>`))
		if err := errors.Join(f.Save(), f.Close()); err != nil {
			t.Fatal(err)
		}
		book, err := filled.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		if book.Author != c.want || !book.SavedAt.Equal(time.Date(2026, 3, 10, 1, 2, 3, 0, time.UTC)) {
			t.Errorf("saved by %q and made by %q: %q at %s", c.modifiedBy, c.creator, book.Author, book.SavedAt)
		}
	}
}

func TestReadFilledRefuses(t *testing.T) {
	foreign := filepath.Join(t.TempDir(), "foreign.xlsx")
	f := excelize.NewFile()
	if err := errors.Join(f.SetCellStr("Sheet1", "A1", "Break ID"), f.SaveAs(foreign), f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := filled.Read(foreign); !errors.Is(err, filled.ErrNotWorkbook) {
		t.Errorf("a workbook of somebody else: %v", err)
	}
	path := madeWorkbook(t, labels.English)
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.RemoveRow("Breaks", 3), f.Save(), f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := filled.Read(path); err == nil || !strings.Contains(err.Error(), "keep the row of headings") {
		t.Errorf("a sheet without headings: %v", err)
	}
}

// madeWorkbook is a copy of the workbook of the fixture.
func madeWorkbook(t *testing.T, language string) string {
	t.Helper()
	if made[language] == nil {
		path, err := sheets.Workbook(t.Context(), reportstest.Shared(t), sheets.Options{Dir: t.TempDir(), Language: language})
		if err != nil {
			t.Fatal(err)
		}
		made[language] = []byte(reportstest.Read(t, path))
	}
	path := filepath.Join(t.TempDir(), "reconciliation.xlsx")
	reportstest.Write(t, path, string(made[language]))
	return path
}

var made = map[string][]byte{}

// changed is a copy of the workbook in which somebody changed something.
func changed(t *testing.T, language string, change func(f *excelize.File) error) (path string) {
	t.Helper()
	path = madeWorkbook(t, language)
	f, err := excelize.OpenFile(path)
	if err == nil {
		err = errors.Join(change(f), f.Save(), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// A program that drops the document's properties keeps the cells: the line above
// the breaks says what the workbook is of, and where that is gone too, the
// Summary names the database. Without all three it is none of ours.
func TestIdentityWithoutProperties(t *testing.T) {
	const database = "6f1d6a52-7d1f-4a4e-9a55-0d2b6a3f0c11"
	for _, c := range []struct {
		name   string
		change func(f *excelize.File) error
		want   filled.Identity
	}{
		{"the line is there", func(*excelize.File) error { return nil }, filled.Identity{
			Database: database, Schema: "2", Run: "run-3", Published: time.Date(2026, 3, 9, 18, 5, 0, 0, time.UTC), Version: "1.0.0",
		}},
		{"the Summary is there", func(f *excelize.File) error { return f.RemoveRow("差异", 1) }, filled.Identity{Database: database}},
		{"nothing is there", func(f *excelize.File) error {
			return errors.Join(f.RemoveRow("差异", 1), f.DeleteSheet("总览"))
		}, filled.Identity{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := changed(t, labels.Chinese, func(f *excelize.File) error {
				var err error
				for _, name := range []string{filled.PropDatabase, filled.PropSchema, filled.PropRun, filled.PropPublished} {
					err = errors.Join(err, f.SetCustomProps(excelize.CustomProperty{Name: name}))
				}
				return errors.Join(err, c.change(f))
			})
			book, err := filled.Read(path)
			if c.want == (filled.Identity{}) {
				if !errors.Is(err, filled.ErrNotWorkbook) {
					t.Errorf("without properties, line and Summary: %v", err)
				}
				return
			}
			if err != nil || book.Identity != c.want || len(book.Rows) != 5 {
				t.Errorf("%+v, %v; want %+v", book, err, c.want)
			}
		})
	}
}
