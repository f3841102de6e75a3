package filled_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/filled"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
)

// What people do to the sheet beside filling it in. The breaks stand as in
// TestReadFilled: rows 4 to 8 are w1, e3, e2, i1, e1.
func TestReadFilledByHands(t *testing.T) {
	copied := func(f *excelize.File, from, to string) error {
		source, err := f.GetSheetIndex(from)
		if err != nil {
			return err
		}
		target, err := f.NewSheet(to)
		return errors.Join(err, f.CopySheet(source, target))
	}
	const asMade = "w1 open – –; e3 accepted Chen Jing =cmd|'/c calc'!A0; e2 explained Li Wei weighed goods; i1 open – –; e1 open – –"
	for _, c := range []struct {
		name, language   string
		change           func(f *excelize.File) error
		rows             string // break, status, owner, comment
		refused, remarks string
	}{
		{"the sheet copied, and the copy filled in", labels.Chinese, func(f *excelize.File) error {
			return errors.Join(copied(f, "差异", "差异 副本"), f.SetCellStr("差异 副本", "M4", "少收"))
		}, asMade + "; w1 open – 少收" + strings.TrimPrefix(asMade, "w1 open – –"), "", ""},
		{"some columns copied into a sheet of one's own", labels.English, func(f *excelize.File) error {
			_, err := f.NewSheet("Mine")
			id, read := f.GetCellValue("Breaks", "Z5")
			return errors.Join(err, read, f.SetSheetRow("Mine", "A1", &[]string{"Break ID", "Comment"}), f.SetSheetRow("Mine", "A2", &[]string{id, "seen"}))
		}, asMade + "; e3 none none seen", "", ""},
		{"a copy without its headings", labels.English, func(f *excelize.File) error {
			return errors.Join(copied(f, "Breaks", "Breaks (2)"), f.RemoveRow("Breaks (2)", 3))
		}, asMade, "Breaks (2) 0: the row of headings is gone, and nothing is read from this sheet: keep the row as it came", ""},
		{"a comment merged over three rows", labels.English, func(f *excelize.File) error {
			return errors.Join(f.SetCellStr("Breaks", "M6", "one batch"), f.MergeCell("Breaks", "M6", "M8"))
		}, "w1 open – –; e3 accepted Chen Jing =cmd|'/c calc'!A0; e2 explained Li Wei one batch; i1 open – one batch; e1 open – one batch", "", ""},
		{"all three merged over rows", labels.English, func(f *excelize.File) error {
			return errors.Join(f.SetSheetRow("Breaks", "K7", &[]string{"Accepted", "Wang", "one batch"}),
				f.MergeCell("Breaks", "K7", "K8"), f.MergeCell("Breaks", "L7", "L8"), f.MergeCell("Breaks", "M7", "M8"))
		}, "w1 open – –; e3 accepted Chen Jing =cmd|'/c calc'!A0; e2 explained Li Wei weighed goods; i1 accepted Wang one batch; e1 accepted Wang one batch", "", ""},
		{"owner and comment merged to one cell: the comment says nothing", labels.English, func(f *excelize.File) error {
			return f.MergeCell("Breaks", "L6", "M6")
		}, "w1 open – –; e3 accepted Chen Jing =cmd|'/c calc'!A0; e2 explained Li Wei none; i1 open – –; e1 open – –", "", ""},
		{"the heading of the comments renamed", labels.Chinese, func(f *excelize.File) error {
			return errors.Join(f.SetCellStr("差异", "M3", "财务意见"), f.SetCellStr("差异", "M4", "少收"))
		}, "w1 open – 少收" + strings.TrimPrefix(asMade, "w1 open – –"), "", `差异 3: column M, headed "财务意见", is taken as 备注, for it stands in its place`},
		{"the heading of the ids renamed", labels.English, func(f *excelize.File) error {
			return f.SetCellStr("Breaks", "Z3", "Key")
		}, asMade, "", `Breaks 3: column Z, headed "Key", is taken as Break ID, for it stands in its place`},
		{
			"two headings renamed, and written below", labels.English, func(f *excelize.File) error {
				return errors.Join(f.SetSheetRow("Breaks", "L3", &[]string{"Who", "Why"}), f.SetCellStr("Breaks", "L4", "Wang"))
			}, "w1 open none none; e3 accepted none none; e2 explained none none; i1 open none none; e1 open none none",
			`Breaks 3: no column is headed Owner, and nothing is read from it: if it is L "Who" / M "Why", give it that heading again` + "\n" +
				`Breaks 3: no column is headed Comment, and nothing is read from it: if it is L "Who" / M "Why", give it that heading again`, "",
		},
		{
			"the column of ids deleted", labels.English, func(f *excelize.File) error { return f.RemoveCol("Breaks", "Z") },
			"", "Breaks 3: no column is headed Break ID, and nothing is read from it", "",
		},
		{"a column of one's own, and one deleted whose cells were empty", labels.English, func(f *excelize.File) error {
			return errors.Join(f.InsertCols("Breaks", "A", 1), f.SetCellStr("Breaks", "A3", "my notes"), f.RemoveCol("Breaks", "M"))
		}, "w1 open none –; e3 accepted none =cmd|'/c calc'!A0; e2 explained none weighed goods; i1 open none –; e1 open none –", "", ""},
		{"an id that was taken out of a row with a comment", labels.English, func(f *excelize.File) error {
			return f.SetCellStr("Breaks", "Z6", "")
		}, "w1 open – –; e3 accepted Chen Jing =cmd|'/c calc'!A0; i1 open – –; e1 open – –", "Breaks 6: the row has no id of a break: write into a row that has one", ""},
		{"a remark below the table", labels.English, func(f *excelize.File) error { return f.SetCellStr("Breaks", "M12", "checked by Wang") }, asMade, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			book, err := filled.Read(changed(t, c.language, c.change))
			if err != nil {
				t.Fatal(err)
			}
			var rows []string
			for _, r := range book.Rows {
				rows = append(rows, fmt.Sprintf("%s %s %s %s", r.BreakID[:2], orDash(r.Status), orDash(r.Owner), orDash(r.Comment)))
			}
			if got := strings.Join(rows, "; "); got != c.rows {
				t.Errorf("rows\n%s\nwant\n%s", got, c.rows)
			}
			if got := told(book.Refused); got != c.refused {
				t.Errorf("refused\n%s\nwant\n%s", got, c.refused)
			}
			if got := told(book.Remarks); got != c.remarks {
				t.Errorf("remarks\n%s\nwant\n%s", got, c.remarks)
			}
			if book.Language != c.language {
				t.Errorf("its language is %q", book.Language)
			}
		})
	}
}

