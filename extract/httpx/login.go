package httpx

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

// loginCalls are the calls by which one vendor gives tokens. Both send one
// request; retrying is left to the call that needs the token.
type loginCalls interface {
	logIn(ctx context.Context) (extract.Token, error)
	renew(ctx context.Context, refresh string) (extract.Token, error)
}

// tokens holds what the kinds with a log-in have in common.
type tokens struct {
	wire  *wire
	login *extract.Login
	clock func() time.Time
}

func newTokens(c AuthConfig, o AuthOptions) tokens {
	w := newWire(o.BaseURL, o.Transport, o.Limits, 1)
	w.now = o.Clock
	// The secret takes part in the key, so that an account with a wrong one
	// cannot live on another's log-in. Its hash is of no use to a reader.
	secret := sha256.Sum256([]byte(c.ClientSecret))
	key := c.Kind + " " + w.base + " " + c.ClientID + " " + hex.EncodeToString(secret[:8])
	return tokens{wire: w, login: o.Tokens.Login(key), clock: o.Clock}
}

// token is a good access token. A token near its end is renewed with the
// refresh token, or by logging in where the vendor refuses that.
func (t *tokens) token(ctx context.Context, calls loginCalls) (string, error) {
	called := false
	token, err := t.login.Token(ctx, t.clock(), func(ctx context.Context, old extract.Token) (extract.Token, error) {
		called = true
		if old.Refresh != "" {
			token, err := calls.renew(ctx, old.Refresh)
			if err == nil || ctx.Err() != nil {
				return token, err
			}
			if class := extract.ClassOf(err); class == extract.Transient || class == extract.Limited {
				return extract.Token{}, err
			}
			if err := nextTurn(ctx); err != nil {
				return extract.Token{}, err
			}
		}
		return calls.logIn(ctx)
	})
	if err != nil {
		return "", asLogIn(err)
	}
	if called {
		if err := nextTurn(ctx); err != nil {
			return "", err
		}
	}
	return token.Access, nil
}

// asLogIn makes an expired log-in a permanent error: the vendor refuses the
// key itself, and logging in again would not help. It is never ErrRefused,
// for it concerns more than the call that needed the token.
func asLogIn(err error) error {
	var e *extract.Error
	if !errors.As(err, &e) {
		return err
	}
	own := *e
	if own.Class == extract.Expired {
		own.Class = extract.Permanent
		own.Hint = "check auth.client_id and auth.client_secret"
	}
	if errors.Is(own.Err, extract.ErrRefused) {
		own.Err = errors.New(own.Err.Error())
	}
	return &own
}

// tokenAnswer is the log-in's answer of both vendors.
type tokenAnswer struct {
	AccessToken  string      `json:"access_token"`
	RefreshToken string      `json:"refresh_token"`
	ExpireTime   json.Number `json:"expire_time"` // tuya
	Expire       json.Number `json:"expire"`      // tuya, older pages
	ExpiresIn    json.Number `json:"expires_in"`  // oauth2
}

// take reads the token that r carries in its result or, as RFC 6749 has it,
// at its top.
func (t *tokens) take(call *Call, r *reply) (extract.Token, error) {
	var answer struct {
		tokenAnswer
		Result *tokenAnswer `json:"result"`
	}
	// The decoder's error may quote the answer, which is a token.
	if err := json.Unmarshal(r.body, &answer); err != nil {
		return extract.Token{}, call.fail(extract.Permanent, "", errors.New("the log-in's answer is not what the vendor documents"), "")
	}
	a := &answer.tokenAnswer
	if answer.Result != nil {
		a = answer.Result
	}
	if !headerValue(a.AccessToken) {
		return extract.Token{}, call.fail(extract.Permanent, "", errors.New("the log-in's answer holds no token"), "")
	}
	token := extract.Token{Access: a.AccessToken, Refresh: a.RefreshToken}
	for _, seconds := range []json.Number{a.ExpireTime, a.ExpiresIn, a.Expire} {
		if n, err := seconds.Int64(); err == nil && n > 0 && n < int64(longestLife/time.Second) {
			token.Renew = renewAt(t.clock(), time.Duration(n)*time.Second)
			break
		}
	}
	return token, nil
}

// longestLife bounds a token's stated life; a greater number is some other
// unit, and the vendor's refusal then tells when the token has expired.
const longestLife = 366 * 24 * time.Hour

// renewAt is when a token of the given life is renewed: a minute before its
// end, or a tenth of a short life.
func renewAt(now time.Time, life time.Duration) time.Time {
	return now.Add(life - min(time.Minute, life/10))
}
