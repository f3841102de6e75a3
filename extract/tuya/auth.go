package tuya

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// signedRequest is what Tuya's signature covers (docs/sources/tuya.md, Signing).
type signedRequest struct {
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
func (r *signedRequest) Sign(secret string) string {
	body := sha256.Sum256(r.Body)
	stringToSign := r.Method + "\n" + hex.EncodeToString(body[:]) + "\n" + r.SignedHeaders + "\n" + r.URL
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(r.ClientID + r.AccessToken + r.T + r.Nonce + stringToSign))
	return strings.ToUpper(hex.EncodeToString(mac.Sum(nil)))
}

// signedURL is u as the signature covers it.
func signedURL(u *url.URL) string {
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

// kindTuya is the kind tuya: a log-in, and a signature on every call.
var kindTuya = httpx.NewKind("tuya", func(k httpx.ClientKeys, o httpx.AuthOptions) (httpx.Auth, error) {
	a := &auth{httpx.NewSession("tuya", k.ID, k.Secret, o), k, o.Clock}
	a.session.LogIn, a.session.Renew = a.logIn, a.renew
	return a, nil
})

// auth signs requests. One that carries the headers nonce or
// Signature-Headers has them covered by its signature.
type auth struct {
	session *httpx.Session
	keys    httpx.ClientKeys
	clock   func() time.Time
}

const (
	logInPath   = "/v1.0/token"
	tokenHeader = "access_token"
)

func (a *auth) Sign(ctx context.Context, req *http.Request, body []byte) error {
	access, err := a.session.Token(ctx)
	if err != nil {
		return err
	}
	a.sign(req, body, access)
	return nil
}

func (a *auth) Expire(req *http.Request) bool {
	a.session.Refused(req.Header.Get(tokenHeader))
	return true
}

// TokenLife is how long the vendor says that the token is good for.
func (a *auth) TokenLife() time.Duration { return a.session.Life() }

func (a *auth) sign(req *http.Request, body []byte, access string) {
	h := req.Header
	r := signedRequest{
		ClientID: a.keys.ID, AccessToken: access, T: strconv.FormatInt(a.clock().UnixMilli(), 10), Nonce: h.Get("nonce"),
		Method: req.Method, Body: body, URL: signedURL(req.URL),
	}
	if names := h.Get("Signature-Headers"); names != "" {
		for name := range strings.SplitSeq(names, ":") {
			r.SignedHeaders += name + ":" + h.Get(name) + "\n"
		}
	}
	h.Set("client_id", a.keys.ID)
	h.Set("sign_method", "HMAC-SHA256")
	h.Set("t", r.T)
	h.Set("sign", r.Sign(a.keys.Secret))
	if access != "" {
		h.Set(tokenHeader, access)
	}
}

func (a *auth) logIn(ctx context.Context) (extract.Token, error) {
	return a.ask(ctx, &httpx.Call{Op: "log in", Path: logInPath, Query: url.Values{"grant_type": {"1"}}})
}

func (a *auth) renew(ctx context.Context, refresh string) (extract.Token, error) {
	// The path holds the refresh token: errors name another one.
	return a.ask(ctx, &httpx.Call{Op: "renew the log-in", Path: logInPath + "/" + url.PathEscape(refresh), Named: logInPath + "/*"})
}

func (a *auth) ask(ctx context.Context, call *httpx.Call) (extract.Token, error) {
	call.Method = http.MethodGet
	return a.session.Ask(ctx, call, func(req *http.Request) { a.sign(req, nil, "") }, checkEnvelope, readGrant)
}

// readGrant reads the log-in's answer. Older pages of the document call the
// token's life expire.
func readGrant(body []byte) (httpx.Grant, error) {
	var answer struct {
		Result struct {
			AccessToken  string      `json:"access_token"`
			RefreshToken string      `json:"refresh_token"`
			ExpireTime   json.Number `json:"expire_time"`
			Expire       json.Number `json:"expire"`
		} `json:"result"`
	}
	err := json.Unmarshal(body, &answer)
	r := &answer.Result
	return httpx.Grant{Access: r.AccessToken, Refresh: r.RefreshToken, Seconds: cmp.Or(r.ExpireTime, r.Expire)}, err
}
