package sql

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"testing"
)

// A month was closed on 2 April at noon. What each order was then and is now:
//
//	same      10 | 10    only updated_at moved: no restatement
//	amount    20 | 25
//	status    30 | 30    confirmed, then completed
//	late       – | 40    first seen after the close
//	laterApr   – | 41    first seen after the close, of April
//	deleted   50 | –
//	back       – | 60    deleted at the close, there again now
//	in        70 | 70    of April, then of March
//	out       80 | 80    of March, then of April
//	money     90 CNY | 12 EUR
//	flow       5 | 5     revenue, then cost
//	gone       – | –     first seen after the close and deleted again
//	twice      1 | 1     changed after the close and changed back
//
// CNY revenue at the close: 10+20+30+50+80+90+5+1 = 286, 8 orders. Since:
// +5 amount, +40 late, −50 deleted, +60 back, +70 in, −80 out, −90 money,
// −5 flow = −50 and 8−1+1+1+1−1−1−1 = 7 orders: 236 now.
const restatedMarch = `
SET TimeZone = 'UTC';
INSERT INTO audit.closes (period, date_from, date_to, closed_at, entry_id)
VALUES ('2026-03', '2026-03-01', '2026-03-31', '2026-04-02 12:00:00Z', 'c');
CREATE MACRO closed() AS '2026-04-02 12:00:00Z'::TIMESTAMPTZ;
INSERT INTO audit.order_versions (source, account, order_id, version_no, valid_from, valid_to, business_date, status, flow, currency, net_amount, updated_at, deleted_at)
SELECT 'soms', 'retail', id, no, seen::TIMESTAMPTZ, until::TIMESTAMPTZ, date::DATE, status, flow, currency, net, updated::TIMESTAMPTZ, deleted::TIMESTAMPTZ
FROM (VALUES
    ('same',     1, '2026-03-11', '2026-04-03', '2026-03-10', 'completed', 'revenue', 'CNY', 10, '2026-03-10', NULL),
    ('same',     2, '2026-04-03', NULL,          '2026-03-10', 'completed', 'revenue', 'CNY', 10, '2026-04-02', NULL),
    ('amount',   1, '2026-03-11', '2026-04-03', '2026-03-10', 'completed', 'revenue', 'CNY', 20, NULL, NULL),
    ('amount',   2, '2026-04-03', '2026-04-04', '2026-03-10', 'completed', 'revenue', 'CNY', 22, NULL, NULL),
    ('amount',   3, '2026-04-04', NULL,          '2026-03-10', 'completed', 'revenue', 'CNY', 25, NULL, NULL),
    ('status',   1, '2026-04-02 12:00:00Z', '2026-04-03', '2026-03-31', 'confirmed', 'revenue', 'CNY', 30, NULL, NULL),
    ('status',   2, '2026-04-03', NULL,          '2026-03-31', 'completed', 'revenue', 'CNY', 30, NULL, NULL),
    ('late',     1, '2026-04-03', NULL,          '2026-03-30', 'completed', 'revenue', 'CNY', 40, NULL, NULL),
    ('laterApr', 1, '2026-04-03', NULL,          '2026-04-01', 'completed', 'revenue', 'CNY', 41, NULL, NULL),
    ('deleted',  1, '2026-03-11', '2026-04-05', '2026-03-10', 'completed', 'revenue', 'CNY', 50, NULL, NULL),
    ('deleted',  2, '2026-04-05', NULL,          '2026-03-10', 'completed', 'revenue', 'CNY', 50, NULL, '2026-04-05'),
    ('back',     1, '2026-03-11', '2026-03-12', '2026-03-10', 'completed', 'revenue', 'CNY', 60, NULL, NULL),
    ('back',     2, '2026-03-12', '2026-04-03', '2026-03-10', 'completed', 'revenue', 'CNY', 60, NULL, '2026-03-12'),
    ('back',     3, '2026-04-03', NULL,          '2026-03-10', 'completed', 'revenue', 'CNY', 60, NULL, NULL),
    ('in',       1, '2026-04-01', '2026-04-03', '2026-04-01', 'completed', 'revenue', 'CNY', 70, NULL, NULL),
    ('in',       2, '2026-04-03', NULL,          '2026-03-31', 'completed', 'revenue', 'CNY', 70, NULL, NULL),
    ('out',      1, '2026-04-01', '2026-04-03', '2026-03-31', 'completed', 'revenue', 'CNY', 80, NULL, NULL),
    ('out',      2, '2026-04-03', NULL,          '2026-04-01', 'completed', 'revenue', 'CNY', 80, NULL, NULL),
    ('money',    1, '2026-03-11', '2026-04-03', '2026-03-10', 'completed', 'revenue', 'CNY', 90, NULL, NULL),
    ('money',    2, '2026-04-03', NULL,          '2026-03-10', 'completed', 'revenue', 'EUR', 12, NULL, NULL),
    ('flow',     1, '2026-03-11', '2026-04-03', '2026-03-10', 'completed', 'revenue', 'CNY', 5, NULL, NULL),
    ('flow',     2, '2026-04-03', NULL,          '2026-03-10', 'completed', 'cost',    'CNY', 5, NULL, NULL),
    ('gone',     1, '2026-04-03', '2026-04-04', '2026-03-10', 'completed', 'revenue', 'CNY', 99, NULL, NULL),
    ('gone',     2, '2026-04-04', NULL,          '2026-03-10', 'completed', 'revenue', 'CNY', 99, NULL, '2026-04-04'),
    ('twice',    1, '2026-03-11', '2026-04-03', '2026-03-10', 'completed', 'revenue', 'CNY', 1, NULL, NULL),
    ('twice',    2, '2026-04-03', '2026-04-04', '2026-03-10', 'completed', 'revenue', 'CNY', 2, NULL, NULL),
    ('twice',    3, '2026-04-04', NULL,          '2026-03-10', 'completed', 'revenue', 'CNY', 1, NULL, NULL)
) v(id, no, seen, until, date, status, flow, currency, net, updated, deleted);
INSERT INTO audit.close_totals (entry_id, period, source, account, flow, currency, orders, net_amount) VALUES
    ('c', '2026-03', 'soms', 'retail', 'revenue', 'CNY', 8, 286),
    ('c', '2026-03', 'tuya', 'hotel-a', 'revenue', 'CNY', 1, 7);`

