package recon

import (
	"database/sql"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// A night that checks what changed comes to the same breaks, in every column,
// and to the same links as one that checks everything: over random nights in
// which orders of all sources appear, change, vanish and come back, so that
// rooms, numbers and references are passed from one to another.
func TestScopedCheckIsTheFullCheck(t *testing.T) {
	t.Parallel()
	// The nights must be many enough that breaks resolve and come back.
	seeds, nights := []uint64{1}, 6
	if os.Getenv("NIGHTAUDIT_SLOW") == "1" {
		nights = 20
	}
	if os.Getenv("NIGHTAUDIT_LONG") == "1" {
		seeds, nights = []uint64{1, 2, 3, 4, 5}, 120
	}
	rules, err := Rules()
	if err != nil {
		t.Fatal(err)
	}
	for _, seed := range seeds {
		v := &village{rnd: rand.New(rand.NewPCG(seed, 7)), doubt: rand.New(rand.NewPCG(seed, 8))}
		scoped, full := database(t), database(t)
		var resolved, reopened, fewer int
		for n := 1; n <= nights; n++ {
			changes := 1 + v.rnd.IntN(12)
			if nights < 20 {
				changes += 40
			}
			if n == 1 {
				changes = 5 * neighbours
			}
			quiet := n%5 == 4
			statements := "SELECT 'nothing changed'"
			if !quiet {
				statements = v.night(n, changes)
			}
			exec(t, scoped, statements)
			exec(t, full, statements)

			everything := hamlet
			everything.Full = true
			run := ledger.Run{ID: fmt.Sprintf("run-%d", n), At: night(1).At.AddDate(0, 0, n)}
			got := auditBy(t, scoped, run, hamlet, rules)
			want := auditBy(t, full, run, everything, rules)
			what := fmt.Sprintf("seed %d, night %d: ", seed, n)
			for _, table := range []string{"breaks", "links", "small_differences"} {
				inScope, inFull := query(t, scoped, "FROM recon."+table), query(t, full, "FROM recon."+table)
				equal(t, what+table+" of the scoped check alone, and of the full one", without(inScope, inFull), without(inFull, inScope))
			}
			equal(t, what+"waiting", query(t, scoped, "SELECT * FROM recon.changed"), nil)
			if fmt.Sprint(got.Open, got.New, got.Reopened, got.Resolved) != fmt.Sprint(want.Open, want.New, want.Reopened, want.Resolved) {
				t.Errorf("%sresult %+v, want %+v", what, got, want)
			}
			if t.Failed() {
				t.Fatalf("the changes of that night:\n%s", statements)
			}
			if got.Full != (n == 1) || !want.Full {
				t.Errorf("%sfull %v and %v", what, got.Full, want.Full)
			}
			if quiet && got.Orders > 0 {
				t.Errorf("%snothing changed, but %d orders were looked at", what, got.Orders)
			}
			if !got.Full && got.Orders < len(query(t, scoped, "SELECT 1 FROM main.orders")) {
				fewer++
			}
			resolved, reopened = resolved+got.Resolved, reopened+got.Reopened
		}
		if resolved == 0 || reopened == 0 || fewer < nights/2 {
			t.Errorf("seed %d proves little: %d resolved, %d reopened, %d nights left orders out", seed, resolved, reopened, fewer)
		}
		rulesSeen := query(t, full, "SELECT count(DISTINCT rule) >= 12 FROM recon.breaks")
		equal(t, "many rules found something", rulesSeen, []string{"true"})
	}
}

// without is the lines of a that b does not hold.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(line string) bool { return slices.Contains(b, line) })
}

// village makes random orders in the hamlet. Left alone, the orders of one
// number agree: the courier's g7 carries the shop's s7, and t7 is placed in the
// room of the stay h7, to which k7 is the key. Some wander: they take the
// place of another number, or a figure or state of their own.
type village struct {
	rnd    *rand.Rand
	doubt  *rand.Rand          // decides what cannot be read
	wander int                 // percent
	rows   map[string][]string // by table and columns: what the night inserts
}

// The number of orders of each source.
const neighbours = 60

func (v *village) astray() bool { return v.rnd.IntN(100) < v.wander }

// home is whose place the order takes: mostly its own.
func (v *village) home(i int) int {
	if v.astray() {
		return v.rnd.IntN(neighbours)
	}
	return i
}

