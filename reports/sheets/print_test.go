package sheets

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
		labels.English: {{"What does not add up", "90+"}, {"The last 14 days", "not pulled"}, {"Does the detail tie", "Memo"}, {"In this workbook", "Every order"}, {"The run behind", "Doubtful values"}},
		labels.Chinese: {{"差异情况", "90+"}, {"近十四日", "未拉取"}, {"明细与数据库核对", "备查"}, {"本工作簿内容", "全部订单"}, {"所依据的运行", "存疑值"}},
	}
	for language, wanted := range map[string][]string{
		labels.English: {"Reconciliation", "Incomplete: 3 of 6 accounts complete", "3,958.3888", "-3,600.00", "2026-03-09", "Settlement", "-39.3888", "over 90 days", "Key without stay", "No shop order"},
		labels.Chinese: {"对账总览", "数据不完整", "3,958.3888", "拒收", "差异", "平台结算", "收款方式", "90天以上", "有门禁无住宿", "无店铺订单", "追溯调整"},
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
		// Eleven sheets of a page or two; where a row breaks depends on the fonts
		// of the machine. A sheet wider than its page would print twice as many.
		pages := strings.Count(text, "\f")
		if pages < 11 || pages > 16 {
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
