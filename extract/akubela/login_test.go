package akubela

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract/extracttest"
)

// TestLogIn: the vendor wraps its tokens, and refuses with success: false
// where the RFC has a status.
func TestLogIn(t *testing.T) {
	l := extracttest.LogIn{
		Kind:  kindOAuth2,
		Check: checkEnvelope,
		Read: func(r *http.Request) extracttest.LogInRequest {
			return extracttest.LogInRequest{
				LogIn: r.URL.Path == tokenPath && r.PostFormValue("grant_type") == "client_credentials" && r.PostFormValue("scope") == "hotel" &&
					r.PostFormValue("client_id") == extracttest.ClientID && r.PostFormValue("client_secret") == extracttest.ClientSecret,
				Refresh: r.PostFormValue("refresh_token"),
				Access:  strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "),
			}
		},
		Grant: func(access, refresh string) string {
			return fmt.Sprintf(`{"success":true,"result":{"access_token":%q,"refresh_token":%q,"expires_in":7200}}`, access, refresh)
		},
		RefuseToken: func(w http.ResponseWriter) { w.WriteHeader(http.StatusUnauthorized) },
		Forms: map[string]bool{
			`{"success":true,"result":{"access_token":"a","expires_in":"1800"}}`: true,
			`{"success":true,"result":{"access_token":"a","expires_in":7200}}`:   false,
			`{"access_token":"a","expires_in":1800}`:                             true,
			`{"access_token":"a"}`:                                               false,
		},
	}
	for body, code := range map[string]string{
		`{"error":"invalid_client","error_description":"leaked"}`: "invalid_client",
		`{"success":false,"msg":"leaked"}`:                        "",
	} {
		l.RefusalCode = code
		l.RefuseKeys = func(w http.ResponseWriter) { _, _ = io.WriteString(w, body) }
		extracttest.LogIns(t, l)
	}
}
