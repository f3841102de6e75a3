package httpx_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// TestTuyaVectors: the vendor's two published vectors (docs/sources/tuya.md, Signing).
func TestTuyaVectors(t *testing.T) {
	const signed = "area_id:29a33e8796834b1efa6\ncall_id:8afdb70ab2ed11eb85290242ac130003\n"
	for _, c := range []struct{ name, token, url, want string }{
		{"log in", "", "/v1.0/token?grant_type=1", "9E48A3E93B302EEECC803C7241985D0A34EB944F40FB573C7B5C2A82158AF13E"},
		{"read", "3f4eda2bdec17232f67c0b188af3eec1", "/v2.0/apps/schema/users?page_no=1&page_size=50", "AE4481C692AA80B25F3A7E12C3A5FD9BBF6251539DD78E565A1A72A508A88784"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httpx.TuyaRequest{
				ClientID: "1KAD46OrT9HafiKdsXeg", AccessToken: c.token, T: "1588925778000", Nonce: "5138cc3a9033d69856923fd07b491173",
				Method: http.MethodGet, SignedHeaders: signed, URL: c.url,
			}
			if got := r.Sign("4OHBOnWOqaEC1mWXOpVL3yV50s0qGSRC"); got != c.want {
				t.Errorf("signature %s, want %s", got, c.want)
			}
		})
	}
}

func TestTuyaURL(t *testing.T) {
	for address, want := range map[string]string{
		"https://h.example/v1.0/token":                          "/v1.0/token",
		"https://h.example/v1.0/users?page_size=50&page_no=1":   "/v1.0/users?page_no=1&page_size=50",
		"https://h.example/gate/v1.0/x?room_no=A%208&b=1&a=%3F": "/gate/v1.0/x?a=?&b=1&room_no=A 8",
	} {
		req := httptest.NewRequest(http.MethodGet, address, nil)
		if got := httpx.TuyaURL(req.URL); got != want {
			t.Errorf("%s is signed as %s, want %s", address, got, want)
		}
	}
}

// TestTemplate: the signatures were computed with Python's hashlib and hmac,
// those of the first and the third case with openssl dgst too.
func TestTemplate(t *testing.T) {
	const (
		body  = `{"orderNo":"A1"}`
		stamp = "1588925778000"
		nonce = "000102030405060708090a0b0c0d0e0f"
	)
	text := func(s string) *string { return &s }
	for _, c := range []struct {
		name   string
		config httpx.AuthConfig
		header map[string]string
		body   string
	}{
		{
			name: "the contract's example",
			config: httpx.AuthConfig{
				Algorithm: "hmac-sha256", Values: map[string]string{"appId": "app-7"},
				Fields: []string{"appId", "timestamp", "body"}, Join: text(""), Case: "lower", In: "header", Name: "sign",
			},
			header: map[string]string{"appId": "app-7", "timestamp": stamp, "sign": "d006bc5a14a082867631a5c238d07bf30863e388f31b3c4b73544da84c4f1ae7"},
			body:   body,
		},
		{
			name: "hmac-md5 over joined fields, in the body",
			config: httpx.AuthConfig{
				Algorithm: "hmac-md5", Values: map[string]string{"appId": "app-7"},
				Fields: []string{"appId", "timestamp"}, Join: text("&"), In: "body", Name: "sign",
			},
			body: `{"orderNo":"A1","appId":"app-7","sign":"bbfa6dd366961b54ba80ceeb892f3f3b","timestamp":"1588925778000"}`,
		},
		{
			name:   "md5 with nonce, upper case",
			config: httpx.AuthConfig{Algorithm: "md5", Fields: []string{"nonce", "secret", "body"}, Join: text("|"), Case: "upper", Name: "X-Sign"},
			header: map[string]string{"nonce": nonce, "X-Sign": "C4BA6E653F72032180DDCE8E83106F80", "timestamp": ""},
			body:   body,
		},
		{
			name:   "sha256 with the secret at both ends",
			config: httpx.AuthConfig{Algorithm: "sha256", Fields: []string{"secret", "body", "timestamp", "secret"}, Name: "sign"},
			header: map[string]string{"timestamp": stamp, "sign": "a1ea613edd2810f1e1655aaf18dfe0c829489f43e3433cdc7127106a011ac0cc"},
			body:   body,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.config.Kind, c.config.Secret = "signature", "s3cret"
			auth, err := c.config.New(httpx.AuthOptions{
				Clock:  func() time.Time { return time.UnixMilli(1588925778000) },
				Random: bytes.NewReader([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}),
			}, "none", "signature")
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
	auth, err := httpx.AuthConfig{Kind: "signature", Algorithm: "hmac-md5", Secret: "s3cret", Fields: []string{"timestamp"}, In: "body", Name: "sign"}.
		New(httpx.AuthOptions{}, "signature")
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