func TestRestatements(t *testing.T) {
	db := migrated(t)
	if _, err := db.Exec(restatedMarch); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, query string
		want        []string
	}{
		{
			"orders", `SELECT order_id, change, net_amount_before, net_amount_after, net_amount_effect, array_to_string(changed_columns, '+'), changed_at::DATE FROM restatements ORDER BY 1`,
			[]string{
				"amount changed 20.0000 25.0000 5.0000 net_amount 2026-04-03",
				"back reappeared – 60.0000 60.0000 status+business_date+flow+currency+net_amount 2026-04-03",
				"deleted deleted 50.0000 – -50.0000 status+business_date+flow+currency+net_amount 2026-04-05",
				"flow changed 5.0000 5.0000 – flow 2026-04-03",
				"in moved_in 70.0000 70.0000 70.0000 business_date 2026-04-03",
				"late late – 40.0000 40.0000 status+business_date+flow+currency+net_amount 2026-04-03",
				"money changed 90.0000 12.0000 – currency+net_amount 2026-04-03",
				"out moved_out 80.0000 80.0000 -80.0000 business_date 2026-04-03",
				"status changed 30.0000 30.0000 0.0000 status 2026-04-03",
			},
		},
		{
			"by figure", `SELECT order_id, column_name, value_before, value_after, amount_before, amount_after, effect FROM restatement_columns WHERE order_id IN ('amount', 'status', 'out') ORDER BY 1, 2`,
			[]string{
				"amount net_amount 20.0000 25.0000 20.0000 25.0000 5.0000",
				"out business_date 2026-03-31 2026-04-01 – – –",
				"out net_amount 80.0000 80.0000 80.0000 80.0000 -80.0000",
				"status status confirmed completed – – –",
			},
		},
		{
			"totals", `SELECT source, flow, currency, orders_closed, orders_effect, orders_now, net_amount_closed, net_amount_effect, net_amount_now FROM restatement_totals ORDER BY ALL`,
			[]string{
				"soms cost CNY 0 1 1 0.0000 5.0000 5.0000",
				"soms revenue CNY 8 -1 7 286.0000 -50.0000 236.0000",
				"soms revenue EUR 0 1 1 0.0000 12.0000 12.0000",
				"tuya revenue CNY 1 0 1 7.0000 0.0000 7.0000",
			},
		},
		{
			// The version without an end of each order is what main.orders holds.
			"what they are now, counted without the views", `SELECT flow, currency, count(*), sum(net_amount) FROM audit.order_versions
				WHERE valid_to IS NULL AND deleted_at IS NULL AND business_date BETWEEN '2026-03-01' AND '2026-03-31' GROUP BY ALL ORDER BY ALL`,
			[]string{"cost CNY 1 5.0000", "revenue CNY 7 236.0000", "revenue EUR 1 12.0000"},
		},
		{
			"what the close closed", `SELECT count(*), sum(net_amount) FROM orders_as_of(closed()) WHERE deleted_at IS NULL AND business_date BETWEEN '2026-03-01' AND '2026-03-31'`,
			[]string{"8 286.0000"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := texts(t, db, c.query); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// texts gives the rows of a query as lines, – for null.
func texts(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), "SELECT coalesce(COLUMNS(*)::VARCHAR, '–') FROM ("+query+")")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		values, into := make([]string, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Join(values, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}