// mostly is the first value, or one of the others.
func (v *village) mostly(usual string, others ...string) string {
	if v.astray() {
		return others[v.rnd.IntN(len(others))]
	}
	return usual
}

// text is an SQL literal.
func text(s string) string {
	if s == "" {
		return "NULL"
	}
	return sqlfiles.Literal(s)
}

func (v *village) insert(table string, columns string, values ...string) {
	into := table + " (" + columns + ")"
	v.rows[into] = append(v.rows[into], "("+strings.Join(values, ", ")+")")
}

// Number i lives in one of four rooms, for some nights of one fortnight.
func room(i int) string { return fmt.Sprint(1 + i%4) }
func arrival(i int) int { return 14 * (i / 4) }

// instant is an hour of day n of the village.
func instant(n, hour int) string {
	return fmt.Sprintf("TIMESTAMPTZ '2025-03-01 00:00:00Z' + INTERVAL (%d) HOUR", n*24+hour)
}

func date(n int) string { return fmt.Sprintf("DATE '2025-03-01' + %d", n) }

// night is the SQL of a night's changes, with what the loader adds to it. In
// the first night all orders appear.
func (v *village) night(n, changes int) string {
	v.rows = map[string][]string{}
	v.wander = 30
	numbers := v.rnd.Perm(5 * neighbours)[:changes]
	if n == 1 {
		v.wander = 3
	}
	var changed, gone, anew []string
	for _, number := range numbers {
		kind, i := number%5, number/5
		id := fmt.Sprint([]string{"s", "g", "t", "k", "h"}[kind], i)
		source, account := []string{"soms", "guoxiaodi", "tuya", "akubela", "starhotel"}[kind], []string{"retail", "courier", "hotel-a", "tower", "inn"}[kind]
		key := fmt.Sprintf("('%s', '%s', '%s')", source, account, id)
		changed = append(changed, key)
		if n > 1 && v.rnd.IntN(6) == 0 {
			gone = append(gone, key)
			continue
		}
		anew = append(anew, key)
		if v.doubt.IntN(5) == 0 {
			one := func(of ...string) string { return of[v.doubt.IntN(len(of))] }
			v.insert("exceptions", "source, account, stream, record_key, kind, order_id, table_name, column_name, is_amount, field, reason, raw, landing_ref, run_id",
				text(source), text(account), "'list'", text(id), one("'finding'", "'reject'"), text(id), "'orders'", "'net_amount'", one("true", "false"), "'amount'", "'not a number'", one("'x'", "NULL"), "'list:1#'", "'r'")
		}
		[]func(string, int){v.shop, v.courier, v.roomOrder, v.keyStay, v.pmsOrder}[kind](id, v.home(i))
	}
	var script strings.Builder
	among := func(keys []string) string {
		return "(source, account, order_id) IN (VALUES " + strings.Join(append(keys, "('', '', '')"), ", ") + ")"
	}
	for _, table := range []string{"main.orders", "main.order_items", "main.payments", "main.settlements", "main.deliveries", "main.stays", "audit.exceptions"} {
		fmt.Fprintf(&script, "DELETE FROM %s WHERE %s;\n", table, among(anew))
	}
	fmt.Fprintf(&script, "DELETE FROM audit.exceptions WHERE %s;\n", among(gone))
	if v.doubt.IntN(3) == 0 { // a row without an id: refused, or read well at last
		script.WriteString("INSERT INTO recon.changed SELECT source, account, landing_ref FROM audit.exceptions WHERE order_id IS NULL;\nDELETE FROM audit.exceptions WHERE order_id IS NULL;\n")
	} else {
		fmt.Fprintf(&script, exceptionRows+"('soms', 'retail', 'orders', '#%[1]d', 'reject', NULL, NULL, NULL, false, NULL, 'order_id', 'the record has no id', NULL, 'orders:%[1]d#', 'r');\nINSERT INTO recon.changed VALUES ('soms', 'retail', 'orders:%[1]d#');\n", n)
	}
	for _, into := range slices.Sorted(maps.Keys(v.rows)) {
		schema := "main"
		if strings.HasPrefix(into, "exceptions ") {
			schema = "audit"
		}
		fmt.Fprintf(&script, "INSERT INTO %s.%s VALUES %s;\n", schema, into, strings.Join(v.rows[into], ",\n"))
	}
	fmt.Fprintf(&script, "UPDATE main.orders SET deleted_at = %s WHERE %s;\n", instant(400+n, 0), among(gone))
	at := fmt.Sprintf("TIMESTAMPTZ '2026-04-01 20:00:00Z' + INTERVAL (%d) DAY", n)
	fmt.Fprintf(&script, "UPDATE audit.order_versions SET valid_to = %s WHERE valid_to IS NULL AND %s;\n", at, among(changed))
	fmt.Fprintf(&script, "INSERT INTO audit.order_versions BY NAME SELECT *, %d AS version_no, %s AS valid_from, NULL::TIMESTAMPTZ AS valid_to FROM main.orders WHERE %s;\n", n, at, among(changed))
	fmt.Fprintf(&script, "INSERT INTO recon.changed VALUES %s;\n", strings.Join(changed, ", "))
	return script.String()
}

