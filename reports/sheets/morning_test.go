package sheets

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/shelf"
)

// crowd is more than a page has room for, on top of the fixture: twelve shops, two
// each of six currencies, with an order on each of 31 dates; three hotels more, with
// a guest on each; six accounts that failed, and forty open breaks, most of them
// warnings and the last eight of them errors. Names and sentences are hostile.
const crowd = `
	INSERT INTO audit.accounts (source, account, timezone, business_day_start, currency, memo_only, is_configured, run_id)
	SELECT 'soms', 'shop-' || n, 'Asia/Shanghai', '00:00', ['CNY', 'EUR', 'USD', 'JPY', 'HKD', 'GBP'][1 + n % 6], false, true, 'run-1' FROM range(12) t(n)
	UNION ALL SELECT 'starhotel', 'inn-' || n, 'Asia/Shanghai', '00:00', 'CNY', false, true, 'run-1' FROM range(3) t(n);
	INSERT INTO audit.extracts (run_id, source, account, stream, window_end, state, advances_cursor, covers, fetched, message)
	SELECT 'run-3', 'soms', 'shop-' || n, 'orders', '2026-03-09 18:00:00+00', CASE WHEN n < 6 THEN 'failed' ELSE 'complete' END, true, true, 1,
		CASE WHEN n < 6 THEN 'the vendor does not answer <b>at all</b>, and this is said at some length so that it takes more than a line of print on the paper' END
	FROM range(12) t(n);
	INSERT INTO main.orders (source, account, order_id, kind, flow, channel, store_id, store_name, status, payment_status, refund_status, currency, gross_amount, net_amount, paid_amount, created_at, booked_date, business_date)
	SELECT 'soms', 'shop-' || n, 'N' || n || '-' || d, 'retail', 'revenue', 'meituan', '1', '<script>alert(1)</script>', 'completed', 'paid', 'none',
		['CNY', 'EUR', 'USD', 'JPY', 'HKD', 'GBP'][1 + n % 6], 1234567.89 + n, 1234567.89 + n * d, 1234567.89, '2026-03-09 05:00:00+00', '2026-03-09'::DATE - d::INTEGER, '2026-03-09'::DATE - d::INTEGER
	FROM range(12) t(n), range(31) u(d);
	INSERT INTO main.orders (source, account, order_id, kind, flow, status, payment_status, currency, net_amount, paid_amount, created_at, booked_date, business_date)
	SELECT 'starhotel', 'inn-' || n, 'K' || n || '-' || s, 'stay', 'revenue', ['pending', 'confirmed', 'in_progress'][1 + s], 'paid', 'CNY', 4000, 4000, '2026-02-01 03:00:00+00', '2026-02-01', '2026-02-08'
	FROM range(3) t(n), range(3) u(s);
	INSERT INTO main.stays (source, account, order_id, stay_id, room_no, status, arrival_date, departure_date, room_amount, total_amount, currency)
	SELECT 'starhotel', 'inn-' || n, 'K' || n || '-' || s, 's' || s, s::VARCHAR, 'in_progress', '2026-02-08', '2026-03-12', 4000, 4000, 'CNY' FROM range(3) t(n), range(3) u(s);
	INSERT INTO recon.breaks (break_id, rule, severity, source, account, order_id, business_date, expected, actual, difference, currency, reason, explanation_en, explanation_zh, first_seen, last_seen, status)
	SELECT 'c' || n, 'cashier', CASE WHEN n < 32 THEN 'warning' ELSE 'error' END, 'soms', 'shop-' || n % 12, 'N' || n % 12 || '-0', '2026-03-09', 0, 1234567.89, 1234567.89, 'CNY', 'amount',
		'<script>alert(' || n || ')</script>: ' || repeat('the sentence of a break that goes on and on, ', 8), '<script>alert(' || n || ')</script>：' || repeat('一个没完没了的差异说明，', 16),
		'2026-03-09 18:00:00+00', '2026-03-09 18:00:00+00', 'open'
	FROM range(40) t(n);
	INSERT INTO audit.names (kind, source, code, name) VALUES
		('account', 'soms', 'shop-0', '"><img src=x onerror=alert(1)>'), ('account', 'starhotel', 'inn', '云栖酒店 & Söhne');`

