package transform

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

func TestTextsAt(t *testing.T) {
	for _, c := range []struct{ name, body, path, values, elements string }{
		{"a list", `{"total":3,"orders":[{"id":null}, [7] ,"x"],"page":0}`, "/orders", `[{"id":null}, [7] ,"x"]`, `{"id":null}|[7]|"x"`},
		{"a list within", `{"list":[0],"data":{"list":[ {"a":[1,2]} ]}}`, "/data/list", `[ {"a":[1,2]} ]`, `{"a":[1,2]}`},
		{"an object", `{"result": {"id":{}} }`, "/result", `{"id":{}}`, ""},
		{"the whole answer", ` {"id":null} `, "", `{"id":null}`, ""},
		{"blanks within count", `{"orders":[{"id": null}]}`, "/orders", `[{"id": null}]`, `{"id": null}`},
		{"a list twice", `{"orders":[1,2],"orders":[3]}`, "/orders", `[1,2]|[3]`, `1|2|3`},
		{"an empty list", `{"orders":[]}`, "/orders", `[]`, ""},
		{"nothing there", `{"order":[1]}`, "/orders", "", ""},
		{"no object on the way", `{"data":[{"list":[1]}]}`, "/data/list", "", ""},
		{"broken behind it", `{"orders":[1,2],"page":`, "/orders", `[1,2]`, `1|2`},
		{"no JSON", `<html>`, "/orders", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			texts := textsAt([]byte(c.body), c.path)
			if got := joined(texts.values); got != c.values {
				t.Errorf("values %s, want %s", got, c.values)
			}
			if got := joined(texts.elements); got != c.elements {
				t.Errorf("elements %s, want %s", got, c.elements)
			}
		})
	}
}

func joined(texts [][]byte) string {
	var parts []string
	for _, text := range texts {
		parts = append(parts, string(text))
	}
	return strings.Join(parts, "|")
}

// A record without an id is staged with the hash of its own text, one with an
// id without any; where the page's text is not known, there is none either.
func TestRecordsWithoutIDsAreStagedWithTheHashOfTheirText(t *testing.T) {
	const page = `{"orders":[{"id":"A"},{"id":null,"n":1},{"id":true}]}`
	of := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	b := NewBatch(Origin{Source: "s", Account: "a", Stream: "orders"})
	b.Begin(PageOrigin{Ref: "x:1", Body: []byte(page)})
	b.Record("A", "/orders", 0)
	b.Record("", "/orders", 1)
	b.RecordOf("id", &Scalar{Kind: Boolean, Text: "true"}, "/orders", 2)
	b.Record("", "/orders", 3) // there is no such element
	b.Record("\x00", "", -1)   // an id that is none, of the whole answer
	b.Record("A\n", "", -1)    // as well: an id has one line
	b.Begin(PageOrigin{Ref: "x:2"})
	b.Record("", "/orders", 1)

	var got []string
	err := b.Take(func(table string, rec arrow.RecordBatch) error {
		if table == TableRecords {
			column := rec.Column(rec.Schema().FieldIndices("text_sha256")[0]).(*array.String)
			for i := range column.Len() {
				got = append(got, column.Value(i))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"", of(`{"id":null,"n":1}`), of(`{"id":true}`), "", of(page), of(page), ""}
	if strings.Join(got, " ") != strings.Join(want, " ") || len(got) != len(want) {
		t.Errorf("hashes %q, want %q", got, want)
	}
}
