package httpx

import (
	"context"
	"net/http"
	"strings"
	"unicode"
)

// basicAuth is the kind basic: HTTP Basic authentication (RFC 7617) in UTF-8.
type basicAuth struct{ username, password string }

func newBasic(c AuthConfig) (Auth, error) {
	if strings.ContainsRune(c.Username, ':') {
		return nil, keyError("username", "holds a colon, which HTTP Basic cannot carry in a user name")
	}
	if strings.ContainsFunc(c.Username, unicode.IsControl) {
		return nil, keyError("username", "holds a line break or another control character: remove it")
	}
	if strings.ContainsFunc(c.Password, unicode.IsControl) {
		return nil, keyError("password", "holds a line break or another control character: remove it")
	}
	return basicAuth{c.Username, c.Password}, nil
}

func (a basicAuth) Sign(_ context.Context, req *http.Request, _ []byte) error {
	req.SetBasicAuth(a.username, a.password)
	return nil
}

func (basicAuth) Expire(*http.Request) bool { return false }
