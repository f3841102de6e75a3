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
