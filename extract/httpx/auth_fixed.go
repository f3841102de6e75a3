package httpx

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"unicode"

	"github.com/nightaudit/nightaudit/extract"
)

// fixedHeader is one header with a fixed value: the kinds bearer and header.
type fixedHeader struct{ name, value string }

type bearerKeys struct {
	Token string `yaml:"token"`
}

// newBearer is the kind bearer: a fixed token in the header Authorization.
func newBearer(k bearerKeys, _ AuthOptions) (Auth, error) {
	if !HeaderValue(k.Token) {
		return nil, BadKey("token", "cannot stand in an HTTP header: remove line breaks and blanks at its ends")
	}
	return fixedHeader{"Authorization", "Bearer " + k.Token}, nil
}

type headerKeys struct {
	Name  string `yaml:"name"`
	Value string `yaml:"value"`
}

// newNamedHeader is the kind header: {name, value}.
func newNamedHeader(k headerKeys, _ AuthOptions) (Auth, error) {
	if !HeaderName(k.Name) {
		return nil, BadKey("name", "is no name of an HTTP header: use letters, digits and hyphens")
	}
	if !HeaderValue(k.Value) {
		return nil, BadKey("value", "cannot stand in an HTTP header: remove line breaks and blanks at its ends")
	}
	return fixedHeader{k.Name, k.Value}, nil
}

func (h fixedHeader) Sign(_ context.Context, req *http.Request, _ []byte) error {
	req.Header.Set(h.name, h.value)
	return nil
}

func (fixedHeader) Expire(*http.Request) bool { return false }

func (h fixedHeader) keys() string {
	if h.name == "Authorization" {
		return "auth.token"
	}
	return "auth.name and auth.value"
}

// fixedRefused names the keys of fixed credentials that the vendor does not accept.
func fixedRefused(a Auth, err error) error {
	var e *extract.Error
	if fixed, ok := a.(interface{ keys() string }); ok && errors.As(err, &e) && e.Hint == checkAuth {
		e.Hint = "check " + fixed.keys()
	}
	return err
}

// HeaderName reports whether s is a token of RFC 9110, section 5.6.2.
func HeaderName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

// HeaderValue reports whether s can be sent as it is: not empty, no control
// characters, no blanks at its ends.
func HeaderValue(s string) bool {
	return s != "" && strings.TrimSpace(s) == s && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// basicAuth is the kind basic: HTTP Basic authentication (RFC 7617) in UTF-8.
type basicAuth struct {
	Username string `yaml:"username"`
	Password string `yaml:"password"`
}

func newBasic(a basicAuth, _ AuthOptions) (Auth, error) {
	if strings.ContainsRune(a.Username, ':') {
		return nil, BadKey("username", "holds a colon, which HTTP Basic cannot carry in a user name")
	}
	if strings.ContainsFunc(a.Username, unicode.IsControl) {
		return nil, BadKey("username", "holds a line break or another control character: remove it")
	}
	if strings.ContainsFunc(a.Password, unicode.IsControl) {
		return nil, BadKey("password", "holds a line break or another control character: remove it")
	}
	return a, nil
}

func (a basicAuth) Sign(_ context.Context, req *http.Request, _ []byte) error {
	req.SetBasicAuth(a.Username, a.Password)
	return nil
}

func (basicAuth) Expire(*http.Request) bool { return false }

func (basicAuth) keys() string { return "auth.username and auth.password" }
