package httpx_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

var allKinds = []string{"tuya", "oauth2", "bearer", "basic", "header", "signature", "none"}

func TestWrongAuth(t *testing.T) {
	signature := func(change func(*httpx.AuthConfig)) httpx.AuthConfig {
		c := httpx.AuthConfig{
			Kind: "signature", Algorithm: "hmac-sha256", Secret: "top-secret", Values: map[string]string{"appId": "a"},
			Fields: []string{"appId", "timestamp", "body"}, Name: "sign",
		}
		change(&c)
		return c
	}
	for _, c := range []struct {
		name    string
		config  httpx.AuthConfig
		allowed []string
		key     string
		text    string
	}{
		{"no kind", httpx.AuthConfig{}, []string{"bearer", "header"}, "auth.kind", "one of bearer, header"},
		{"kind of another source", httpx.AuthConfig{Kind: "basic"}, []string{"bearer", "header"}, "auth.kind", `"basic", which this source does not take: it is one of bearer, header`},
		{"secret in place of the kind", httpx.AuthConfig{Kind: "0123456789top-secret"}, allKinds, "auth.kind", "one of tuya"},
		{"missing key", httpx.AuthConfig{Kind: "tuya", ClientID: "x"}, allKinds, "auth.client_secret", "is missing: kind tuya needs it"},
		{"key of another kind", httpx.AuthConfig{Kind: "bearer", Token: "x", Password: "top-secret"}, allKinds, "auth.password", "does not belong to kind bearer: remove it, that kind has token"},
		{"none with a key", httpx.AuthConfig{Kind: "none", Token: "top-secret"}, allKinds, "auth.token", "that kind has no keys"},
		{"token with a line break", httpx.AuthConfig{Kind: "bearer", Token: "top-secret\n"}, allKinds, "auth.token", "line breaks"},
		{"user name with a colon", httpx.AuthConfig{Kind: "basic", Username: "a:b", Password: "top-secret"}, allKinds, "auth.username", "colon"},
		{"password with a line break", httpx.AuthConfig{Kind: "basic", Username: "a", Password: "top-secret\n"}, allKinds, "auth.password", "line break"},
		{"header name with a blank", httpx.AuthConfig{Kind: "header", Name: "X Key", Value: "top-secret"}, allKinds, "auth.name", "no name of an HTTP header"},
		{"header value with a line break", httpx.AuthConfig{Kind: "header", Name: "X-Key", Value: "top-secret\r\nX: y"}, allKinds, "auth.value", "line breaks"},
		{"unknown algorithm", signature(func(c *httpx.AuthConfig) { c.Algorithm = "sha1" }), allKinds, "auth.algorithm", "hmac-sha256, hmac-md5, sha256 or md5"},
		{"hash without the secret", signature(func(c *httpx.AuthConfig) { c.Algorithm = "md5" }), allKinds, "auth.fields", "must hold secret"},
		{"unknown field", signature(func(c *httpx.AuthConfig) { c.Fields = []string{"appid", "body"} }), allKinds, "auth.fields[0]", `"appid" is neither in values nor one of timestamp, nonce, body, secret`},
		{"value of a reserved name", signature(func(c *httpx.AuthConfig) { c.Values["nonce"] = "top-secret" }), allKinds, "auth.values.nonce", "remove it"},
		{"value under the signature's name", signature(func(c *httpx.AuthConfig) { c.Values["Sign"] = "x" }), allKinds, "auth.values.Sign", "rename"},
		{"value that is no header", signature(func(c *httpx.AuthConfig) { c.Values["appId"] = "top\nsecret" }), allKinds, "auth.values.appId", "line breaks"},
		{"reserved name of the signature", signature(func(c *httpx.AuthConfig) { c.Name = "timestamp" }), allKinds, "auth.name", "must differ"},
		{"unknown case", signature(func(c *httpx.AuthConfig) { c.Case = "Upper" }), allKinds, "auth.case", "lower or upper"},
		{"unknown place", signature(func(c *httpx.AuthConfig) { c.In = "query" }), allKinds, "auth.in", "header or body"},
		{"no fields", signature(func(c *httpx.AuthConfig) { c.Fields = nil }), allKinds, "auth.fields", "is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.config.New(httpx.AuthOptions{}, c.allowed...)
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

func TestFixedCredentials(t *testing.T) {
	for _, c := range []struct {
		config       httpx.AuthConfig
		header, want string
	}{
		{httpx.AuthConfig{Kind: "bearer", Token: "abc"}, "Authorization", "Bearer abc"},
		// base64("nightaudit:密码"), by printf | base64
		{httpx.AuthConfig{Kind: "basic", Username: "nightaudit", Password: "密码"}, "Authorization", "Basic bmlnaHRhdWRpdDrlr4bnoIE="},
		{httpx.AuthConfig{Kind: "header", Name: "x-api-key", Value: "abc"}, "X-Api-Key", "abc"},
		{httpx.AuthConfig{Kind: "none"}, "Authorization", ""},
	} {
		auth, err := c.config.New(httpx.AuthOptions{}, allKinds...)
		if err != nil {
			t.Fatal(err)
		}
		req := httptest.NewRequest(http.MethodGet, "https://h.example/", nil)
		if err := auth.Sign(t.Context(), req, nil); err != nil || req.Header.Get(c.header) != c.want {
			t.Errorf("%s: header %q, want %q (%v)", c.config.Kind, req.Header.Get(c.header), c.want, err)
		}
		if auth.Expire(req) {
			t.Errorf("%s: fixed credentials cannot be renewed", c.config.Kind)
		}
	}
}

// TestAuthYAML: each auth line of the contract's configuration is taken.
func TestAuthYAML(t *testing.T) {
	for _, line := range []string{
		`{kind: tuya, client_id: "a", client_secret: "b"}`,
		`{kind: oauth2, client_id: "a", client_secret: "b"}`,
		`{kind: bearer, token: "a"}`,
		`{kind: basic, username: nightaudit, password: "b"}`,
		`{kind: header, name: "X-Key", value: "b"}`,
		`{kind: none}`,
		`{kind: signature, algorithm: hmac-sha256, secret: "s", values: {appId: "a"}, fields: [appId, timestamp, body], join: "", case: lower, in: header, name: sign}`,
	} {
		var c httpx.AuthConfig
		if err := yaml.NewDecoder(strings.NewReader(line), yaml.Strict()).Decode(&c); err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if _, err := c.New(httpx.AuthOptions{}, allKinds...); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}
