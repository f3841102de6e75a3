package page_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/page"
)

// hostile tries to leave a text, an attribute, a style and a script, and to lead
// elsewhere.
const hostile = `</style></script><script>alert(1)</script>"'><img src=x onerror=alert(1)> {{.}} javascript:alert(1) &amp; 100%;color:red`

// fillWith puts a text wherever a page takes one.
func fillWith(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Struct:
		for i := range v.NumField() {
			fillWith(v.Field(i), text)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillWith(v.Index(0), text)
	case reflect.Int:
		v.SetInt(50)
	case reflect.Bool:
		v.SetBool(true)
	}
}

func written(t *testing.T, p *page.Page) string {
	t.Helper()
	var out bytes.Buffer
	if err := page.Write(&out, p); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Whatever stands in any text of a page, its elements and their attributes are the
// ones of a page of harmless texts.
func TestNoTextIsMarkup(t *testing.T) {
	elements, values := regexp.MustCompile(`<[^>]*>`), regexp.MustCompile(`="[^"]*"`)
	structure := func(text string) string {
		p := page.Page{}
		fillWith(reflect.ValueOf(&p).Elem(), text)
		other := p.Texts[0]
		p.Texts[0].Other = &other
		html := written(t, &p)
		_, body, _ := strings.Cut(html, "<body")
		return values.ReplaceAllString(strings.Join(elements.FindAllString(body, -1), ""), "")
	}
	want, got := structure("plain"), structure(hostile)
	if got != want {
		t.Errorf("the page is\n%s\nand was\n%s", got, want)
	}
	if strings.Count(want, "<table") < 8 {
		t.Errorf("the page has not all its parts: %s", want)
	}
}

// What is not there leaves no empty part behind, and an unknown figure is a dash.
func TestEmptyParts(t *testing.T) {
	p := page.Page{Texts: []page.Text{{
		Language: "en", State: page.Good, Compared: page.Table{Title: "Compared", None: "No revenue."},
		UnderWay: page.Table{Title: "On its way", Rows: []page.Row{{Name: "Stay", Cells: []page.Cell{{}, {Figure: page.Figure{Text: "-1.00", Cell: "Summary!A1"}}}}}},
		Breaks:   page.Breaks{Title: "Open: %s", Count: page.Figure{Text: "0"}, None: "No breaks."},
	}}}
	html := written(t, &p)
	for _, want := range []string{"No revenue.", "No breaks.", "Open: <span>0</span>", "<span>–</span>", `<span data-cell="Summary!A1" class="negative">-1.00</span>`, `bgcolor="#E2F0D9"`} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, never := range []string{`class="bars"`, `class="ages"`, `class="troubles"`, `class="side hotels"`} {
		if strings.Contains(html, never) {
			t.Errorf("the page has an empty %s", never)
		}
	}
}

// A page is told from a workbook that somebody saved as a web page.
func TestIsOne(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		text string
		is   bool
	}{
		"ours.html":  {written(t, &page.Page{Texts: []page.Text{{}}}), true},
		"excel.html": {`<html xmlns:x="urn:schemas-microsoft-com:office:excel"><meta name=Generator content="Microsoft Excel 15"><table>nightaudit</table>`, false},
		"empty.html": {"", false},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if page.IsOne(path) != c.is {
			t.Errorf("%s: %v", name, !c.is)
		}
	}
	if page.IsOne(filepath.Join(dir, "none.html")) || page.IsOne(dir) {
		t.Error("what is not there, or a folder, is a page")
	}
}
