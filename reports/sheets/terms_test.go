package sheets

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// The orders of 8 and 9 March, by hand. CNY: 100.00 and 250.50 are live; 900.00
// is canceled and 400.00 closed with money kept, 70.00 has a refund. EUR: 20.00
// is live, 5.00 canceled. 1,000.00 is gone at the vendor, 7,000.00 has no date,
// 55.00 is of the 10th; what a courier cost and a memo are no revenue. Of the
// breaks two errors of revenue are open, in either currency, one of a cost is
// explained, one is accepted; one of the 7th is carried forward and one of the
// 10th is in a later book; a count of records has no date.
const termsRows = `
	INSERT INTO audit.meta (database_id, created_at, schema_version, timezone, published_at) VALUES ('d', '2026-03-01 00:00:00Z', 2, 'Asia/Shanghai', '2026-03-09 18:00:00Z');
	INSERT INTO audit.runs (run_id, started_at, outcome, exit_code) VALUES ('r', '2026-03-09 18:00:00Z', 'complete', 0);
	INSERT INTO audit.accounts (source, account, timezone, business_day_start, memo_only, is_configured) VALUES
		('soms', 'retail', 'Asia/Shanghai', '00:00', false, true), ('starhotel', 'inn', 'Asia/Shanghai', '00:00', false, true);
	INSERT INTO main.orders (source, account, order_id, kind, flow, status, refund_status, payment_status, currency, gross_amount, net_amount, paid_amount, business_date, deleted_at) VALUES
		('soms', 'retail', 'live1', 'retail', 'revenue', 'completed', 'none', 'paid', 'CNY', 100, 100, 100, '2026-03-08', NULL),
		('starhotel', 'inn', 'live2', 'stay', 'revenue', 'in_progress', NULL, 'partial', 'CNY', 250.5, 250.5, 50, '2026-03-09', NULL),
		('starhotel', 'inn', 'canceled', 'stay', 'revenue', 'canceled', NULL, 'partial', 'CNY', 900, 900, 300, '2026-03-09', NULL),
		('starhotel', 'inn', 'closed', 'stay', 'revenue', 'closed', NULL, 'paid', 'CNY', 400, 400, 400, '2026-03-09', NULL),
		('soms', 'retail', 'refunded', 'retail', 'revenue', 'completed', 'refunded', 'paid', 'CNY', 70, 70, 70, '2026-03-09', NULL),
		('soms', 'retail', 'euro', 'retail', 'revenue', 'completed', 'none', 'unpaid', 'EUR', 20, 20, NULL, '2026-03-09', NULL),
		('soms', 'retail', 'euro-canceled', 'retail', 'revenue', 'canceled', 'none', 'unpaid', 'EUR', 5, 5, NULL, '2026-03-09', NULL),
		('soms', 'retail', 'gone', 'retail', 'revenue', 'completed', 'none', 'paid', 'CNY', 1000, 1000, 1000, '2026-03-09', '2026-03-09 12:00:00Z'),
		('soms', 'retail', 'undated', 'retail', 'revenue', 'completed', 'none', 'paid', 'CNY', 7000, 7000, 7000, NULL, NULL),
		('soms', 'retail', 'later', 'retail', 'revenue', 'completed', 'none', 'paid', 'CNY', 55, 55, 55, '2026-03-10', NULL),
		('guoxiaodi', 'courier', 'cost', 'delivery', 'cost', 'completed', NULL, 'paid', 'CNY', 12, 12, 12, '2026-03-09', NULL),
		('tuya', 'hotel', 'memo', 'room_service', 'memo', 'completed', NULL, NULL, 'CNY', 33, 33, NULL, '2026-03-09', NULL);
	INSERT INTO audit.order_versions BY NAME SELECT *, 1 AS version_no, '2026-03-09 18:00:00Z'::TIMESTAMPTZ AS valid_from, NULL::TIMESTAMPTZ AS valid_to FROM main.orders;
	INSERT INTO recon.breaks (break_id, rule, severity, source, account, order_id, business_date, expected, actual, difference, currency, reason, first_seen, last_seen, status)
	SELECT id, 'cashier', severity, source, account, order_id, date::DATE, 0, d, d, currency, 'amount', '2026-03-09 18:00:00Z', '2026-03-09 18:00:00Z', status FROM (VALUES
		('1', 'error', 'soms', 'retail', 'live1', '2026-03-08', 10, 'CNY', 'open'), ('2', 'error', 'soms', 'retail', 'euro', '2026-03-09', -3, 'EUR', 'open'),
		('3', 'warning', 'guoxiaodi', 'courier', 'cost', '2026-03-09', 100, 'CNY', 'explained'), ('4', 'error', 'starhotel', 'inn', 'live2', '2026-03-09', 500, 'CNY', 'accepted'),
		('5', 'error', 'starhotel', 'inn', 'live2', '2026-03-07', 40, 'CNY', 'open'), ('6', 'error', 'soms', 'retail', 'later', '2026-03-10', 8, 'CNY', 'open'),
		('7', 'error', 'soms', 'retail', 'orders', NULL, -2, NULL, 'open'), ('8', 'info', 'soms', 'retail', 'live1', '2026-03-08', 6, 'CNY', 'resolved')
	) v(id, severity, source, account, order_id, date, d, currency, status)`

