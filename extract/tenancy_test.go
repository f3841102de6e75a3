package extract_test

import (
	"testing"

	"github.com/nightaudit/nightaudit/extract"
)

// Addresses that are one place in different writing compare as one; others do not.
func TestAddress(t *testing.T) {
	for address, want := range map[string]string{
		"https://v.example":            "v.example",
		"http://v.example":             "v.example",
		"HTTP://V.Example.:80/":        "v.example",
		"https://v.example:443///":     "v.example",
		"http://v.example:443":         "v.example:443",
		"https://v.example:80":         "v.example:80",
		"https://v.example/Api//v1/":   "v.example/Api/v1",
		"https://v.example/a/../b/./c": "v.example/b/c",
		"v.example/api":                "v.example/api",
		"https://[2001:DB8::1]:443/x":  "[2001:db8::1]/x",
		"http://127.0.0.1:8080":        "127.0.0.1:8080",
		"":                             "",
	} {
		if got := extract.Address(address); got != want {
			t.Errorf("%q is %q, want %q", address, got, want)
		}
	}
}

// An identity reads back as it is written, and only what is read twice overlaps.
func TestTenancy(t *testing.T) {
	a := extract.Tenancy{Address: "v.example/api", Tenant: "tenant_id 8560"}
	if b := extract.ParseTenancy(a.String()); !b.Same(a) {
		t.Errorf("%q reads back as %q", a, b)
	}
	shop := func(only ...string) extract.Tenancy { return extract.Tenancy{Address: "v", Tenant: "t", Only: only} }
	for _, c := range []struct {
		a, b extract.Tenancy
		want bool
	}{
		{shop(), shop(), true},
		{shop("x"), shop(), true},
		{shop("x", "y"), shop("y"), true},
		{shop("x"), shop("y"), false},
		{extract.Tenancy{Address: "v", Tenant: "t", Only: []string{}}, shop("y"), false},
		{shop(), extract.Tenancy{Address: "v", Tenant: "u"}, false},
		{shop(), extract.Tenancy{Address: "w", Tenant: "t"}, false},
	} {
		if c.a.Overlaps(c.b) != c.want || c.b.Overlaps(c.a) != c.want {
			t.Errorf("%+v and %+v overlap: %v", c.a, c.b, !c.want)
		}
	}
}
