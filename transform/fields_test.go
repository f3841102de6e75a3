package transform

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-faster/jx"
)

type testOrder struct {
	Misfits
	Object

	ID      Text    `json:"id"`
	Amount  Decimal `json:"amount" orders:"gross_amount net_amount"`
	State   Text    `json:"state" orders:"source_status status" stays:"status"`
	Money   Text    `json:"money" orders:"currency"`
	Created Millis  `json:"created" orders:"created_at" stays:"arrival_at"`
	Shop    struct {
		ID Text `json:"id" orders:"store_id"`
	} `json:"shop"`
	Lines   List[testLine]  `json:"lines"`
	Kept    List[testGuest] `json:"kept" options:"private quiet"`
	Strict  List[testLine]  `json:"strict" options:"strict" told:"counted"`
	Invoice testInvoice     `json:"invoice" options:"private"`
	AxBxC   Text            `json:"axbxc"` // one hash with the next
	AyByC   Text            `json:"aybyc"`

	_ Computed `orders:"kind"`
}

type testLine struct {
	SKU  Text `json:"sku" order_items:"sku_id"`
	Part struct {
		Fee Fen `json:"fee" order_items:"pay_amount"`
	} `json:"part"`
	Inner List[testGuest] `json:"inner"`
}

type testGuest struct {
	Object
	Name Private `json:"name" guests:"name"`
}

type testInvoice struct {
	Object
	Filled
	Type Integer `json:"type" invoices:"type"`
}

var (
	testOrders = Declare[testOrder](Words{"status": {"new": StatusPending}})
	testLines  = Declare[testLine](nil)
)

func readTest(t *testing.T, text string) *testOrder {
	t.Helper()
	v := new(testOrder)
	if _, err := testOrders.Read(jx.DecodeStr(text), v); err != nil {
		t.Fatalf("read %s: %v", text, err)
	}
	return v
}

func TestReadFields(t *testing.T) {
	v := readTest(t, `{"id":7,"other":[1],"shop":{"id":"S","x":1},"axbxc":"1","aybyc":"2","azbzc":"3",
		"lines":[{"sku":"A","inner":[{"name":"n"},4]},5,null,{"sku":"B"}],"kept":[{},"張三",null],"invoice":{"type":null,"note":"x"}}`)
	if v.ID.Text != "7" || v.ID.Kind != Number || v.Shop.ID.Text != "S" || v.AxBxC.Text != "1" || v.AyByC.Text != "2" {
		t.Errorf("read %+v", v)
	}
	if v.Members != 9 || v.Wrong || !v.Invoice.Yes || v.Strict.Given {
		t.Errorf("%d members, wrong %v, invoice %v, strict %v, want 9, false, true and false", v.Members, v.Wrong, v.Invoice.Yes, v.Strict.Given)
	}
	// What is no object is left out, or keeps its place where it is marked.
	if len(v.Lines.Items) != 2 || v.Lines.Items[1].SKU.Text != "B" || len(v.Lines.Items[0].Inner.Items) != 2 || !v.Lines.Items[0].Inner.Items[1].Wrong {
		t.Errorf("lines %+v", v.Lines)
	}
	if k := v.Kept.Items; len(k) != 3 || k[0].Wrong || !k[1].Wrong || k[1].Raw != "" || k[2].Wrong {
		t.Errorf("kept %+v, want three of which the second is wrong without its text", k)
	}
	// Of the lines an amount is lost; of the names within them, and of guests, none.
	want := "[{lines.inner " + WrongType + " 4} {lines " + WrongType + " 5 order_items.pay_amount} {kept " + WrongType + " }]"
	if got := misfitsOf(v); got != want {
		t.Errorf("misfits %v, want %v", got, want)
	}
	if !v.Lines.Missed || v.Kept.Missed {
		t.Errorf("lines missed %v, kept %v: want an element left out of the lines only", v.Lines.Missed, v.Kept.Missed)
	}
}

// misfitsOf writes the misfits of v, each with the amount column that it costs.
func misfitsOf(v *testOrder) string {
	var texts []string
	for _, m := range v.Found {
		text := fmt.Sprintf("{%s %s %s", m.Field, m.Reason, m.Raw)
		if m.Amount != nil {
			text += " " + m.Amount.table + "." + m.Amount.column
		}
		texts = append(texts, text+"}")
	}
	return "[" + strings.Join(texts, " ") + "]"
}