// What every page promises: figures that are those of the workbook, the same in
// both languages, and nothing that comes from elsewhere or that runs.
func checkPage(t *testing.T, book string) string {
	t.Helper()
	path := shelf.PageOf(book)
	compared := reportstest.ComparePage(t, path, book)
	if len(compared) < 4 {
		t.Errorf("figures of %v only", compared)
	}
	figures := reportstest.PageFigures(t, path)
	for i := range figures[:len(figures)/2] {
		if other := figures[len(figures)/2+i]; figures[i] != other {
			t.Errorf("one language says %v, the other %v", figures[i], other)
		}
	}
	text := reportstest.Read(t, path)
	if len(text) > 200_000 {
		t.Errorf("%d bytes", len(text))
	}
	if runs := foreign.FindString(text); runs != "" {
		t.Errorf("the page holds %s", runs)
	}
	return text
}

// foreign is what would run, or ask for something elsewhere: elements that do, and
// attributes of any element.
var foreign = regexp.MustCompile(`(?i)<(script|img|link|iframe|object|embed|svg|form|base)\b|<[^>]*[\s"'](src|on\w+|srcset|data|background)\s*=|<[^>]*\shref="[^#]|url\(|@import`)

// pageText is what a page says in one language, an element of a table a word
// between bars.
func pageText(page, language string) string {
	_, page, _ = strings.Cut(page, `id="`+language+`"`)
	page, _, _ = strings.Cut(page, `<div class="text`)
	_, page, _ = strings.Cut(page, ">")
	for _, r := range []struct{ pattern, by string }{
		{`<table class="bars"[^>]*aria-label="([^"]*)".*?title="([^"]*)">.*?</table></td>\s*</tr></table>`, "[$1; first $2]\n"},
		{`</td>\s*<t|</th>\s*<t`, " | <t"},
		{`<br>`, " / "},
		{`</tr>|</h\d>|</p>|</li>`, "\n"},
		{`<[^>]*>`, ""},
		{`[ \t]*\n\s*`, "\n"},
	} {
		page = regexp.MustCompile(`(?s)`+r.pattern).ReplaceAllString(page, r.by)
	}
	return html.UnescapeString(strings.TrimSpace(page)) + "\n"
}

// The page of the fixture in words, and in each language of the book the figures
// of its cells.
func TestPage(t *testing.T) {
	_, book := fixtureBook(t, labels.English)
	text := checkPage(t, book)
	compareGolden(t, "page.golden", pageText(text, "en"))
	_, book = fixtureBook(t, labels.Chinese)
	if chinese := checkPage(t, book); !strings.HasPrefix(chinese, "<!DOCTYPE html>\n<html lang=\"zh-CN\">") || strings.Index(chinese, `id="zh-CN"`) > strings.Index(chinese, `id="en"`) {
		t.Error("the Chinese book's page does not begin in Chinese")
	}
}

// What is shown is what matters most, and what is not is counted: of 42 open breaks
// the errors, of each currency the account that earned the most, of four hotels those
// with three guests.
func TestPageOfACrowd(t *testing.T) {
	db := reportstest.Fixture(t)
	reportstest.Exec(t, db, crowd)
	book, err := Workbook(t.Context(), db, Options{Dir: t.TempDir(), Language: labels.English})
	if err != nil {
		t.Fatal(err)
	}
	text := pageText(checkPage(t, book), "en")
	for _, want := range []string{
		"Open breaks: 43", "2 more currencies in the workbook", "more accounts in the workbook", "2 more hotels in the workbook",
		`"><img src=x onerror=alert(1)>`, "云栖酒店 & Söhne", "<script>alert(3", "<script>alert(1)</script>",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	_, breaks, _ := strings.Cut(text, "Open breaks")
	if strings.Contains(breaks, "\nWarning") || strings.Count(breaks, "\nError") < leastShown {
		t.Errorf("the breaks shown are not the worst:\n%s", breaks)
	}
	if t.Failed() {
		t.Log(text)
	}
}

// A database without orders, a range of one month, and of a date that nothing has read.
func TestPageOfLittle(t *testing.T) {
	db := reportstest.Empty(t)
	reportstest.Exec(t, db, termsRows)
	for _, o := range []Options{
		{Language: labels.English, From: reportstest.Date(2026, 3, 8), To: reportstest.Date(2026, 3, 9)},
		{Language: labels.Chinese, From: reportstest.Date(2026, 1, 1), To: reportstest.Date(2026, 1, 1)},
	} {
		o.Dir = t.TempDir()
		book, err := Workbook(t.Context(), db, o)
		if err != nil {
			t.Fatal(err)
		}
		reportstest.ComparePage(t, shelf.PageOf(book), book)
	}
}
