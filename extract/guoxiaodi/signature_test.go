package guoxiaodi

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// TestTemplate: the signatures were computed with Python's hashlib and hmac,
// those of the first and the third case with openssl dgst too.
func TestTemplate(t *testing.T) {
	const (
		body  = `{"orderNo":"A1"}`
		stamp = "1588925778000"
		nonce = "000102030405060708090a0b0c0d0e0f"
	)
	for _, c := range []struct {
		name   string
		config string
		header map[string]string
		body   string
	}{
		{
			name:   "the contract's example",
			config: `algorithm: hmac-sha256, values: {appId: app-7}, fields: [appId, timestamp, body], join: "", case: lower, in: header, name: sign`,
			header: map[string]string{"appId": "app-7", "timestamp": stamp, "sign": "d006bc5a14a082867631a5c238d07bf30863e388f31b3c4b73544da84c4f1ae7"},
			body:   body,
		},
		{
			name:   "hmac-md5 over joined fields, in the body",
			config: `algorithm: hmac-md5, values: {appId: app-7}, fields: [appId, timestamp], join: "&", in: body, name: sign`,
			body:   `{"orderNo":"A1","appId":"app-7","sign":"bbfa6dd366961b54ba80ceeb892f3f3b","timestamp":"1588925778000"}`,
		},
		{
			name:   "md5 with nonce, upper case",
			config: `algorithm: md5, fields: [nonce, secret, body], join: "|", case: upper, name: X-Sign`,
			header: map[string]string{"nonce": nonce, "X-Sign": "C4BA6E653F72032180DDCE8E83106F80", "timestamp": ""},
			body:   body,
		},
		{
			name:   "sha256 with the secret at both ends",
			config: `algorithm: sha256, fields: [secret, body, timestamp, secret], name: sign`,
			header: map[string]string{"timestamp": stamp, "sign": "a1ea613edd2810f1e1655aaf18dfe0c829489f43e3433cdc7127106a011ac0cc"},
			body:   body,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			auth, err := extracttest.AuthConfig(t, "{kind: signature, secret: s3cret, "+c.config+"}", httpx.None, kindSignature).New(httpx.AuthOptions{
				Clock:  func() time.Time { return time.UnixMilli(1588925778000) },
				Random: bytes.NewReader([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}),
			})
			if err != nil {
				t.Fatal(err)
			}
			req := httptest.NewRequest(http.MethodPost, "https://h.example/openapi/v1/order/query-status", strings.NewReader(body))
			if err := auth.Sign(t.Context(), req, []byte(body)); err != nil {
				t.Fatal(err)
			}
			for name, want := range c.header {
				if got := req.Header.Get(name); got != want {
					t.Errorf("header %s is %q, want %q", name, got, want)
				}
			}
			sent, err := io.ReadAll(req.Body)
			if err != nil || string(sent) != c.body || req.ContentLength != int64(len(sent)) {
				t.Errorf("body %s of stated length %d, want %s (%v)", sent, req.ContentLength, c.body, err)
			}
			if strings.Contains(string(sent), "s3cret") {
				t.Error("the secret was sent")
			}
		})
	}
}

func TestTemplateNeedsAnObject(t *testing.T) {
	auth, err := extracttest.AuthConfig(t, "{kind: signature, algorithm: hmac-md5, secret: s3cret, fields: [timestamp], in: body, name: sign}", kindSignature).
		New(httpx.AuthOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{`[1]`, `{"sign":"x"}`, `{"timestamp":1}`, `{"a":`} {
		req := httptest.NewRequest(http.MethodPost, "https://h.example/", nil)
		var e *extract.Error
		if err := auth.Sign(t.Context(), req, []byte(body)); !errors.As(err, &e) || e.Class != extract.Permanent || e.Hint == "" {
			t.Errorf("body %s: error %v, want a permanent one with a hint", body, err)
		}
	}
}

func TestWrongSignature(t *testing.T) {
	for _, c := range []struct{ name, algorithm, values, fields, sign, more, key, text string }{
		{"unknown algorithm", "sha1", "", "", "", "", "auth.algorithm", "hmac-sha256, hmac-md5, sha256 or md5"},
		{"hash without the secret", "md5", "", "", "", "", "auth.fields", "must hold secret"},
		{"unknown field", "", "", "[appid, body]", "", "", "auth.fields[0]", `is neither in values nor one of timestamp, nonce, body, secret`},
		{"value of a reserved name", "", "{appId: a, nonce: top-secret}", "", "", "", "auth.values.nonce", "remove it"},
		{"value under the signature's name", "", "{appId: a, Sign: x}", "", "", "", "auth.values.Sign", "rename"},
		{"value that is no header", "", `{appId: "top\nsecret"}`, "", "", "", "auth.values.appId", "line breaks"},
		{"reserved name of the signature", "", "", "", "timestamp", "", "auth.name", "must differ"},
		{"unknown case", "", "", "", "", ", case: Upper", "auth.case", "lower or upper"},
		{"unknown place", "", "", "", "", ", in: query", "auth.in", "header or body"},
		{"no fields", "", "", "null", "", "", "auth.fields", "is missing: kind signature needs it"},
		{"key of another kind", "", "", "", "", ", token: top-secret", "auth.token", "does not belong to kind signature: remove it, that kind has algorithm, secret, fields, name, values, join, case, in"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := fmt.Sprintf("{kind: signature, secret: top-secret, algorithm: %s, values: %s, fields: %s, name: %s%s}",
				cmp.Or(c.algorithm, "hmac-sha256"), cmp.Or(c.values, "{appId: a}"), cmp.Or(c.fields, "[appId, timestamp, body]"), cmp.Or(c.sign, "sign"), c.more)
			_, err := extracttest.AuthConfig(t, text, httpx.None, kindSignature).New(httpx.AuthOptions{})
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

// TestNoAuth: an account that states no kind signs nothing.
func TestNoAuth(t *testing.T) {
	c := httpx.AuthConfig{Kinds: []httpx.Kind{httpx.None, kindSignature}, Otherwise: httpx.None.Name}
	auth, err := c.New(httpx.AuthOptions{})
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodPost, "https://h.example/", nil)
	if err := auth.Sign(t.Context(), req, nil); err != nil || len(req.Header) > 0 {
		t.Errorf("headers %v, error %v", req.Header, err)
	}
}
