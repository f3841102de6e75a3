package recon

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// A break keeps its id, its first night and what people wrote, whatever
// happens to it.
func TestLifeOfABreak(t *testing.T) {
	t.Parallel()
	db := database(t, `INSERT INTO main.orders (source, account, order_id, status, net_amount, paid_amount, currency) VALUES
		('starhotel', 'inn', 'A', 'completed', 700, 600, 'CNY'),
		('starhotel', 'inn', 'B', 'completed', 100, 90, 'CNY')`)
	rules := only(t, "cashier")
	const life = `SELECT order_id, difference, status, first_seen::DATE, last_seen::DATE, resolved_at::DATE, owner, comment FROM recon.breaks ORDER BY order_id`
	for _, step := range []struct {
		name   string
		before string // what happened since the night before
		night  int
		want   []string
		result Result
	}{
		{
			"found", "SELECT 1", 1,
			[]string{
				"A | -100.0000 | open | 2026-04-01 | 2026-04-01 | – | – | –",
				"B | -10.0000 | open | 2026-04-01 | 2026-04-01 | – | – | –",
			},
			Result{New: 2, Open: map[string]int{sqlfiles.Warning: 2}},
		},
		{
			"the same night again", "SELECT 1", 1,
			[]string{
				"A | -100.0000 | open | 2026-04-01 | 2026-04-01 | – | – | –",
				"B | -10.0000 | open | 2026-04-01 | 2026-04-01 | – | – | –",
			},
			Result{Open: map[string]int{sqlfiles.Warning: 2}},
		},
		{
			"finance accepts one and explains the other",
			"UPDATE recon.breaks SET status = CASE order_id WHEN 'A' THEN 'accepted' ELSE 'explained' END, owner = 'li', comment = 'waived'", 2,
			[]string{
				"A | -100.0000 | accepted | 2026-04-01 | 2026-04-02 | – | li | waived",
				"B | -10.0000 | explained | 2026-04-01 | 2026-04-02 | – | li | waived",
			},
			Result{Open: map[string]int{sqlfiles.Warning: 1}},
		},
		{
			"the amount that was accepted changes", "UPDATE main.orders SET paid_amount = 650 WHERE order_id = 'A'", 3,
			[]string{
				"A | -50.0000 | open | 2026-04-01 | 2026-04-03 | – | li | waived",
				"B | -10.0000 | explained | 2026-04-01 | 2026-04-03 | – | li | waived",
			},
			Result{Open: map[string]int{sqlfiles.Warning: 2}},
		},
		{
			"both are paid", "UPDATE main.orders SET paid_amount = net_amount", 4,
			[]string{
				"A | -50.0000 | resolved | 2026-04-01 | 2026-04-03 | 2026-04-04 | li | waived",
				"B | -10.0000 | resolved | 2026-04-01 | 2026-04-03 | 2026-04-04 | li | waived",
			},
			Result{Resolved: 2, Open: map[string]int{sqlfiles.Warning: 0}},
		},
		{
			"nothing happens: resolved stays resolved when it was", "SELECT 1", 5,
			[]string{
				"A | -50.0000 | resolved | 2026-04-01 | 2026-04-03 | 2026-04-04 | li | waived",
				"B | -10.0000 | resolved | 2026-04-01 | 2026-04-03 | 2026-04-04 | li | waived",
			},
			Result{Open: map[string]int{sqlfiles.Warning: 0}},
		},
		{
			"one comes back", "UPDATE main.orders SET paid_amount = 650 WHERE order_id = 'A'", 6,
			[]string{
				"A | -50.0000 | open | 2026-04-01 | 2026-04-06 | – | li | waived",
				"B | -10.0000 | resolved | 2026-04-01 | 2026-04-03 | 2026-04-04 | li | waived",
			},
			Result{Reopened: 1, Open: map[string]int{sqlfiles.Warning: 1}},
		},
		{
			"its order is deleted", "UPDATE main.orders SET deleted_at = '2026-04-07 00:00:00Z' WHERE order_id = 'A'", 7,
			[]string{
				"A | -50.0000 | resolved | 2026-04-01 | 2026-04-06 | 2026-04-07 | li | waived",
				"B | -10.0000 | resolved | 2026-04-01 | 2026-04-03 | 2026-04-04 | li | waived",
			},
			Result{Resolved: 1, Open: map[string]int{sqlfiles.Warning: 0}},
		},
	} {
		t.Run(step.name, func(t *testing.T) {
			exec(t, db, step.before+"; INSERT INTO recon.changed VALUES ('starhotel', 'inn', 'A'), ('starhotel', 'inn', 'B')")
			got := audit(t, db, night(step.night), rules)
			equal(t, "breaks", query(t, db, life), step.want)
			if got.New != step.result.New || got.Reopened != step.result.Reopened || got.Resolved != step.result.Resolved ||
				got.Open[sqlfiles.Warning] != step.result.Open[sqlfiles.Warning] || got.Open[sqlfiles.Error] != 0 {
				t.Errorf("result %+v, want %+v", got, step.result)
			}
		})
	}
}

