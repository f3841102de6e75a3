package httpx_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

var (
	allKinds = []httpx.Kind{httpx.OAuth2(httpx.OAuth2Vendor{}), httpx.Bearer, httpx.Basic, httpx.Header, httpx.None}
	fixed    = []httpx.Kind{httpx.Bearer, httpx.Header}
)

func TestWrongAuth(t *testing.T) {
	for _, c := range []struct {
		name   string
		config string
		kinds  []httpx.Kind
		key    string
		text   string
	}{
		{"no kind", `{}`, fixed, "auth.kind", "one of bearer, header"},
		{"kind of another source", `{kind: basic}`, fixed, "auth.kind", `is none that this source takes: it is one of bearer, header`},
		{"secret in place of the kind", `{kind: 0123456789top-secret}`, allKinds, "auth.kind", "one of oauth2"},
		{"missing key", `{kind: oauth2, client_id: x}`, allKinds, "auth.client_secret", "is missing: kind oauth2 needs it"},
		{"empty key", `{kind: bearer, token: ""}`, allKinds, "auth.token", "is missing: kind bearer needs it"},
		{"key of another kind", `{kind: bearer, token: x, password: top-secret}`, allKinds, "auth.password", "does not belong to kind bearer: remove it, that kind has token"},
		{"key of a kind that the source does not take", `{kind: bearer, token: x, password: top-secret}`, fixed, "auth.password", "does not belong to kind bearer: remove it, that kind has token"},
		{"none with a key", `{kind: none, token: top-secret}`, allKinds, "auth.token", "that kind has no keys"},
		{"token with a line break", `{kind: bearer, token: "top-secret\n"}`, allKinds, "auth.token", "line breaks"},
		{"user name with a colon", `{kind: basic, username: "a:b", password: top-secret}`, allKinds, "auth.username", "colon"},
		{"password with a line break", `{kind: basic, username: a, password: "top-secret\n"}`, allKinds, "auth.password", "line break"},
		{"header name with a blank", `{kind: header, name: X Key, value: top-secret}`, allKinds, "auth.name", "no name of an HTTP header"},
		{"header value with a line break", `{kind: header, name: X-Key, value: "top-secret\r\nX: y"}`, allKinds, "auth.value", "line breaks"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := extracttest.AuthConfig(t, c.config, c.kinds...).New(httpx.AuthOptions{})
			var k *extract.KeyError
			if !errors.As(err, &k) || k.Key != c.key || !strings.Contains(k.Problem, c.text) {
				t.Fatalf("error %v, want one of %s that says %q", err, c.key, c.text)
			}
			if strings.Contains(err.Error(), "secret") && strings.Contains(err.Error(), "top") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

// TestUnknownAuthKey: keys of no kind are the strict decoder's, which knows
// their line.
func TestUnknownAuthKey(t *testing.T) {
	c := httpx.AuthConfig{Kinds: fixed}
	err := yaml.NewDecoder(strings.NewReader("kind: bearer\ntokne: top-secret\n"), yaml.Strict()).Decode(&c)
	if err == nil || !strings.Contains(err.Error(), "tokne") {
		t.Errorf("error %v, want one of the key", err)
	}
}

func TestFixedCredentials(t *testing.T) {
	for _, c := range []struct{ config, header, want string }{
		{`{kind: bearer, token: abc}`, "Authorization", "Bearer abc"},
		// base64("nightaudit:密码"), by printf | base64
		{`{kind: basic, username: nightaudit, password: 密码}`, "Authorization", "Basic bmlnaHRhdWRpdDrlr4bnoIE="},
		{`{kind: header, name: x-api-key, value: abc}`, "X-Api-Key", "abc"},
		{`{kind: none}`, "Authorization", ""},
	} {
		auth, err := extracttest.AuthConfig(t, c.config, allKinds...).New(httpx.AuthOptions{})
		if err != nil {
			t.Fatal(err)
		}
		req := httptest.NewRequest(http.MethodGet, "https://h.example/", nil)
		if err := auth.Sign(t.Context(), req, nil); err != nil || req.Header.Get(c.header) != c.want {
			t.Errorf("%s: header %q, want %q (%v)", c.config, req.Header.Get(c.header), c.want, err)
		}
		if auth.Expire(req) {
			t.Errorf("%s: fixed credentials cannot be renewed", c.config)
		}
	}
}
