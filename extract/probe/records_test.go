package probe

import (
	"fmt"
	"slices"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
)

func TestRecords(t *testing.T) {
	const body = `{"result":{"data":[{"id":"a","n":12345678901234567890,"at":null,"lines":[{"n":1},2,{"n":3}]},null,7,{"id":"b","more":true}]}}`
	r := &Reading{Page: &extract.Page{Body: []byte(body)}}
	all := r.Records("result", "data")
	if len(all) != 2 {
		t.Fatalf("%d records, want 2: what is no object is none", len(all))
	}
	a := all[0]
	if got := fmt.Sprint(a.Text("id"), a.Text("n"), a.Text("at"), a.Text("lines"), a.Text("none")); got != "a12345678901234567890" {
		t.Errorf("texts %q", got)
	}
	if lines := a.List("lines"); len(lines) != 2 || lines[1].Text("n") != "3" || a.List("id") != nil {
		t.Errorf("lines %v", lines)
	}
	if got := all[1].Lacking(a); !slices.Equal(got, []string{"more"}) {
		t.Errorf("more than the other: %v", got)
	}
	if one := r.Records("result"); len(one) != 1 || one[0]["data"] == nil {
		t.Errorf("an object by itself is one record: %v", one)
	}
	for _, none := range []*Reading{nil, {}, {Page: &extract.Page{Body: []byte(`[`)}}} {
		if got := none.Records("result", "data"); got != nil {
			t.Errorf("records %v of nothing", got)
		}
	}
	if got := (Counts{"110": 2, "20": 1, "USD": 3}).String(); got != "20 ×1, 110 ×2, USD ×3" {
		t.Errorf("counts %q", got)
	}
}
