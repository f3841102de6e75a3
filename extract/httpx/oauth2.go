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

// OAuth2Vendor says where and how a vendor gives tokens for client
// credentials (RFC 6749, section 4.4).
type OAuth2Vendor struct {
	Path  string // of the token, below the base address
	Scope string // "" sends none
	// Member is the member of the vendor's envelope that holds the RFC's
	// answer; an answer without it is read as the RFC has it.
	Member string
	// Check is the vendor's success test beside the RFC's own; nil for none.
	Check func(body []byte) error
}

// OAuth2 is the kind oauth2 of one vendor.
func OAuth2(v OAuth2Vendor) Kind {
	return NewKind("oauth2", func(k ClientKeys, o AuthOptions) (Auth, error) {
		a := &oauth2{NewSession("oauth2", k.ID, k.Secret, o), k, v}
		a.session.LogIn, a.session.Renew = a.logIn, a.renew
		return a, nil
	})
}

// ClientKeys are the keys of kinds that log in with a client id.
type ClientKeys struct {
	ID     string `yaml:"client_id"`
	Secret string `yaml:"client_secret"`
}

type oauth2 struct {
	session *Session
	keys    ClientKeys
	vendor  OAuth2Vendor
}

func (a *oauth2) Sign(ctx context.Context, req *http.Request, _ []byte) error {
	access, err := a.session.Token(ctx)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+access)
	return nil
}

func (a *oauth2) Expire(req *http.Request) bool {
	a.session.Refused(strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer "))
	return true
}

func (a *oauth2) logIn(ctx context.Context) (extract.Token, error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	if a.vendor.Scope != "" {
		form.Set("scope", a.vendor.Scope)
	}
	return a.ask(ctx, "log in", form)
}

func (a *oauth2) renew(ctx context.Context, refresh string) (extract.Token, error) {
	return a.ask(ctx, "renew the log-in", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
}

func (a *oauth2) ask(ctx context.Context, op string, form url.Values) (extract.Token, error) {
	form.Set("client_id", a.keys.ID)
	form.Set("client_secret", a.keys.Secret)
	return a.session.Ask(ctx, &Call{
		Op: op, Method: http.MethodPost, Path: a.vendor.Path, Body: []byte(form.Encode()),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
	}, nil, a.check, a.read)
}

// check finds the error code of RFC 6749, section 5.2, whatever the status.
func (a *oauth2) check(body []byte) error {
	var answer struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(body, &answer) == nil && answer.Error != "" { // else read says what is wrong
		e := LogInRefused()
		switch answer.Error { // the codes of the RFC, and no other text of the answer
		case "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope":
			e.Class, e.Code = extract.Permanent, answer.Error
		case "server_error", "temporarily_unavailable": // of its section 4.1.2.1
			e.Class, e.Code = extract.Transient, answer.Error
		}
		return e
	}
	if a.vendor.Check == nil {
		return nil
	}
	return a.vendor.Check(body)
}

// LogInRefused is the error of a log-in that is refused without a reason that
// is known: mostly because the client keys are not taken.
func LogInRefused() *extract.Error {
	return &extract.Error{Class: extract.Denied, Err: errors.New("the log-in was refused"), Hint: "check auth.client_id and auth.client_secret"}
}

func (a *oauth2) read(body []byte) (Grant, error) {
	var envelope map[string]json.RawMessage
	if err := json.Unmarshal(body, &envelope); err != nil {
		return Grant{}, err
	}
	if inner := envelope[a.vendor.Member]; len(inner) > 0 && string(inner) != "null" {
		body = inner
	}
	var answer struct {
		AccessToken  string      `json:"access_token"`
		RefreshToken string      `json:"refresh_token"`
		ExpiresIn    json.Number `json:"expires_in"`
	}
	err := json.Unmarshal(body, &answer)
	return Grant{answer.AccessToken, answer.RefreshToken, answer.ExpiresIn}, err
}