func told(list []filled.Refusal) string {
	var lines []string
	for _, r := range list {
		lines = append(lines, fmt.Sprintf("%s %d: %s", r.Sheet, r.Row, r.Text))
	}
	return strings.Join(lines, "\n")
}

// What a row says of its break beside the id is read as it is stored, not as its
// format shows it.
func TestReadWhatTheRowSays(t *testing.T) {
	book, err := filled.Read(changed(t, labels.English, func(f *excelize.File) error {
		general, err := f.NewStyle(&excelize.Style{NumFmt: 1}) // no decimals
		return errors.Join(err, f.SetCellStyle("Breaks", "G4", "I8", general))
	}))
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenFile(madeWorkbook(t, labels.English))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i, r := range book.Rows {
		for column, got := range map[string]*string{"B": r.Title, "C": r.Order, "G": r.Expected, "H": r.Actual, "Y": r.Rule} {
			want, err := f.GetCellValue("Breaks", fmt.Sprintf("%s%d", column, i+4), excelize.Options{RawCellValue: true})
			if err != nil || got == nil || *got != want {
				t.Errorf("%s%d: %v, want %q, %v", column, i+4, got, want, err)
			}
		}
	}
}

// The order of the columns, by which one is found whose heading was renamed, is
// that of the sheet as it is made.
func TestColumnsStandAsTheyAreMade(t *testing.T) {
	names := []string{
		"Severity", "Check", "Order", "Business date", "Age, days", "Currency", "Expected", "Actual", "Difference", "Explanation",
		"Status", "Owner", "Comment", "Section", "Flow", "Source", "Account", "Store", "Channel", "Reason", "Known for, days", "First seen",
		"Line", "Counterpart", "Rule", "Break ID", "Mark",
	}
	f, err := excelize.OpenFile(madeWorkbook(t, labels.English))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Breaks")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rows[2], names) {
		t.Fatalf("the headings are %q", rows[2])
	}
	for _, i := range []int{1, 2, 10, 12, 24, 25} {
		column, _ := excelize.ColumnNumberToName(i + 1)
		book, err := filled.Read(changed(t, labels.English, func(f *excelize.File) error { return f.SetCellStr("Breaks", column+"3", "renamed") }))
		if err != nil || len(book.Rows) != 5 || book.Rows[0].Rule == nil || book.Rows[0].Order == nil || book.Rows[0].Comment == nil || len(book.Refused) > 0 {
			t.Errorf("%s renamed: %+v, %v", names[i], book, err)
		}
	}
}

