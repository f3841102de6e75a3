package cases

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract/wal"
)

// same is a visitor that changes nothing.
func same() *visitor {
	return &visitor{
		name:   func(name string) string { return name },
		scalar: func(_ string, _ []string, s string, _ bool) string { return s },
	}
}

// An answer in which nothing is replaced is the answer, with all digits of its numbers.
func FuzzRewrite(f *testing.F) {
	for _, s := range []string{
		`{"a":[1.50,-0,1e400,"x",null,true,{"b":"{\"c\":\"<张三>\"}"}],"":""}`, `"text"`, `[]`, `{"a":1,"a":2}`, `12345678901234567890.10`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		read := func(data []byte) (v any, ok bool) {
			d := json.NewDecoder(strings.NewReader(string(data)))
			d.UseNumber()
			return v, d.Decode(&v) == nil && !d.More()
		}
		want, ok := read(body)
		if !ok || strings.Contains(string(body), `lines`) || strings.Contains(string(body), `\`) {
			return // lines of a CSV, and documents in a text, may be written in another way
		}
		out, err := same().document(body)
		if err != nil {
			return // what is no UTF-8
		}
		if got, ok := read(out); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s becomes %s", body, out)
		}
	})
}

// Values are reached wherever they stand: in documents within texts, in the cells of a
// CSV, and in what a vendor pushed, whose hash fits again.
func TestRewriteReachesEverything(t *testing.T) {
	pushed, err := wal.Encode(wal.Record{Body: []byte(`{"toName":"x"}`)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, in, path, want string }{
		{"a member", `{"a":{"b":["x"]}}`, "/a/b/*", `{"a":{"b":["y"]}}`},
		{"a number", `{"a":-12.50e3}`, "/a", `{"a":ye3}`},
		{"a document in a text", `{"a":"{\"b\":\"x\"}"}`, "/a/text/b", `{"a":"{\"b\":\"y\"}"}`},
		{"a cell", `{"header":"no;to","lines":["1;x","x"]}`, "/lines/*/to", `{"header":"no;to","lines":["1;y","x"]}`},
		{"the text itself", `"x"`, "", `"y"`},
	} {
		t.Run(c.what, func(t *testing.T) {
			v := same()
			v.scalar = func(path string, _ []string, s string, _ bool) string {
				if path == c.path {
					return "y"
				}
				return s
			}
			if got, err := v.document([]byte(c.in)); err != nil || string(got) != c.want {
				t.Errorf("got %s, %v; want %s", got, err, c.want)
			}
		})
	}
	v := same()
	v.scalar = func(string, []string, string, bool) string { return "y" }
	line, err := v.written(strings.TrimSpace(string(pushed)), place{})
	if err != nil {
		t.Fatal(err)
	}
	if record, err := wal.Decode(line); err != nil || string(record.Body) != `{"toName":"y"}` {
		t.Errorf("what was pushed becomes %s, %v", line, err)
	}
}

// Of the lists of records the wanted ones stay, everything else as it is written.
func TestCut(t *testing.T) {
	records := []found{{order: "a", pointer: "/data/list/0"}, {order: "b", pointer: "/data/list/1"}, {order: "c", pointer: "/data/list/2"}, {pointer: "/total"}}
	for _, c := range []struct{ what, in, keep, blank, want string }{
		{"one of three", `{"total":3.0,"data":{"list":[{"id":"a","x":[1,2]}, {"id":"b"},{"id":"c"}],"<":null}}`, "b", "", `{"total":3.0,"data":{"list":[{"id":"b"}],"\u003c":null}}`},
		{"none", `{"data":{"list":[1,2,3]}}`, "", "", `{"data":{"list":[]}}`},
		{"all", `{"data": {"list":[1,2,3]}}`, "a b c", "", `{"data": {"list":[1,2,3]}}`},
		{"a line", `{"data":{"list":["1","2","3"]}}`, "b", "blank", `{"data":{"list":["","2",""]}}`},
		{"an element that is no record", `{"data":{"list":[1,2,3,4]}}`, "a", "", `{"data":{"list":[1]}}`},
	} {
		t.Run(c.what, func(t *testing.T) {
			keep := func(f found) bool { return f.order != "" && strings.Contains(c.keep, f.order) }
			if got, err := cut([]byte(c.in), records, keep, c.blank != ""); err != nil || string(got) != c.want {
				t.Errorf("got %s, %v; want %s", got, err, c.want)
			}
		})
	}
}
