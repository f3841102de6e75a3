package sheets

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
)

// LibreOffice opens the workbook in both languages, computes its formulas
// anew and prints it: no check disagrees, and no sheet is wider than a page.
// Set KEEP_PAGES to a folder to look at the pages.
func TestLibreOfficeOpensAndPrintsTheWorkbook(t *testing.T) {
	slowTest(t)
	for _, program := range []string{"soffice", "pdftotext"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed: the printed pages are not looked at", program)
		}
	}
	dir := t.TempDir()
	if keep := os.Getenv("KEEP_PAGES"); keep != "" {
		dir = keep
	}
	db := reportstest.Shared(t)
	args := []string{"-env:UserInstallation=file://" + t.TempDir(), "--headless", "--convert-to", "pdf", "--outdir", dir}
	for _, language := range []string{labels.English, labels.Chinese} {
		_, path := makeWorkbook(t, db, Options{Language: language})
		book := filepath.Join(dir, language+".xlsx")
		if err := os.Rename(path, book); err != nil {
			t.Fatal(err)
		}
		args = append(args, book)
	}
	run(t, "soffice", args...)
	type part struct{ heading, last string }
	parts := map[string][]part{
		labels.English: {{"What does not add up", "over 90 days"}, {"The last 14 days", "not pulled"}, {"Does the detail tie", "Memo"}, {"In this workbook", "Every order"}, {"The run behind", "Doubtful values"}},
		labels.Chinese: {{"差异情况", "90天以上"}, {"近十四日", "未拉取"}, {"明细与数据库核对", "备查"}, {"本工作簿内容", "全部订单"}, {"所依据的运行", "存疑值"}},
	}
	for language, wanted := range map[string][]string{
		labels.English: {"Reconciliation", "Incomplete: 3 of 6 accounts complete", "3,899.8888", "-3,600.00", "2026-03-09", "Settlement", "-39.3888", "over 90 days", "Key without stay", "No shop order"},
		labels.Chinese: {"对账总览", "数据不完整", "3,899.8888", "拒收", "差异", "平台结算", "收款方式", "90天以上", "有门禁无住宿", "无店铺订单", "追溯调整"},
	} {
		pdf := filepath.Join(dir, language+".pdf")
		text := run(t, "pdftotext", "-layout", pdf, "-")
		for _, want := range wanted {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the pages do not say %q", language, want)
			}
		}
		for _, bad := range []string{"#REF!", "#NAME?", "#VALUE!", "Err:", "###"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: the pages show %s", language, bad)
			}
		}
		// No part of the summary is torn from its heading.
		for _, part := range parts[language] {
			whole := false
			for page := range strings.SplitSeq(text, "\f") {
				_, behind, ok := strings.Cut(page, part.heading)
				whole = whole || ok && strings.Contains(behind, part.last)
			}
			if !whole {
				t.Errorf("%s: %q and %q stand on different pages", language, part.heading, part.last)
			}
		}
		// Another font in the place of the workbook's own is wider or narrower.
		fonts := run(t, "pdffonts", pdf)
		ownFont := strings.Contains(fonts, "Carlito") || strings.Contains(fonts, "Calibri")
		for page, points := range smallest(t, pdf) {
			if points < 7 && ownFont {
				t.Errorf("%s, page %d: letters of %.2f points", language, page+1, points)
			}
		}
		// Twelve sheets of a page or two; where a row breaks depends on the fonts
		// of the machine. A sheet wider than its page would print twice as many.
		pages := strings.Count(text, "\f")
		if pages < 12 || pages > 20 {
			t.Errorf("%s: %d pages", language, pages)
		}
		if first := fmt.Sprintf("Page 1 of %d", pages); language == labels.English && !strings.Contains(text, first) {
			t.Errorf("%s: the pages do not say %q", language, first)
		}
		if os.Getenv("KEEP_PAGES") != "" {
			run(t, "pdftoppm", "-r", "110", "-png", pdf, filepath.Join(dir, language))
		}
	}
}

func run(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	return string(out)
}

// smallest is the size of the smallest letters on each page of a PDF, in points:
// its content streams say "/F1 7.1 Tf".
func smallest(t *testing.T, pdf string) (sizes []float64) {
	t.Helper()
	data, err := os.ReadFile(pdf)
	if err != nil {
		t.Fatal(err)
	}
	font := regexp.MustCompile(`/F\d+ ([\d.]+) Tf`)
	for part := range bytes.SplitSeq(data, []byte("stream\n")) {
		z, err := zlib.NewReader(bytes.NewReader(part))
		if err != nil {
			continue // no compressed stream
		}
		content, _ := io.ReadAll(z) // what follows the stream is not part of it
		least := 0.0
		for _, found := range font.FindAllSubmatch(content, -1) {
			if size, err := strconv.ParseFloat(string(found[1]), 64); err == nil && (least == 0 || size < least) {
				least = size
			}
		}
		if least > 0 {
			sizes = append(sizes, least)
		}
	}
	if len(sizes) == 0 {
		t.Errorf("%s: no letters found", pdf)
	}
	return sizes
}