// dated is a day of the village, or none.
func (v *village) dated(n int) string {
	if v.doubt.IntN(10) == 0 {
		return "NULL"
	}
	return date(n)
}

// fee is what the courier takes for number i.
func fee(i int) string { return fmt.Sprint(5 + i%3) }

func (v *village) shop(id string, i int) {
	total := "20+" + fee(i)
	v.insert("orders", "source, account, order_id, order_no, channel, kind, status, refund_status, payment_status, currency, gross_amount, goods_amount, freight_amount, packaging_amount, other_amount, discount_amount, net_amount, paid_amount, settle_amount, created_at, business_date",
		"'soms'", "'retail'", text(id), text(fmt.Sprint("n", i)), "'meituan'", "'retail'",
		text(v.mostly("completed", "in_progress", "canceled")), text(v.mostly("none", "refunded")), "'paid'", "'CNY'",
		"20", "20", fee(i), "0", "0", "0", total, total, total, instant(arrival(i), 3), v.dated(arrival(i)))
	v.insert("order_items", "source, account, order_id, line_no, unit_price, quantity, total_amount, discount_amount, apportioned_discount_amount, pay_amount, currency",
		"'soms'", "'retail'", text(id), "1", "10", "2", v.mostly("20", "10", "2000"), "0", "0", "20", "'CNY'")
	v.insert("payments", "source, account, order_id, line_no, amount, currency, flow_no, external_pay_id", "'soms'", "'retail'", text(id), "1", v.mostly(total, "20", total+"+0.01"), "'CNY'",
		text(v.mostly("f"+id, fmt.Sprint("f s", i), "", "  f1 ")), text(v.mostly("", fmt.Sprint("x", i%7))))
	v.insert("settlements", "source, account, order_id, main_order_id, reissue_reason", "'soms'", "'retail'", text(id), text(v.mostly("", "m1")), text(v.mostly("", "lost")))
	v.insert("deliveries", "source, account, order_id, delivery_id, waybill_no, carrier, status, fee_amount, currency",
		"'soms'", "'retail'", text(id), "'1'", text("w"+id), text(v.mostly("gxd", "dada")), text(v.mostly("completed", "in_progress", "pending", "")), v.mostly(fee(i), "8", "500"), "'CNY'")
}

func (v *village) courier(id string, i int) {
	status := v.mostly("completed", "in_progress", "canceled", "refunded")
	finished := "NULL"
	if status == "completed" {
		finished = instant(arrival(i), 5)
	}
	v.insert("orders", "source, account, order_id, link_ref, kind, status, currency, gross_amount, discount_amount, freight_amount, net_amount, deduction_amount, created_at, finished_at, business_date",
		"'guoxiaodi'", "'courier'", text(id), text(v.mostly(fmt.Sprint("s", i), "", "unheard-of")), "'delivery'", text(status), "'CNY'",
		fee(i), "0", fee(i), v.mostly(fee(i), "6", "NULL"), v.mostly("NULL", "0", "2"), instant(arrival(i), 4), finished, date(arrival(i)))
	v.insert("deliveries", "source, account, order_id, delivery_id, weight_amount, distance_amount, tip_amount, creation_tip_amount, tip_count",
		"'guoxiaodi'", "'courier'", text(id), text(id), "2", fee(i)+"-2", v.mostly("0", "1"), "0", "0")
}