// Revenue is one figure wherever it stands: in the Summary, the Revenue sheet,
// the view daily_revenue, a close and the control of the Orders sheet; and so
// are the breaks of a book.
func TestFiguresAgree(t *testing.T) {
	db := reportstest.Empty(t)
	reportstest.Exec(t, db, termsRows)
	f, _ := makeWorkbook(t, db, Options{Language: labels.English, From: reportstest.Date(2026, 3, 8), To: reportstest.Date(2026, 3, 9)})
	summary := func(columns string, begins ...string) string {
		t.Helper()
		return reportstest.Values(t, f, "Summary", reportstest.Row(t, f, "Summary", begins...), columns)
	}
	closeFigures, err := sqlfiles.Statement("ledger/close_standings", []string{"net_amount", "paid_amount"})
	if err != nil {
		t.Fatal(err)
	}
	closeFigures = strings.NewReplacer("$1", "'2026-03-08'", "$2", "'2026-03-09'", "$3", "'2026-03-10 00:00:00Z'::TIMESTAMPTZ").Replace(closeFigures)
	for _, c := range []struct {
		currency string
		// orders, net due and paid; canceled net; net with a refund; outstanding
		orders, net, paid, canceled, refunded, outstanding string
	}{
		{"CNY", "2", "350.5", "150", "1300", "70", "200.5"},
		{"EUR", "1", "20", "0", "5", "0", "20"},
	} {
		// Orders, net, canceled, paid, outstanding, refunded.
		want := strings.Join([]string{c.orders, c.net, c.canceled, c.paid, c.outstanding, c.refunded}, " ")
		if got := summary("DGHIJL", "Total "+c.currency); got != want {
			t.Errorf("Summary, %s: %s, want %s", c.currency, got, want)
		}
		revenue := reportstest.Values(t, f, "Revenue", reportstest.Row(t, f, "Revenue", "Total "+c.currency), "IMPNORST")
		// The last two are the database's own net and the check.
		if want := strings.Join([]string{c.orders, c.net, c.canceled, c.paid, c.outstanding, c.refunded, c.net, "✓"}, " "); revenue != want {
			t.Errorf("Revenue, %s: %s, want %s", c.currency, revenue, want)
		}
		control := summary("DHJL", "Revenue", "Counted", c.currency)
		if want := strings.Join([]string{c.orders, c.net, c.paid, "✓"}, " "); control != want {
			t.Errorf("control, %s: %s, want %s", c.currency, control, want)
		}
		in := " FROM daily_revenue WHERE business_date BETWEEN '2026-03-08' AND '2026-03-09' AND currency = '" + c.currency + "'"
		same(t, db, "daily_revenue", "SELECT sum(orders), sum(net_amount), sum(canceled_amount), coalesce(sum(paid_amount), 0), sum(outstanding_amount), sum(refunded_amount)"+in, want)
		closed := func(standing string) string {
			return "coalesce(sum(net_amount::DECIMAL(18,4)) FILTER (standing = '" + standing + "'), 0)"
		}
		same(t, db, "close", "SELECT sum(orders::INTEGER) FILTER (standing = 'live'), "+closed("live")+", "+closed("canceled")+", coalesce(sum(paid_amount::DECIMAL(18,4)) FILTER (standing = 'live'), 0), "+
			c.outstanding+", "+closed("refunded")+" FROM ("+closeFigures+") WHERE flow = 'revenue' AND currency = '"+c.currency+"'", want)
	}

	var rows []string
	for _, r := range []string{"Of this book Error Revenue CNY 1 0 1 10 10", "Of this book Error Revenue EUR 1 0 0 -3 3", "Of this book Warning Cost CNY 0 1 0 100 100", "Carried forward Error Revenue CNY 1 0 0 40 40"} {
		words := strings.Fields(r)
		begins := append([]string{strings.Join(words[:len(words)-8], " ")}, words[len(words)-8:len(words)-5]...)
		if got, want := summary("EFGHI", begins...), strings.Join(words[len(words)-5:], " "); got != want {
			t.Errorf("%q: %s, want %s", begins, got, want)
		}
		rows = append(rows, r)
	}
	if got := summary("EFG", "Without a date", "Error"); got != "1 0 0" {
		t.Errorf("without a date: %s", got)
	}
	sheet, err := f.GetRows("Breaks")
	if err != nil {
		t.Fatal(err)
	}
	// Five of the table above are open, explained or accepted, and one more has no date.
	if got := len(sheet) - 3; got != len(rows)+2 {
		t.Errorf("Breaks has %d rows, want %d", got, len(rows)+2)
	}
	lastLine, err := sqlfiles.Statement("ledger/open_breaks", nil)
	if err != nil {
		t.Fatal(err)
	}
	lastLine = strings.NewReplacer("$1", "'2026-03-08'", "$2", "'2026-03-09'").Replace(lastLine)
	same(t, db, "the last lines", "SELECT string_agg(concat_ws('/', section, severity, status, count), ' ' ORDER BY section, severity) FROM ("+lastLine+") v(section, severity, status, count)",
		"book/error/open/2 book/warning/explained/1 carried_forward/error/open/1 later/error/open/1 undated/error/open/1")
}

// same compares a row with figures, blanks between them, 4.5 and 4.5000 alike.
func same(t *testing.T, db *sql.DB, what, query, want string) {
	t.Helper()
	rows, err := db.Query("SELECT COLUMNS(*)::VARCHAR FROM (" + query + ")")
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	values := make([]any, len(columns))
	for i := range values {
		values[i] = new(sql.NullString)
	}
	if !rows.Next() {
		t.Fatalf("%s: no row", what)
	}
	if err := rows.Scan(values...); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range values {
		got = append(got, strings.Fields(v.(*sql.NullString).String)...)
	}
	if !slices.EqualFunc(got, strings.Fields(want), sameNumber) {
		t.Errorf("%s: %s, want %s", what, fmt.Sprint(got), want)
	}
}