// A workbook in another kind of file is told as that, whatever its name says.
// The first bytes are those of the kinds; the files beside are real ones in the
// pipeline's tests.
func TestReadOtherKinds(t *testing.T) {
	archive := func(names ...string) string {
		var file bytes.Buffer
		z := zip.NewWriter(&file)
		for _, name := range names {
			if _, err := z.Create(name); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return file.String()
	}
	const ole = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
	wide := strings.Join(strings.Split("EncryptedPackage", ""), "\x00") + "\x00"
	const text = "it is a text (.csv): save it as .xlsx (Excel workbook)"
	for _, c := range []struct{ name, file, content, want string }{
		{"Excel 97", "a.xls", ole + strings.Repeat("\x00", 2000), "it is an older workbook (.xls): save it as .xlsx (Excel workbook)"},
		{"Excel 97 under another name", "a.xlsx", ole + strings.Repeat("\x00", 2000), "it is an older workbook (.xls): save it as .xlsx (Excel workbook)"},
		{"a password", "a.xlsx", ole + strings.Repeat("\x00", 1<<20-9) + wide, "it is protected by a password: save it without one"},
		{"LibreOffice", "a.ods", archive("mimetype", "content.xml"), "it is an OpenDocument file (.ods): save it as .xlsx (Excel workbook)"},
		{"Excel, binary", "a.xlsb", archive("[Content_Types].xml", "xl/workbook.bin"), "it is a binary workbook (.xlsb): save it as .xlsx (Excel workbook)"},
		{"Numbers", "a.numbers", archive("Index/Document.iwa"), "it is a workbook of Numbers: save it as .xlsx (Excel workbook)"},
		{"a page of a web site", "a.xls", "\xef\xbb\xbf<html><table></table></html>", "it is a web page or XML: save it as .xlsx (Excel workbook)"},
		{"a text by its name", "a.csv", "级别,核对项\r\n", text},
		{"a text in GBK, by what it holds", "a.xlsx", "\xb2\xee\xd2\xec,nightaudit_database=6f1d6a52\r\n", text},
		{"a text of something else", "nightaudit.yaml", "version: 1\n", "not a workbook of nightaudit: it cannot be opened as an .xlsx: zip: not a valid zip file"},
	} {
		path := filepath.Join(t.TempDir(), c.file)
		reportstest.Write(t, path, c.content)
		_, err := filled.Read(path)
		if want := "read the workbook " + path + ": " + c.want; err == nil || err.Error() != want || !errors.Is(err, filled.ErrNotWorkbook) {
			t.Errorf("%s: %v, want %s", c.name, err, want)
		}
	}
}

// Strict Open XML, as Excel saves it on request, has its own namespaces and is
// read like any other.
func TestReadStrict(t *testing.T) {
	path := changed(t, labels.Chinese, func(f *excelize.File) error { return f.SetCellStr("差异", "M4", "少收") })
	book, err := filled.Read(strict(t, path))
	if err != nil {
		t.Fatal(err)
	}
	if book.Database != "6f1d6a52-7d1f-4a4e-9a55-0d2b6a3f0c11" || len(book.Rows) != 5 || *book.Rows[0].Comment != "少收" || book.Rows[0].Mark == "" {
		t.Errorf("read as %+v", book)
	}
}

// strict writes a workbook anew in the namespaces of ISO/IEC 29500 Strict.
func strict(t *testing.T, path string) string {
	t.Helper()
	in, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	target := filepath.Join(t.TempDir(), "strict.xlsx")
	file, err := os.Create(filepath.Clean(target))
	if err != nil {
		t.Fatal(err)
	}
	out := zip.NewWriter(file)
	namespaces := strings.NewReplacer(
		"http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main",
		"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties", "http://purl.oclc.org/ooxml/officeDocument/customProperties",
		"http://schemas.openxmlformats.org/officeDocument/2006/", "http://purl.oclc.org/ooxml/officeDocument/",
		"http://schemas.openxmlformats.org/drawingml/2006/", "http://purl.oclc.org/ooxml/drawingml/",
		"<workbook ", `<workbook conformance="strict" `,
	)
	for _, part := range in.File {
		var text bytes.Buffer
		r, err := part.Open()
		if err == nil {
			_, err = text.ReadFrom(r)
		}
		if err != nil {
			t.Fatal(err)
		}
		w, err := out.Create(part.Name)
		if err == nil {
			_, err = w.Write([]byte(namespaces.Replace(text.String())))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(out.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	return target
}
