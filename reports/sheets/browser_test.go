package sheets

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/shelf"
)

// frame shows a page in a frame of a width and tells what a reader would trip over.
// The page itself forbids scripts.
const frame = `<!DOCTYPE html><iframe src="%s" width="%d" height="3000" style="border:0" onload="look()"></iframe><pre id="found"></pre><script>
function look() {
	const win = document.querySelector('iframe').contentWindow, doc = win.document, found = {width: doc.documentElement.scrollWidth, height: 0, shown: 0, bars: 0, wrong: []}
	const color = s => s.match(/[\d.]+/g).map(Number)
	const light = c => c.slice(0, 3).map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0)
	const ground = e => { for (; e; e = e.parentElement) { const c = color(win.getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c } return [255, 255, 255] }
	for (const e of doc.body.querySelectorAll('*')) {
		const style = win.getComputedStyle(e), box = e.getBoundingClientRect()
		if (e.className === 'bar' && box.height > 0 && box.width > 0) found.bars++
		if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || box.height === 0) continue
		found.shown++
		const text = e.textContent.trim().slice(0, 40)
		if (parseFloat(style.fontSize) < 11) found.wrong.push('small: ' + style.fontSize + ' ' + text)
		if (box.right > win.innerWidth + 1 || box.left < -1) found.wrong.push('outside: ' + text)
		if (style.display !== 'inline' && e.scrollWidth > e.clientWidth + 1) found.wrong.push('overflows: ' + text)
		const a = light(color(style.color)), b = light(ground(e)), contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
		if (contrast < 4.5) found.wrong.push('contrast ' + contrast.toFixed(1) + ': ' + text)
	}
	document.getElementById('found').textContent = JSON.stringify(found)
}
</script>`

type seen struct {
	Width, Shown, Bars int
	Wrong              []string
}

// The page in Chromium, of a day and of a crowd, in both languages: at 1280 and at
// 390 pixels nothing is cut off, runs over, is smaller than 11 pixels or too pale to
// read; on paper it is one page of A4 with the first language alone.
func TestPageInABrowser(t *testing.T) {
	slowTest(t)
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("chromium is not installed: nothing shows the page")
	}
	crowded := reportstest.Fixture(t)
	reportstest.Exec(t, crowded, crowd)
	for _, language := range []string{labels.English, labels.Chinese} {
		_, plain := fixtureBook(t, language)
		full, err := Workbook(t.Context(), crowded, Options{Dir: t.TempDir(), Language: language})
		if err != nil {
			t.Fatal(err)
		}
		for name, book := range map[string]string{"a day": plain, "a crowd": full} {
			for _, width := range []int{1280, 390} {
				t.Run(fmt.Sprintf("%s, %s, %d pixels", name, language, width), func(t *testing.T) { checkScreen(t, shelf.PageOf(book), width) })
			}
			t.Run(fmt.Sprintf("%s, %s, on paper", name, language), func(t *testing.T) { checkPaper(t, shelf.PageOf(book), language) })
		}
	}
}

func checkScreen(t *testing.T, page string, width int) {
	file := filepath.Join(t.TempDir(), "frame.html")
	reportstest.Write(t, file, fmt.Sprintf(frame, "file://"+page, width))
	dom := chromium(t, "--allow-file-access-from-files", "--window-size=1400,3100", "--virtual-time-budget=5000", "--dump-dom", "file://"+file)
	m := regexp.MustCompile(`(?s)<pre id="found">(.*?)</pre>`).FindStringSubmatch(dom)
	var s seen
	if m == nil || json.Unmarshal([]byte(html.UnescapeString(m[1])), &s) != nil {
		t.Fatalf("the browser told nothing: %.500s", dom)
	}
	// Two languages with a chart of revenue and one of occupancy each at least.
	if s.Width > width || s.Shown < 200 || s.Bars < 4*20 || len(s.Wrong) > 0 {
		t.Errorf("%d pixels wide, %d texts, %d bars\n%s", s.Width, s.Shown, s.Bars, strings.Join(s.Wrong, "\n"))
	}
}

func checkPaper(t *testing.T, page, language string) {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("pdftotext is not installed: nothing reads the paper")
	}
	pdf := filepath.Join(t.TempDir(), "page.pdf")
	chromium(t, "--no-pdf-header-footer", "--print-to-pdf="+pdf, "file://"+page)
	info, text := run(t, "pdfinfo", pdf), run(t, "pdftotext", pdf, "-")
	if !regexp.MustCompile(`Pages: +1\n`).MatchString(info) || !strings.Contains(info, "(A4)") {
		t.Errorf("on paper:\n%s", info)
	}
	says, not := "Reconciliation", "对账总览"
	if language == labels.Chinese {
		says, not = not, says
	}
	if !strings.Contains(text, says) || strings.Contains(text, not) {
		t.Errorf("the paper says\n%s", text)
	}
}

// chromium runs the browser without a window, with a profile of its own.
func chromium(t *testing.T, args ...string) string {
	t.Helper()
	args = append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage", "--user-data-dir=" + t.TempDir()}, args...)
	out, err := exec.CommandContext(context.WithoutCancel(t.Context()), "chromium", args...).Output()
	if err != nil {
		t.Fatalf("chromium: %v", err)
	}
	return string(out)
}
