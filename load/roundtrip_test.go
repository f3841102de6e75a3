package load

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// randomAmount is a decimal that fits 18 digits of which scale stand after the
// point, with all its decimals, and one of the other ways in which JSON may
// write it. Short, long and round ones are all frequent.
func randomAmount(rnd *rand.Rand, scale int) (text, written string) {
	digits := fmt.Sprintf("%018d", rnd.Int64N(1_000_000_000_000_000_000))[:1+rnd.IntN(18)]
	round := rnd.IntN(len(digits) + 1)
	digits = digits[:len(digits)-round] + strings.Repeat("0", round)
	digits = strings.TrimLeft(digits, "0")
	digits = strings.Repeat("0", max(0, scale+1-len(digits))) + digits
	sign := ""
	if rnd.IntN(3) == 0 && strings.Trim(digits, "0") != "" {
		sign = "-"
	}
	whole, fraction := digits[:len(digits)-scale], digits[len(digits)-scale:]
	text = sign + whole + "." + fraction
	switch rnd.IntN(4) {
	case 0:
		return text, strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	case 1:
		return text, text + strings.Repeat("0", rnd.IntN(20))
	case 2:
		number := strings.TrimLeft(digits, "0")
		if number == "" {
			number = "0"
		}
		return text, fmt.Sprintf("%s%se-%d", sign, number, scale)
	}
	return text, text
}

// From the vendor's text through Arrow, Parquet and the merge into DuckDB and
// back to text, nothing of 100,000 random amounts and as many unit prices
// changes, and their sums are those that math/big reckons from the texts.
func TestTextToDuckDBAndBack(t *testing.T) {
	const values = 100_000
	rnd := rand.New(rand.NewPCG(18, 20260411))
	totals, prices := make([]string, values), make([]string, values)
	sum := new(big.Rat)
	t.Parallel()
	f := openFixture(t)
	stage, err := f.w.Stage(ledger.Run{ID: "run1", At: time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC)}, hotel, "inn", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer stage.Discard()
	b := transform.NewBatch(transform.Origin{Source: "hotel", Account: "inn", Stream: "list", Calendar: transform.Calendar{Zone: time.UTC}, Currency: "CNY"})
	no := stage.Begin(ledger.Window{Stream: "list"})
	b.Begin(transform.PageOrigin{Ref: "run1/list:1", SHA256: "00", Window: no})
	take := func() {
		if err := b.Take(func(table string, rec arrow.RecordBatch) error { return stage.Write("list", table, rec) }); err != nil {
			t.Fatal(err)
		}
	}
	r := b.Record("order", "/list", 0)
	r.Order(&transform.Order{Currency: "CNY"})
	for i := range values {
		var total, price transform.Decimal
		total.Kind, price.Kind = transform.Number, transform.String
		totals[i], total.Text = randomAmount(rnd, 4)
		prices[i], price.Text = randomAmount(rnd, 6)
		v, ok := new(big.Rat).SetString(totals[i])
		if !ok {
			t.Fatalf("math/big does not read %q", totals[i])
		}
		sum.Add(sum, v)
		if i%1000 == 999 { // an order has so many lines
			r = b.Record(fmt.Sprint("order", i), "/list", i)
			r.Order(&transform.Order{Currency: "CNY"})
		}
		r.Item(&transform.OrderItem{LineNo: i + 1, Total: total.Money(r, "total"), UnitPrice: price.Rate(r, "unit_price"), Currency: "CNY"})
		if b.Rows() > 30_000 {
			take()
			r = b.Record(fmt.Sprint("order", i, "b"), "/list", i)
			r.Order(&transform.Order{Currency: "CNY"})
		}
	}
	take()
	stage.End(no, -1, 1, ledger.Complete, "", b.TakeSums())
	loaded, err := stage.Commit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if loaded.State != ledger.Complete || loaded.Findings != 0 || loaded.Rejected != 0 {
		t.Fatalf("%+v, want everything loaded without a doubt", loaded)
	}
	rows, err := f.w.db.QueryContext(t.Context(), "SELECT line_no, total_amount::VARCHAR, unit_price::VARCHAR FROM order_items ORDER BY line_no")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var line int
		var total, price string
		if err := rows.Scan(&line, &total, &price); err != nil {
			t.Fatal(err)
		}
		if line != n+1 || total != totals[n] || price != prices[n] {
			t.Fatalf("line %d: %s and %s came back as line %d: %s and %s", n+1, totals[n], prices[n], line, total, price)
		}
	}
	if err := rows.Err(); err != nil || n != values {
		t.Fatalf("%d values came back of %d, error %v", n, values, err)
	}
	// The sum is beyond 18 digits: DuckDB adds up DECIMAL(18,4) in 38.
	f.want("sum(total_amount)::VARCHAR, typeof(sum(total_amount))) FROM order_items", sum.FloatString(4)+" DECIMAL(38,4)")
	var in, out string
	err = f.w.db.QueryRowContext(t.Context(), "SELECT amount_in::VARCHAR, amount_loaded::VARCHAR FROM audit.extract_totals WHERE column_name = 'total_amount'").Scan(&in, &out)
	if want := sum.FloatString(4); err != nil || in != want || out != want {
		t.Errorf("control totals %s and %s, error %v; want %s", in, out, err, want)
	}
}
