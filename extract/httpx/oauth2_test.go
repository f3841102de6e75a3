package httpx_test

import (
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

// oauth2 is a vendor as RFC 6749 has it.
var oauth2 = extracttest.LogIn{
	Kind: httpx.OAuth2(httpx.OAuth2Vendor{Path: "/token", Scope: "read"}),
	Read: func(r *http.Request) extracttest.LogInRequest {
		return extracttest.LogInRequest{
			LogIn: r.URL.Path == "/token" && r.PostFormValue("grant_type") == "client_credentials" && r.PostFormValue("scope") == "read" &&
				r.PostFormValue("client_id") == extracttest.ClientID && r.PostFormValue("client_secret") == extracttest.ClientSecret,
			Refresh: r.PostFormValue("refresh_token"),
			Access:  strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "),
		}
	},
	Grant: func(access, refresh string) string {
		return fmt.Sprintf(`{"access_token":%q,"refresh_token":%q,"expires_in":7200}`, access, refresh)
	},
	RefuseKeys: func(w http.ResponseWriter) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_client","error_description":"leaked"}`)
	},
	RefuseToken: func(w http.ResponseWriter) { w.WriteHeader(http.StatusUnauthorized) },
	RefusalCode: "invalid_client",
	Forms: map[string]bool{
		`{"access_token":"a","expires_in":1800}`:   true,
		`{"access_token":"a","expires_in":"1800"}`: true,
		`{"access_token":"a","expires_in":7200}`:   false,
		`{"access_token":"a"}`:                     false,
	},
}

func TestOAuth2(t *testing.T) { extracttest.LogIns(t, oauth2) }

// TestLogInTakesPartInTheRate: the log-in takes the turn of its request,
// which then waits for the next one, 100 s later.
func TestLogInTakesPartInTheRate(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, oauth2.Grant("a", "r"))
	}))
	t.Cleanup(server.Close)
	slept := new(naps)
	limits := extract.HTTPLimits{Sleep: slept.sleep}
	auth, err := extracttest.AuthConfig(t, `{kind: oauth2, client_id: a, client_secret: b}`, oauth2.Kind).
		New(httpx.AuthOptions{BaseURL: server.URL, Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	c := httpx.New(httpx.Options{BaseURL: server.URL, Rate: 0.01, Limits: limits, Auth: auth, Allow: []httpx.Read{{Method: http.MethodGet, Path: "/orders"}}})
	if _, err := c.Do(t.Context(), httpx.Call{Op: "read orders", Method: http.MethodGet, Path: "/orders"}); err != nil {
		t.Fatal(err)
	}
	if len(slept.list) != 1 || slept.list[0].Round(20*time.Second) != 100*time.Second {
		t.Errorf("slept %v, want once 100 s", slept.list)
	}
}
