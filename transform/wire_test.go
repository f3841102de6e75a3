package transform

import (
	"strings"
	"testing"

	"github.com/go-faster/jx"
)

func TestReadMember(t *testing.T) {
	for _, c := range []struct{ body, want, err string }{
		{`{"code":0,"result":"x","t":1}`, "x", ""},
		{`{"result":null}`, "", ""},
		{`{"code":0}`, "", "it has no result"},
		{`["result"]`, "", "not an object"},
		{`{"result":"x"} {}`, "x", "text after its end"},
		{`{"result":"x"`, "x", "not the JSON"},
	} {
		var v Scalar
		err := ReadMember([]byte(c.body), "result", func(d *jx.Decoder) error { return v.Read(d) })
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: error %v, want %q", c.body, err, c.err)
		}
		if v.Text != c.want {
			t.Errorf("%s: read %q, want %q", c.body, v.Text, c.want)
		}
	}
}

// Records that are no list fail the answer; what vendors write for no records does not.
func TestReadRecords(t *testing.T) {
	for _, c := range []struct {
		json string
		rows int
		err  string
	}{
		{`[1,{"id":2},null]`, 3, ""},
		{`[]`, 0, ""},
		{`null`, 0, ""},
		{`""`, 0, ""},
		{`"[]"`, 0, ""},
		{`{"id":1}`, 0, `its "orders" is no array`},
		{`"none"`, 0, `its "orders" is no array`},
		{`7`, 0, `its "orders" is no array`},
	} {
		rows := 0
		err := ReadRecords(jx.DecodeStr(c.json), "orders", func(d *jx.Decoder) error { rows++; return d.Skip() })
		if rows != c.rows || (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
			t.Errorf("%s: %d records, error %v, want %d and %q", c.json, rows, err, c.rows, c.err)
		}
	}
}

func TestPlain(t *testing.T) {
	for _, c := range []struct{ json, want string }{
		{`"0017"`, "0017"}, {`17`, "17"}, {`""`, ""}, {`null`, ""}, {`true`, ""}, {`{"name":"x"}`, ""}, {`["x"]`, ""},
	} {
		var v Scalar
		if err := v.Read(jx.DecodeStr(c.json)); err != nil {
			t.Fatal(err)
		}
		if got := v.Plain(); got != c.want {
			t.Errorf("%s: %q, want %q", c.json, got, c.want)
		}
	}
}

// A name that stands twice in an object with different values has no value: it
// is not guessed which is meant. What an object or array holds is not quoted.
func TestValuesThatAreNone(t *testing.T) {
	type object struct {
		amount Decimal
		name   Text
		at     ISO8601
	}
	for _, c := range []struct{ json, field, raw, reason string }{
		{`{"amount":1,"amount":1}`, "", "", ""},
		{`{"amount":1,"amount":1.0}`, "amount", "1 / 1.0", "more than once"},
		{`{"amount":null,"amount":1}`, "amount", " / 1", "more than once"},
		{`{"amount":1,"amount":2,"amount":2}`, "amount", "1 / 2 / 2", "more than once"},
		{`{"name":"a","name":"b"}`, "name", "a / b", "more than once"},
		{`{"at":"2025-03-11T07:05:42Z","at":1}`, "at", "2025-03-11T07:05:42Z / 1", "more than once"},
		{`{"name":{"of":"somebody"}}`, "name", "{…}", WrongType},
		{`{"name":["somebody"]}`, "name", "[…]", WrongType},
		{`{"name":"a\u0000b"}`, "order_no", "a\x00b", "control characters"},
		{`{"name":"a\ud83d"}`, "order_no", "a\uFFFD", "valid UTF-8"},
		{"{\"name\":\"a\xff\xfeb\"}", "order_no", "a\uFFFDb", "valid UTF-8"},
		{`{"name":"a\tb\r\n"}`, "", "", ""},
	} {
		var o object
		err := ReadDocument([]byte(c.json), func(d *jx.Decoder) error {
			_, err := ReadObject(d, func(d *jx.Decoder, key string) error {
				return map[string]func(*jx.Decoder) error{"amount": o.amount.Read, "name": o.name.Read, "at": o.at.Read}[key](d)
			})
			return err
		})
		if err != nil {
			t.Fatalf("%s: %v", c.json, err)
		}
		b := NewBatch(Origin{Source: "test", Account: "a"})
		r := b.Record("1", "", -1)
		amount, at := o.amount.Money(r, "amount"), o.at.Instant(r, "at")
		r.Order(&Order{OrderNo: o.name.Value(r, "name")})
		issues := issuesOf(t, b)
		if c.field == "" {
			if len(issues) > 0 {
				t.Errorf("%q: %+v, want no finding", c.json, issues)
			}
			continue
		}
		if amount.Valid || at.Valid || len(issues) != 1 || issues[0].field != c.field || issues[0].raw != c.raw || !strings.Contains(issues[0].reason, c.reason) {
			t.Errorf("%q: amount %+v, instant %+v, findings %+v; want one of %s with %q", c.json, amount, at, issues, c.field, c.raw)
		}
	}
}

// A record is refused by what its id is, and the others are not.
func TestIDsThatAreNone(t *testing.T) {
	for _, c := range []struct{ json, raw, reason string }{
		{`{"id":"1"}`, "", ""},
		{`{"id":17}`, "", ""},
		{`{}`, "", "no id"},
		{`{"id":null}`, "", "no id"},
		{`{"id":""}`, "", "no id"},
		{`{"id":true}`, "true", WrongType},
		{`{"id":{"name":"somebody"}}`, "{…}", WrongType},
		{`{"id":"1","id":"2"}`, "1 / 2", "more than once"},
		{"{\"id\":\"1\xff\"}", "1\uFFFD", "valid UTF-8"},
	} {
		var id Text
		if err := ReadMember([]byte(`{"member":`+c.json+`}`), "member", func(d *jx.Decoder) error {
			_, err := ReadObject(d, func(d *jx.Decoder, _ string) error { return id.Read(d) })
			return err
		}); err != nil {
			t.Fatal(err)
		}
		b := NewBatch(Origin{Source: "test", Account: "a"})
		r := b.RecordOf("id", &id.Scalar, "/list", 3)
		refused := r.Rejected()
		issues := issuesOf(t, b)
		if refused != (c.reason != "") || refused && (len(issues) != 1 || issues[0].raw != c.raw || !strings.Contains(issues[0].reason, c.reason)) {
			t.Errorf("%q: refused %v, %+v; want %q with %q", c.json, refused, issues, c.reason, c.raw)
		}
	}
}
