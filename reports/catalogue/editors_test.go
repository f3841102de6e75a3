package catalogue_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/catalogue"
)

// A report of one's own may be saved by any editor as UTF-8; another encoding
// is told with what to do.
func TestExtraReportsSavedByEditors(t *testing.T) {
	const report = "-- name: mine\r\n-- title.en: Mine\r\n-- title.zh: 我的\r\nSELECT 1 AS one\r\n"
	for _, c := range []struct{ name, file, want string }{
		{"Notepad, UTF-8", "\xef\xbb\xbf" + report, ""},
		{"an old Mac", strings.ReplaceAll(report, "\r\n", "\r"), ""},
		{"Notepad, Unicode", "\xff\xfe-\x00-\x00", "mine.sql is UTF-16 (“Unicode”): save it as UTF-8"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "mine.sql"), []byte(c.file), 0o600); err != nil {
			t.Fatal(err)
		}
		all, err := catalogue.Load(dir)
		switch {
		case c.want != "":
			if err == nil || !strings.HasSuffix(err.Error(), c.want) {
				t.Errorf("%s: %v, want %s", c.name, err, c.want)
			}
		case err != nil || !slices.ContainsFunc(all, func(r catalogue.Report) bool { return r.SQL == "SELECT 1 AS one" }):
			t.Errorf("%s: the report is not there: %v", c.name, err)
		}
	}
}
