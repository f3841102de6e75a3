package tuya

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// TestVectors: the vendor's two published vectors (docs/sources/tuya.md, Signing).
func TestVectors(t *testing.T) {
	const signed = "area_id:29a33e8796834b1efa6\ncall_id:8afdb70ab2ed11eb85290242ac130003\n"
	for _, c := range []struct{ name, token, url, want string }{
		{"log in", "", "/v1.0/token?grant_type=1", "9E48A3E93B302EEECC803C7241985D0A34EB944F40FB573C7B5C2A82158AF13E"},
		{"read", "3f4eda2bdec17232f67c0b188af3eec1", "/v2.0/apps/schema/users?page_no=1&page_size=50", "AE4481C692AA80B25F3A7E12C3A5FD9BBF6251539DD78E565A1A72A508A88784"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := signedRequest{
				ClientID: "1KAD46OrT9HafiKdsXeg", AccessToken: c.token, T: "1588925778000", Nonce: "5138cc3a9033d69856923fd07b491173",
				Method: http.MethodGet, SignedHeaders: signed, URL: c.url,
			}
			if got := r.Sign("4OHBOnWOqaEC1mWXOpVL3yV50s0qGSRC"); got != c.want {
				t.Errorf("signature %s, want %s", got, c.want)
			}
		})
	}
}

func TestSignedURL(t *testing.T) {
	for address, want := range map[string]string{
		"https://h.example/v1.0/token":                          "/v1.0/token",
		"https://h.example/v1.0/users?page_size=50&page_no=1":   "/v1.0/users?page_no=1&page_size=50",
		"https://h.example/gate/v1.0/x?room_no=A%208&b=1&a=%3F": "/gate/v1.0/x?a=?&b=1&room_no=A 8",
	} {
		req := httptest.NewRequest(http.MethodGet, address, nil)
		if got := signedURL(req.URL); got != want {
			t.Errorf("%s is signed as %s, want %s", address, got, want)
		}
	}
}

func TestLogIn(t *testing.T) {
	refuse := func(code string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { fmt.Fprintf(w, `{"success":false,"code":%s,"msg":"leaked"}`, code) }
	}
	extracttest.LogIns(t, extracttest.LogIn{
		Kind:  kindTuya,
		Check: checkEnvelope,
		Read: func(r *http.Request) extracttest.LogInRequest {
			want := signedRequest{ClientID: extracttest.ClientID, T: r.Header.Get("t"), Method: "GET", URL: "/v1.0/token?grant_type=1"}
			refresh, _ := strings.CutPrefix(r.URL.Path, "/v1.0/token/")
			if refresh == r.URL.Path {
				refresh = ""
			}
			return extracttest.LogInRequest{
				LogIn:   r.URL.Path == "/v1.0/token" && r.URL.RawQuery == "grant_type=1" && r.Header.Get("sign") == want.Sign(extracttest.ClientSecret),
				Refresh: refresh,
				Access:  r.Header.Get("access_token"),
			}
		},
		Grant: func(access, refresh string) string {
			return fmt.Sprintf(`{"success":true,"result":{"access_token":%q,"refresh_token":%q,"expire_time":7200}}`, access, refresh)
		},
		RefuseKeys:  refuse("1004"),
		RefuseToken: refuse("1010"),
		RefusalCode: "1004",
		Forms: map[string]bool{
			`{"success":true,"result":{"access_token":"a","expire_time":1800}}`:          true,
			`{"success":true,"result":{"access_token":"a","expire":"1800"}}`:             true,
			`{"success":true,"result":{"access_token":"a","expire_time":1767225600000}}`: false, // an instant, not a life
		},
	})
}

// TestAuthKeys: the kind's keys, and those of other kinds.
func TestAuthKeys(t *testing.T) {
	for text, want := range map[string]string{
		`{kind: tuya, client_id: x}`:                   "auth.client_secret is missing: kind tuya needs it",
		`{kind: tuya, client_id: x, token: secret}`:    "auth.token does not belong to kind tuya: remove it, that kind has client_id, client_secret",
		`{kind: 0123456789top-secret, client_id: "x"}`: "auth.kind is none that this source takes: it is one of tuya",
		`{kind: tuya, client_id: a, client_secret: b}`: "",
	} {
		_, err := extracttest.AuthConfig(t, text, kindTuya).New(httpx.AuthOptions{})
		var k *extract.KeyError
		if got := errors.As(err, &k); got != (want != "") || got && k.Error() != want {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}
