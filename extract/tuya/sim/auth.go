package sim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// clockTolerance is how far a request's t may be off (code 1013).
const clockTolerance = 5 * time.Minute

func (v *Vendor) logIn(r *http.Request, body []byte) (any, *failure) {
	if r.URL.Query().Get("grant_type") != "1" {
		return nil, errParam("grant_type must be 1")
	}
	if fail := v.signed(r, body, ""); fail != nil {
		return nil, fail
	}
	if v.o.OneToken {
		v.EndAll()
	}
	return v.issue(), nil
}

func (v *Vendor) refresh(r *http.Request, body []byte, refresh string) (any, *failure) {
	if fail := v.signed(r, body, ""); fail != nil {
		return nil, fail
	}
	if !v.Spend(refresh) { // refreshing invalidates the old pair
		return nil, &failure{1011, "token invalid"}
	}
	return v.issue(), nil
}

func (v *Vendor) issue() any {
	access, refresh := v.Issue(v.o.Now().Add(v.o.TokenLife))
	grant := map[string]any{"access_token": access, "refresh_token": refresh, "uid": "bay1576462866804LT1Q"}
	if v.o.ExpireKey != "none" {
		grant[v.o.ExpireKey] = int(v.o.TokenLife / time.Second)
	}
	return grant
}

// authorize checks the token and then the signature made with it.
func (v *Vendor) authorize(r *http.Request, body []byte) *failure {
	access := r.Header.Get("access_token")
	until, ok := v.Granted(access)
	if !ok {
		return &failure{1011, "token invalid"}
	}
	if !v.o.Now().Before(until) {
		return &failure{1010, "token is expired"}
	}
	return v.signed(r, body, access)
}

// signed recomputes the request's signature (docs/sources/tuya.md, Signing).
func (v *Vendor) signed(r *http.Request, body []byte, access string) *failure {
	invalid := &failure{1004, "sign invalid"}
	h := r.Header
	if h.Get("client_id") != v.o.ClientID || h.Get("sign_method") != "HMAC-SHA256" {
		return invalid
	}
	millis, err := strconv.ParseInt(h.Get("t"), 10, 64)
	if err != nil || len(h.Get("t")) != 13 {
		return &failure{1013, "request time is invalid"}
	}
	if off := v.o.Now().Sub(time.UnixMilli(millis)); off.Abs() > clockTolerance {
		return &failure{1013, "request time is invalid"}
	}
	var headers strings.Builder
	if names := h.Get("Signature-Headers"); names != "" {
		for _, name := range strings.Split(names, ":") {
			headers.WriteString(name + ":" + h.Get(name) + "\n")
		}
	}
	sum := sha256.Sum256(body)
	for _, url := range []string{sortedURL(r, false), sortedURL(r, true)} {
		text := strings.Join([]string{r.Method, hex.EncodeToString(sum[:]), headers.String(), url}, "\n")
		mac := hmac.New(sha256.New, []byte(v.o.ClientSecret))
		mac.Write([]byte(v.o.ClientID + access + h.Get("t") + h.Get("nonce") + text))
		want := strings.ToUpper(hex.EncodeToString(mac.Sum(nil)))
		if hmac.Equal([]byte(want), []byte(h.Get("sign"))) {
			return nil
		}
	}
	return invalid
}

// sortedURL is the path with its query sorted by key. The vendor's pages do
// not say whether values are signed escaped; both are taken.
func sortedURL(r *http.Request, escaped bool) string {
	path := r.URL.EscapedPath()
	if r.URL.RawQuery == "" {
		return path
	}
	query := r.URL.Query()
	if escaped {
		return path + "?" + query.Encode()
	}
	var pairs []string
	for key, values := range query {
		for _, value := range values {
			pairs = append(pairs, key+"="+value)
		}
	}
	slices.Sort(pairs)
	return path + "?" + strings.Join(pairs, "&")
}
