package httpx

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/nightaudit/nightaudit/extract"
)

// oauth2 is the kind oauth2: client credentials (docs/sources/akubela.md, Auth). The
// token's path and scope are the source's.
type oauth2 struct {
	tokens
	id, secret, path, scope string
}

func newOAuth2(c AuthConfig, o AuthOptions) *oauth2 {
	return &oauth2{newTokens(c, o), c.ClientID, c.ClientSecret, o.OAuthPath, o.OAuthScope}
}

func (a *oauth2) Sign(ctx context.Context, req *http.Request, _ []byte) error {
	access, err := a.token(ctx, a)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+access)
	return nil
}

func (a *oauth2) Expire(req *http.Request) bool {
	a.login.Refused(strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer "))
	return true
}

func (a *oauth2) logIn(ctx context.Context) (extract.Token, error) {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {a.id}, "client_secret": {a.secret}}
	if a.scope != "" {
		form.Set("scope", a.scope)
	}
	return a.ask(ctx, "log in", form)
}

func (a *oauth2) renew(ctx context.Context, refresh string) (extract.Token, error) {
	return a.ask(ctx, "renew the log-in", url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "client_id": {a.id}, "client_secret": {a.secret},
	})
}

func (a *oauth2) ask(ctx context.Context, op string, form url.Values) (extract.Token, error) {
	call := &Call{
		Op: op, Method: http.MethodPost, Path: a.path, Body: []byte(form.Encode()),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
	}
	req, err := a.wire.request(ctx, call)
	if err != nil {
		return extract.Token{}, err
	}
	r, err := a.wire.send(ctx, call, req)
	if err != nil {
		return extract.Token{}, err
	}
	if err := call.verdict(r, oauthCheck); err != nil {
		return extract.Token{}, err
	}
	return a.take(call, r)
}

// oauthCheck finds the refusals that come with status 200 (success: false)
// and the error code of RFC 6749, section 5.2.
func oauthCheck(body []byte) error {
	var answer struct {
		Success *bool  `json:"success"`
		Error   string `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return nil // take says what is wrong
	}
	if answer.Error == "" && (answer.Success == nil || *answer.Success) {
		return nil
	}
	e := &extract.Error{Class: extract.Permanent, Err: errors.New("the log-in was refused"), Hint: "check auth.client_id and auth.client_secret"}
	switch answer.Error { // the codes of the RFC, and no other text of the answer
	case "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope":
		e.Code = answer.Error
	}
	return e
}
