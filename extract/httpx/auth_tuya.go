package httpx

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/nightaudit/nightaudit/extract"
)

// TuyaRequest is what Tuya's signature covers (docs/sources/tuya.md, Signing).
type TuyaRequest struct {
	ClientID    string
	AccessToken string // "" on the calls that log in
	T           string // 13-digit milliseconds of the real clock
	Nonce       string // "" for none
	Method      string
	Body        []byte // as sent, whatever the method; nil for none
	// SignedHeaders are the headers named in Signature-Headers, in its order,
	// each as "key:value\n".
	SignedHeaders string
	// URL is the path and, after a question mark, the parameters sorted by
	// name, their values unescaped.
	URL string
}

// Sign is the value of the header sign.
func (r *TuyaRequest) Sign(secret string) string {
	body := sha256.Sum256(r.Body)
	stringToSign := r.Method + "\n" + hex.EncodeToString(body[:]) + "\n" + r.SignedHeaders + "\n" + r.URL
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(r.ClientID + r.AccessToken + r.T + r.Nonce + stringToSign))
	return strings.ToUpper(hex.EncodeToString(mac.Sum(nil)))
}

// TuyaURL is u as the signature covers it.
func TuyaURL(u *url.URL) string {
	query := u.Query()
	if len(query) == 0 {
		return u.EscapedPath()
	}
	var b strings.Builder
	b.WriteString(u.EscapedPath())
	names := make([]string, 0, len(query))
	for name := range query {
		names = append(names, name)
	}
	slices.Sort(names)
	separator := "?"
	for _, name := range names {
		for _, value := range query[name] {
			b.WriteString(separator + name + "=" + value)
			separator = "&"
		}
	}
	return b.String()
}

// tuyaAuth is the kind tuya. A request that carries the headers nonce or
// Signature-Headers has them covered by its signature.
type tuyaAuth struct {
	tokens
	id, secret string
	check      func(body []byte) error
}

var errLogInAddress = errors.New("the log-in's address is not below the base address")

const (
	tuyaLogIn = "/v1.0/token"
	tuyaToken = "access_token" // the header
)

func newTuyaAuth(c AuthConfig, o AuthOptions) *tuyaAuth {
	return &tuyaAuth{newTokens(c, o), c.ClientID, c.ClientSecret, o.Check}
}

func (a *tuyaAuth) Sign(ctx context.Context, req *http.Request, body []byte) error {
	access, err := a.token(ctx, a)
	if err != nil {
		return err
	}
	a.sign(req, body, access)
	return nil
}

func (a *tuyaAuth) Expire(req *http.Request) bool {
	a.login.Refused(req.Header.Get(tuyaToken))
	return true
}

func (a *tuyaAuth) sign(req *http.Request, body []byte, access string) {
	h := req.Header
	r := TuyaRequest{
		ClientID: a.id, AccessToken: access, T: strconv.FormatInt(a.clock().UnixMilli(), 10), Nonce: h.Get("nonce"),
		Method: req.Method, Body: body, URL: TuyaURL(req.URL),
	}
	if names := h.Get("Signature-Headers"); names != "" {
		for name := range strings.SplitSeq(names, ":") {
			r.SignedHeaders += name + ":" + h.Get(name) + "\n"
		}
	}
	h.Set("client_id", a.id)
	h.Set("sign_method", "HMAC-SHA256")
	h.Set("t", r.T)
	h.Set("sign", r.Sign(a.secret))
	if access != "" {
		h.Set(tuyaToken, access)
	}
}

func (a *tuyaAuth) logIn(ctx context.Context) (extract.Token, error) {
	return a.ask(ctx, &Call{Op: "log in", Method: http.MethodGet, Path: tuyaLogIn, Query: url.Values{"grant_type": {"1"}}}, tuyaLogIn)
}

func (a *tuyaAuth) renew(ctx context.Context, refresh string) (extract.Token, error) {
	// The path holds the refresh token: errors name another one.
	return a.ask(ctx, &Call{Op: "renew the log-in", Method: http.MethodGet, Path: tuyaLogIn + "/*"}, tuyaLogIn+"/"+url.PathEscape(refresh))
}

// ask sends call to path; errors name call's own path.
func (a *tuyaAuth) ask(ctx context.Context, call *Call, path string) (extract.Token, error) {
	sent := *call
	sent.Path = path
	req, err := a.wire.request(ctx, &sent)
	if err != nil {
		return extract.Token{}, call.own(call.fail(extract.Permanent, "", errLogInAddress, "correct base_url"))
	}
	a.sign(req, nil, "")
	r, err := a.wire.send(ctx, call, req)
	if err != nil {
		return extract.Token{}, err
	}
	if err := call.verdict(r, a.check); err != nil {
		return extract.Token{}, err
	}
	return a.take(call, r)
}
