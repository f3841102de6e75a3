package httpx

import (
	"context"
	"net/http"
	"strings"
)

// fixedHeader is one header with a fixed value: the kinds bearer and header.
type fixedHeader struct{ name, value string }

// newNamedHeader is the kind header: {name, value}.
func newNamedHeader(c AuthConfig) (Auth, error) {
	if !headerName(c.Name) {
		return nil, keyError("name", "is no name of an HTTP header: use letters, digits and hyphens")
	}
	if !headerValue(c.Value) {
		return nil, keyError("value", "cannot stand in an HTTP header: remove line breaks and blanks at its ends")
	}
	return fixedHeader{c.Name, c.Value}, nil
}

func (h fixedHeader) Sign(_ context.Context, req *http.Request, _ []byte) error {
	req.Header.Set(h.name, h.value)
	return nil
}

func (fixedHeader) Expire(*http.Request) bool { return false }

// headerName reports whether s is a token of RFC 9110, section 5.6.2.
func headerName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

// headerValue reports whether s can be sent as it is: not empty, no control
// characters, no blanks at its ends.
func headerValue(s string) bool {
	return s != "" && strings.TrimSpace(s) == s && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}