// The id follows from rule and key alone: written down here, it must never
// change, or every break would lose its history.
func TestBreakID(t *testing.T) {
	t.Parallel()
	db := database(t, `INSERT INTO main.orders (source, account, order_id, status, net_amount, paid_amount) VALUES ('starhotel', 'inn', 'A', 'completed', 2, 1)`)
	audit(t, db, night(1), only(t, "cashier"))
	// printf 'cashier\037starhotel\037inn\037A\037\037\037\037' | sha256sum
	equal(t, "id", query(t, db, "SELECT break_id FROM recon.breaks"), []string{"cb1ac32e36b8cfbcd63a061cbb24eb818d08fec57009e3b93e949b44cd1c0aab"})
}

// A rule that no longer exists leaves no open breaks behind, and the list of
// rules is the list of files.
func TestRulesAreReplaced(t *testing.T) {
	t.Parallel()
	db := database(t, `INSERT INTO main.orders (source, account, order_id, status, net_amount, paid_amount) VALUES ('starhotel', 'inn', 'A', 'completed', 2, 1)`)
	audit(t, db, night(1), only(t, "cashier"))
	audit(t, db, night(2), only(t, "item_total"))
	equal(t, "breaks", query(t, db, "SELECT rule, status FROM recon.breaks"), []string{"cashier | resolved"})
	equal(t, "rules", query(t, db, "SELECT rule, severity, candidate, tolerance, title_en, title_zh FROM recon.rules"), []string{
		"item_total | error | false | 0.0100 | Line total | 商品行金额",
	})
}

// All embedded rules hold on an empty database, on a connection as well as in
// a transaction, and leave nothing behind but themselves.
func TestCheckOfNothing(t *testing.T) {
	t.Parallel()
	db := database(t)
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	result, err := Check(context.Background(), conn, night(1), hamlet)
	conn.Close()
	if err != nil {
		t.Fatal(err)
	}
	if result.AtLeast(sqlfiles.Info) != 0 || len(result.Open) != len(sqlfiles.Severities) {
		t.Errorf("result %+v", result)
	}
	equal(t, "rules", query(t, db, "SELECT rule FROM recon.rules ORDER BY rule"), ruleFiles(t))
	equal(t, "temporary relations", temporary(t, db), nil)
}

// ruleFiles lists the files of sql/checks.
func ruleFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../sql/checks/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no files of checks", err)
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".sql"))
	}
	return names
}

func TestResultAtLeast(t *testing.T) {
	t.Parallel()
	r := Result{Open: map[string]int{sqlfiles.Error: 1, sqlfiles.Warning: 2, sqlfiles.Info: 4}}
	for severity, want := range map[string]int{sqlfiles.Error: 1, sqlfiles.Warning: 3, sqlfiles.Info: 7} {
		if got := r.AtLeast(severity); got != want {
			t.Errorf("at least %s: %d, want %d", severity, got, want)
		}
	}
}