func TestMisfits(t *testing.T) {
	for _, c := range []struct {
		text, want string
	}{
		{`{"lines":3,"shop":"x","kept":"secret","invoice":[1]}`, "[{lines " + WrongType + " 3 order_items.pay_amount} {shop " + WrongType + " x} {kept " + WrongType + " } {invoice " + WrongType + " }]"},
		{`{"lines":[{}],"lines":[{}],"lines":[]}`, "[{lines " + RepeatedList + "  order_items.pay_amount} {lines " + RepeatedList + "  order_items.pay_amount}]"},
		{`{"lines":[],"lines":[{}]}`, "[]"},
		{`{"strict":[],"strict":[{}]}`, "[{counted " + RepeatedList + "  order_items.pay_amount}]"},
		{`{"kept":[{}],"kept":[{}]}`, "[]"},
		{`{"lines":"[]","kept":"","shop":null}`, "[]"},
	} {
		if got := misfitsOf(readTest(t, c.text)); got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
	v := readTest(t, `{"lines":[{"sku":"A"}],"lines":[{"sku":"B"},{}],"invoice":{"type":1},"invoice":{}}`)
	if !v.Lines.Twice || len(v.Lines.Items) != 2 || v.Lines.Items[0].SKU.Text != "B" || v.Invoice.Yes {
		t.Errorf("lines %+v, invoice %+v: want what stands last", v.Lines, v.Invoice)
	}
	if v := readTest(t, `"none"`); !v.Wrong || v.Raw != "none" {
		t.Errorf("%+v, want the text of what is no object", v.Object)
	}
}

// Nothing of a record is found in the next one, whatever it left in memory.
func TestFieldsForget(t *testing.T) {
	v := readTest(t, `{"id":"1","shop":{"id":"S"},"lines":[{"sku":"A","inner":[{"name":"n"}]},{"sku":"B"},4],"kept":[3],"strict":[],"invoice":{"type":1}}`)
	if _, err := testOrders.Read(jx.DecodeStr(`{"lines":[{},{"inner":[{}]}],"kept":[{}]}`), v); err != nil {
		t.Fatal(err)
	}
	fresh := readTest(t, `{"lines":[{},{"inner":[{}]}],"kept":[{}]}`)
	if got, want := fmt.Sprint(*v), fmt.Sprint(*fresh); got != want {
		t.Errorf("read after another record:\n%s\nwant\n%s", got, want)
	}
}

func TestFill(t *testing.T) {
	b := NewBatch(Origin{Source: "test", Account: "a", Calendar: Calendar{Zone: time.UTC}})
	r := b.Record("1", "", -1)
	v := readTest(t, `{"amount":"12.50","state":"new","created":1712736000000,"shop":{"id":{"a":1}},"lines":[{"sku":"A","part":{"fee":"1.5"}},{"part":{"fee":1700}}]}`)
	rows := testOrders.Fill(r, v, "CNY")
	o := rows.Order
	if o.Gross != (Money{125000, true}) || o.Net != o.Gross || o.Status != StatusPending || o.SourceStatus != "new" || o.Currency != "CNY" || o.StoreID != "" {
		t.Errorf("order %+v", o)
	}
	if rows.Stay.Status != StatusPending || rows.Stay.ArrivalAt != o.CreatedAt || !o.CreatedAt.Valid || rows.Stay.Currency != "CNY" {
		t.Errorf("stay %+v", rows.Stay)
	}
	var fees []Money
	v.Lines.Each(r, "lines", nil, func(_ int, l *testLine) { fees = append(fees, testLines.Fill(r, l, "CNY").Item.Pay) })
	if want := []Money{{}, {170000, true}}; !slices.Equal(fees, want) {
		t.Errorf("fees %v, want %v", fees, want)
	}
	rows = testOrders.Fill(r, readTest(t, `{"state":"old","money":"USD","amount":null}`), "CNY")
	if rows.Order.Currency != "USD" || rows.Order.Status != "" || rows.Order.SourceStatus != "old" || rows.Order.Gross.Valid || rows.Order.CreatedAt.Valid {
		t.Errorf("order %+v, want nothing of the one before", rows.Order)
	}
	var fields []string
	for _, i := range issuesOf(t, b) {
		fields = append(fields, i.field)
	}
	if want := []string{"shop.id", "lines[0].part.fee", "state"}; !slices.Equal(fields, want) {
		t.Errorf("findings of %v, want %v", fields, want)
	}
}

func TestCarries(t *testing.T) {
	want := []string{"booked_date", "business_date", "created_at", "currency", "gross_amount", "kind", "net_amount", "source_status", "status", "store_id"}
	if got := testOrders.Carries(TableOrders); !slices.Equal(got, want) {
		t.Errorf("orders carry %v, want %v", got, want)
	}
	if got, want := testOrders.Carries(TableStays, "status"), []string{"arrival_at", "arrival_date"}; !slices.Equal(got, want) {
		t.Errorf("stays carry %v, want %v", got, want)
	}
	wantPanic(t, "guests", func() { testOrders.Carries(TableGuests) })
}

// A mistake in a declaration is told when the program starts.
func TestWrongDeclarations(t *testing.T) {
	type noName struct{ ID Text }
	type noColumn struct {
		ID Text `json:"id" orders:"no_such"`
	}
	type noOption struct {
		ID Text `json:"id" options:"hidden"`
	}
	type noEncoding struct {
		ID Text `json:"id" orders:"gross_amount"`
	}
	type twoTypes struct {
		Amount Decimal `json:"amount" orders:"gross_amount quantity"`
	}
	wantPanic(t, "ID", func() { Declare[noName](nil) })
	wantPanic(t, "no_such", func() { Declare[noColumn](nil) })
	wantPanic(t, "option", func() { Declare[noOption](nil) })
	wantPanic(t, "id", func() { Declare[noEncoding](nil) })
	wantPanic(t, "quantity", func() { Declare[twoTypes](nil) })
}

func wantPanic(t *testing.T, of string, f func()) {
	t.Helper()
	defer func() {
		if said := fmt.Sprint(recover()); !strings.Contains(said, of) {
			t.Errorf("it says %q, want something of %q", said, of)
		}
	}()
	f()
}
