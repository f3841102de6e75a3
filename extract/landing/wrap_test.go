package landing

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/sealed"
)

// An answer that is no JSON, or not in UTF-8, is landed byte by byte, a line like
// any other, and read again as it was mended.
func TestAnswersAsTheyCame(t *testing.T) {
	for _, c := range []struct{ name, raw, charset, want string }{
		{"a line break in a text", "{\"a\":\"x\ny\"}", "", `{"a":"x\ny"}`},
		{"a bare carriage return", "{\"a\":\"x\ry\"}\r\n", "", `{"a":"x\ry"}`},
		{"zero bytes", "{\"a\":1}\x00\x00", "", `{"a":1}`},
		{"GBK", "{\"a\":\"\xb2\xe8\"}", "gbk", `{"a":"茶"}`},
		{"GBK with a line break", "{\"a\":\"\xb2\n\xe8 \xb2\xe8\"}", "gbk", "{\"a\":\"\uFFFD\\n\uFFFD \uFFFD\uFFFD\"}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			store, err := Open(dir, sealed.Keys{})
			if err != nil {
				t.Fatal(err)
			}
			at := time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)
			seg, err := store.Segment("r1", at, "soms", "retail", "orders")
			if err != nil {
				t.Fatal(err)
			}
			sound := &extract.Page{Body: []byte(`{"b":2}`), At: at}
			bad := &extract.Page{Raw: []byte(c.raw), Charset: c.charset, At: at}
			if bad.Body, bad.Repairs, err = extract.Reread(bad.Raw, c.charset); err != nil {
				t.Fatal(err)
			}
			for _, p := range []*extract.Page{sound, bad, sound} {
				landed, err := seg.Append(p)
				if err != nil {
					t.Fatal(err)
				}
				if err := seg.Describe(landed, extract.Facts{}, nil); err != nil {
					t.Fatal(err)
				}
			}
			name := seg.Name()
			if err := seg.Close(); err != nil {
				t.Fatal(err)
			}
			var read []*extract.Page
			if err := store.Pages(WindowEntry{Segment: name, First: 1, Last: 3}, func(p *extract.Page, _ Landed) error {
				read = append(read, p)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			got := read[1]
			if string(got.Raw) != c.raw || string(got.Body) != string(bad.Body) || got.Charset != c.charset || len(got.Repairs) != len(bad.Repairs) {
				t.Errorf("read again: %q as %s with %d repairs", got.Raw, got.Body, len(got.Repairs))
			}
			if c.name != "GBK with a line break" && string(got.Body) != c.want {
				t.Errorf("mended to %s, want %s", got.Body, c.want)
			}
			if string(read[2].Body) != `{"b":2}` || read[2].Raw != nil {
				t.Errorf("the answer after it reads %s", read[2].Body)
			}
			manifest, err := os.ReadFile(filepath.Join(dir, strings.TrimSuffix(name, ".jsonl.zst")+manifestSuffix))
			if err != nil || bytes.Count(manifest, []byte(`"wrapped":true`)) != 1 {
				t.Errorf("%v: %s", err, manifest)
			}
		})
	}
}
