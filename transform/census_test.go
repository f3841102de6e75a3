package transform_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/transform"
)

func TestCensus(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers []string
		want    string // path, name, types, count, among, first answer
	}{
		{"nothing", nil, ""},
		{"no object", []string{`[1,2]`, `null`, `"a"`}, ""},
		{
			"how often and of what type",
			[]string{`{"l":[{"a":1,"b":"x"},{"a":"1"}]}`, `{"l":[{"a":null,"c":true}]}`},
			" l array 2/2 f:1; l[] a string|number 3/3 f:1; l[] b string 1/3 f:1; l[] c bool 1/3 f:2",
		},
		{"objects within", []string{`{"o":{"i":[{"n":1}]},"n":2}`}, " n number 1/1 f:1;  o object 1/1 f:1; o i array 1/1 f:1; o.i[] n number 1/1 f:1"},
		{"an empty object, then a full one", []string{`{"o":{}}`, `{"o":{"a":1}}`}, " o object 2/2 f:1; o a number 1/2 f:2"},
		{"lists of lists", []string{`{"l":[[{"a":1}]]}`}, " l array 1/1 f:1; l[][] a number 1/1 f:1"},
		{"a member that only null was given for", []string{`{"a":null}`}, " a  1/1 f:1"},
		{"names that are data", []string{`{"13800138000":{"a":1},"张三":1,"a b":1,"id":1}`}, " id number 1/1 f:1"},
		{"so many that they are data", []string{"{" + manyMembers(300) + "}"}, ""},
		{"an answer that breaks off", []string{`{"a":1,"b":`}, " a number 1/1 f:1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var census transform.Census
			for i, answer := range c.answers {
				census.Add([]byte(answer), fmt.Sprintf("f:%d", i+1))
			}
			var got []string
			for _, m := range census.Members() {
				got = append(got, fmt.Sprintf("%s %s %s %d/%d %s", m.Path, m.Name, m.Types, m.Count, m.Among, m.Ref))
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("got  %q\nwant %q", strings.Join(got, "; "), c.want)
			}
		})
	}
}

func manyMembers(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`"member%d":1`, i))
	}
	return strings.Join(all, ",")
}

func BenchmarkCensus(b *testing.B) {
	order := `{"id":"1","created":"2026-04-01 10:00:00","front":{"platform":{"id":"m"},"order_id":"F1"},"items":[` + strings.Repeat(`{"item_id":"1","sku_id":"A","quantity":1,"unit_price":1.00,"total":1.00},`, 4) + `{}],` + manyMembers(60) + `}`
	answer := []byte(`{"orders":[` + strings.Repeat(order+",", 99) + order + `],"total":100}`)
	b.SetBytes(int64(len(answer)))
	var census transform.Census
	for b.Loop() {
		census.Add(answer, "f:1")
	}
}
