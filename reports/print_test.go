package reports

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// LibreOffice opens the workbook in both languages, computes its formulas
// anew and prints it: no check disagrees, and no sheet is wider than a page.
// Set KEEP_PAGES to a folder to look at the pages.
func TestLibreOfficeOpensAndPrintsTheWorkbook(t *testing.T) {
	for _, program := range []string{"soffice", "pdftotext", "pdftoppm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed: the printed pages are not looked at", program)
		}
	}
	if testing.Short() {
		t.Skip("short: LibreOffice takes seconds to start")
	}
	db := fixtureDatabase(t)
	for _, language := range []string{English, Chinese} {
		dir := t.TempDir()
		if keep := os.Getenv("KEEP_PAGES"); keep != "" {
			dir = filepath.Join(keep, language)
		}
		_, path := makeWorkbook(t, db, WorkbookOptions{Dir: dir, Language: language})
		run(t, "soffice", "-env:UserInstallation=file://"+t.TempDir(), "--headless", "--convert-to", "pdf", "--outdir", dir, path)
		pdf := strings.TrimSuffix(path, ".xlsx") + ".pdf"
		text := run(t, "pdftotext", "-layout", pdf, "-")
		for _, want := range map[string][]string{
			English: {"Reconciliation", "Incomplete: 3 of 6 accounts complete", "3,958.3888", "Page 1 of 6", "-3,600.00", "2026-03-09"},
			Chinese: {"对账总览", "数据不完整", "3,958.3888", "第 1 页 共 6 页", "拒收", "差异"},
		}[language] {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the pages do not say %q", language, want)
			}
		}
		for _, bad := range []string{"#REF!", "#NAME?", "#VALUE!", "Err:", "###"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: the pages show %s", language, bad)
			}
		}
		if os.Getenv("KEEP_PAGES") != "" {
			run(t, "pdftoppm", "-r", "110", "-png", pdf, filepath.Join(dir, "page"))
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