func (v *village) roomOrder(id string, i int) {
	at := arrival(i) + v.rnd.IntN(2)
	hour := 12
	if v.astray() { // before the arrival, or after the departure
		at, hour = arrival(i), v.rnd.IntN(24*4)
	}
	v.insert("orders", "source, account, order_id, kind, status, currency, gross_amount, net_amount, room_no, created_at, business_date",
		"'tuya'", "'hotel-a'", text(id), "'room_service'", text(v.mostly("completed", "canceled", "in_progress")), "'CNY'", "10", v.mostly("10", "20"),
		text(room(i)), instant(at, hour), date(at+hour/24))
}

func (v *village) keyStay(id string, i int) {
	status := v.mostly("completed", "in_progress", "confirmed")
	v.insert("orders", "source, account, order_id, kind, status, created_at, business_date", "'akubela'", "'tower'", text(id), "'stay'", text(status), instant(arrival(i), 0), date(arrival(i)))
	v.stay("akubela", "tower", id, id, status, i, room(i))
}

func (v *village) pmsOrder(id string, i int) {
	status := v.mostly("completed", "in_progress", "confirmed", "canceled")
	v.insert("orders", "source, account, order_id, kind, status, currency, gross_amount, net_amount, paid_amount, created_at, business_date",
		"'starhotel'", "'inn'", text(id), "'stay'", text(status), "'CNY'", "110", v.mostly("110", "90"), v.mostly("110", "90"), instant(arrival(i), 0), date(arrival(i)))
	name := func(i int) string { return strings.Replace(room(i), "1", "A", 1) }
	v.stay("starhotel", "inn", id, id+"-1", status, i, name(i))
	if v.astray() {
		v.stay("starhotel", "inn", id, id+"-2", v.mostly(status, "canceled"), i, name(v.rnd.IntN(neighbours)))
	}
}

// stay is of two nights, or a little earlier, later or longer.
func (v *village) stay(source, account, id, stay, status string, i int, room string) {
	from, to := arrival(i), arrival(i)+2
	if v.astray() {
		from += v.rnd.IntN(3)
		to = from + 1 + v.rnd.IntN(3)
	}
	v.insert("stays", "source, account, order_id, stay_id, room_no, status, arrival_at, departure_at, arrival_date, departure_date, room_amount, consumption_amount, total_amount, currency",
		text(source), text(account), text(id), text(stay), text(room), text(status), instant(from, 6), instant(to, 4), date(from), date(to),
		"100", v.mostly("10", "0", "20"), "110", "'CNY'")
}

// What changed waits for the next check that comes to its end, whichever run
// brought it, and a new version of the program looks at everything.
func TestWhatWaits(t *testing.T) {
	t.Parallel()
	db := database(t)
	rules := only(t, "cashier")
	auditBy(t, db, night(1), hamlet, rules)
	insert := func(id string) {
		exec(t, db, `INSERT INTO main.orders (source, account, order_id, status, net_amount, paid_amount, currency) VALUES ('starhotel', 'inn', '`+id+`', 'completed', 2, 1, 'CNY')`)
	}
	found := func(what string, want ...string) {
		t.Helper()
		equal(t, what, query(t, db, "SELECT order_id FROM recon.breaks ORDER BY order_id"), want)
	}
	insert("A")
	insert("B")
	auditBy(t, db, night(2), hamlet, rules)
	found("nothing is known to have changed")

	exec(t, db, "INSERT INTO recon.changed VALUES ('starhotel', 'inn', 'A')")
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := check(t.Context(), tx, night(3), hamlet, rules); err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(); err != nil { // the run died
		t.Fatal(err)
	}
	found("a check that did not come to its end")
	auditBy(t, db, night(4), hamlet, rules)
	found("the next one", "A")

	newer := hamlet
	newer.Version = "2"
	if got := auditBy(t, db, night(5), newer, rules); !got.Full {
		t.Error("a new version did not check everything")
	}
	found("by a new version", "A", "B")
	if got := auditBy(t, db, night(6), newer, rules); got.Full {
		t.Error("the same version checked everything again")
	}
}

// Temporary relations hide tables of the same name: none may be left.
func temporary(t *testing.T, db *sql.DB) []string {
	t.Helper()
	return query(t, db, `SELECT table_name FROM duckdb_tables() WHERE temporary
		UNION SELECT view_name FROM duckdb_views() WHERE temporary AND NOT internal
		UNION SELECT function_name FROM duckdb_functions() WHERE database_name = 'temp' AND NOT internal`)
}
