package transform

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-faster/jx"
)

// The outline keeps all that stands around lists, of each list the first element, and
// tells texts that are no JSON.
func TestOutline(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"total":2,"orders":[{"id":"1","items":[{"n":1},{"n":2}]},{"id":"2"}],"success":true}`, `{"total":2,"orders":[{"id":"1","items":[{"n":1}]}],"success":true}`},
		{` { "result" : { "list" : [ ] , "said" : "a\"]b" , "n" : -1.50e3 } , "x" : null } `, `{"result":{"list":[],"said":"a\"]b","n":-1.50e3},"x":null}`},
		{`[[1,2],[3]]`, `[[1]]`},
		{`{"a":{},"a":{"\u8336\"":[[],1]}}`, `{"a":{},"a":{"茶\"":[[]]}}`},
		{`"text"`, `"text"`},
		{`{"orders":[{"id":1},{"id":}]}`, ""},
		{`{"orders":[{"id":1},{"id":2}]`, ""},
		{`{"orders":[1]} x`, ""},
		{`{"orders":[1]}{"id":`, ""},
		{`{"n":01}`, ""},
		{"", ""},
	} {
		got, ok := Outline([]byte(c.text))
		if string(got) != c.want || ok != (c.want != "") {
			t.Errorf("%s: %s, %v; want %s", c.text, got, ok, c.want)
		}
	}
}

// What the outline takes for JSON is what the decoders behind it can read.
func FuzzOutline(f *testing.F) {
	for _, c := range mendCases {
		f.Add([]byte(c.text))
		f.Add([]byte(c.want))
	}
	f.Add([]byte(`{"a":["\ud83d",{"\udc00\n":[1,2e-7]}],"a":-0}`))
	f.Add([]byte(strings.Repeat(`[{"":`, 6000)))
	f.Fuzz(func(t *testing.T, text []byte) {
		outline, ok := Outline(text)
		if ok != jx.Valid(text) {
			t.Fatalf("valid JSON: %v, and the decoder says otherwise", ok)
		}
		if !ok {
			return
		}
		if !json.Valid(outline) {
			t.Fatalf("the outline is no JSON: %s", outline)
		}
		if again, _ := Outline(outline); string(again) != string(outline) {
			t.Fatalf("the outline of an outline is another: %s, %s", outline, again)
		}
	})
}
