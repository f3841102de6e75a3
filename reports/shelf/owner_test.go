package shelf_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/reports/shelf"
)

// A folder is another database's where only its workbooks lie there, in their
// places and as they were made.
func TestOwner(t *testing.T) {
	for name, c := range map[string]struct {
		books map[string]string // database by name
		saved string
		want  string
	}{
		"nothing":                  {},
		"our own":                  {books: map[string]string{"reconciliation_2025-05-31.xlsx": "ours"}},
		"another's":                {books: map[string]string{"reconciliation_2025-05-31.xlsx": "theirs"}, want: "theirs"},
		"of a range":               {books: map[string]string{"reconciliation_2025-05-01_2025-05-31.xlsx": "theirs"}, want: "theirs"},
		"both":                     {books: map[string]string{"reconciliation_2025-05-31.xlsx": "theirs", "reconciliation_2025-05-30.xlsx": "ours"}},
		"beside, by a time":        {books: map[string]string{"reconciliation_2025-05-31.20250601T010203.xlsx": "theirs"}},
		"a name of somebody's own": {books: map[string]string{"reconciliation_copy.xlsx": "theirs"}},
		"one that says none":       {books: map[string]string{"reconciliation_2025-05-31.xlsx": ""}},
		"saved by somebody":        {books: map[string]string{"reconciliation_2025-05-31.xlsx": "theirs"}, saved: "reconciliation_2025-05-31.xlsx"},
	} {
		dir := t.TempDir()
		for file, database := range c.books {
			made := makeOf(t, dir, file, database)
			if file == c.saved {
				save(t, made, "looked at")
			}
		}
		if got, err := shelf.Owner(dir, "ours"); got != c.want || err != nil {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c.want)
		}
	}
}

// A workbook of another database that gives way is kept, and said.
func TestStrangerIsKept(t *testing.T) {
	dir := t.TempDir()
	theirs := makeOf(t, dir, "reconciliation_2025-05-31.xlsx", "theirs")
	content, err := os.ReadFile(theirs)
	if err != nil {
		t.Fatal(err)
	}
	made := makeOf(t, filepath.Join(dir, "private"), "new.xlsx", "ours")
	var said string
	path, err := shelf.Put(made, theirs, shelf.Options{At: time.Date(2025, 6, 1, 1, 2, 3, 0, time.UTC), Database: "ours", Notice: func(n string) { said = n }})
	if err != nil || path != theirs {
		t.Fatal(path, err)
	}
	kept, err := os.ReadFile(filepath.Join(dir, "previous", "reconciliation_2025-05-31.20250601T010203.xlsx"))
	if err != nil || string(kept) != string(content) || !strings.Contains(said, "of another database: it is kept as") {
		t.Errorf("kept %d bytes, %v; said %q", len(kept), err, said)
	}
}
