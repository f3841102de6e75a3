package transform

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/go-faster/jx"
)

// bill is a record of a vendor's.
type bill struct {
	ID     Text       `json:"id"`
	Amount Decimal    `json:"amount" orders:"net_amount"`
	Note   Text       `json:"note" orders:"cancel_reason"`
	Lines  List[line] `json:"lines"`
}

type line struct {
	Total Decimal `json:"total" order_items:"total_amount"`
}

// Each fault is told once, with the order and the field in which it stands.
func TestRepairsAreToldWithTheirRecords(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string // "finding or reject, order, field, reason, raw, amount"
	}{
		{"nothing", `{"list":[{"id":"A","amount":1}]}`, nil},
		{"a text", "{\"list\":[{\"id\":\"A\"},{\"id\":\"B\",\"note\":\"x\ny\"}]}", []string{
			"finding B note: a line break stands in the text as it is; it was kept (byte 19 of the record) []",
		}},
		{"an amount, which its reader tells", `{"list":[{"id":"A","amount":NaN}]}`, []string{
			"finding A amount: not a plain decimal number [NaN] amount",
		}},
		{"an amount of a line", `{"list":[{"id":"A","lines":[{"total":1},{"total":-Infinity}]}]}`, []string{
			"finding A lines[1].total: not a plain decimal number [-Infinity] amount",
		}},
		{"a word where nobody reads", `{"list":[{"id":"A","x":{"y":[None]}}]}`, []string{
			"finding A x.y[0]: a value that JSON does not have was read as a text (byte 20 of the record) []",
		}},
		{"an id", `{"list":[{"id":NaN,"amount":1}]}`, []string{
			"reject NaN id: a value that JSON does not have was read as a text (byte 6 of the record) [NaN]",
		}},
		{"an id of two lines", "{\"list\":[{\"id\":\"A\nB\",\"amount\":1}]}", []string{
			"reject – order_id: control characters in a text [A\nB]",
		}},
		{"a record", `{"list":[{"id":"A","amount":1 2,"note":"x"},{"id":"B","amount":3}]}`, []string{
			"reject A amount: the record is no JSON and was set apart (byte 21 of the record) […]",
		}},
		{"a record without an id", `{"list":[{"amount":1 2},{"id":"B"}]}`, []string{
			"reject – amount: the record is no JSON and was set apart (byte 12 of the record) […]",
		}},
		{"the end", `{"list":[{"id":"A"},{"id":"B"}]} ok`, []string{
			"finding – answer: 2 bytes after its end were left out (byte 33 of the answer) []",
		}},
		{"beside the records", "{\"msg\":\"a\tb\",\"list\":[{\"id\":\"A\"}]}", []string{
			"finding – msg: a tab stands in the text as it is; it was kept (byte 9 of the answer) []",
		}},
		{"no records", "{\"msg\":\"a\tb\",\"list\":[]}", []string{"untold: a tab stands in the text as it is; it was kept"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := told(t, c.text); !slices.Equal(got, c.want) {
				t.Errorf("%q\nwant %q", got, c.want)
			}
		})
	}
}

// told mends a list of bills, decodes it and gives what it tells.
func told(t *testing.T, text string) (issues []string) {
	t.Helper()
	body, repairs, err := Mend([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	b := NewBatch(Origin{Source: "s", Account: "a", Stream: "list", Calendar: Calendar{Zone: time.UTC}, Currency: "CNY"})
	b.Begin(PageOrigin{Ref: "x:1", SHA256: "00", Body: body, Repairs: repairs})
	bills, lines := Declare[bill](nil), Declare[line](nil)
	var v bill
	i := 0
	if err := ReadMember(body, "list", func(d *jx.Decoder) error {
		_, err := ReadArray(d, func(d *jx.Decoder) error {
			if _, err := bills.Read(d, &v); err != nil {
				return err
			}
			r := b.RecordOf("id", &v.ID.Scalar, "/list", i)
			i++
			if r.Rejected() {
				return nil
			}
			r.Order(&bills.Fill(r, &v, "CNY").Order)
			v.Lines.Each(r, "lines", nil, func(n int, l *line) {
				item := &lines.Fill(r, l, "CNY").Item
				item.LineNo = n + 1
				r.Item(item)
			})
			return nil
		})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	untold := b.EndPage()
	if err := b.Take(func(table string, rec arrow.RecordBatch) error {
		if table != TableIssues {
			return nil
		}
		text := func(name string, row int) string {
			a := rec.Column(rec.Schema().FieldIndices(name)[0]).(*array.String)
			if a.IsNull(row) {
				return ""
			}
			return strings.Clone(a.Value(row))
		}
		flag := func(name string, row int) bool {
			return rec.Column(rec.Schema().FieldIndices(name)[0]).(*array.Boolean).Value(row)
		}
		for row := range int(rec.NumRows()) {
			kind, amount, id := "finding", "", text("order_id", row)
			if flag("is_reject", row) {
				kind = "reject"
			}
			if flag("is_amount", row) {
				amount = " amount"
			}
			if id == "" {
				id = "–"
			}
			issues = append(issues, fmt.Sprintf("%s %s %s: %s [%s]%s", kind, id, text("field", row), text("reason", row), text("raw", row), amount))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, r := range untold {
		issues = append(issues, "untold: "+r.What)
	}
	return issues
}
