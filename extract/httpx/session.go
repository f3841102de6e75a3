package httpx

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

// Session is the log-in of an account: its token is shared by accounts of
// one key, renewed before it ends, and replaced when the vendor refuses it.
type Session struct {
	// LogIn and Renew are the calls by which the vendor gives tokens. Both
	// send one request, by Ask; retrying is left to the call that needs the
	// token.
	LogIn func(ctx context.Context) (extract.Token, error)
	Renew func(ctx context.Context, refresh string) (extract.Token, error)

	wire  *wire
	login *extract.Login
	clock func() time.Time
}

// NewSession returns a session of kind with the credentials id and secret.
func NewSession(kind, id, secret string, o AuthOptions) *Session {
	w := newWire(o.BaseURL, o.Transport, o.Limits, 1)
	w.now = o.Clock
	// The secret takes part in the key, so that an account with a wrong one
	// cannot live on another's log-in. Its hash is of no use to a reader.
	hash := sha256.Sum256([]byte(secret))
	key := kind + " " + w.base + " " + id + " " + hex.EncodeToString(hash[:8])
	return &Session{wire: w, login: o.Tokens.Login(key), clock: o.Clock}
}

// Token is a good access token. A token near its end is renewed with the
// refresh token, or by logging in where the vendor refuses that.
func (s *Session) Token(ctx context.Context) (string, error) {
	called := false
	token, err := s.login.Token(ctx, s.clock(), func(ctx context.Context, old extract.Token) (extract.Token, error) {
		called = true
		if old.Refresh != "" {
			token, err := s.Renew(ctx, old.Refresh)
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
		return s.LogIn(ctx)
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

// Life is how long the token in use was good for when it was given, as the vendor
// states it; 0 where it states none or nobody has logged in.
func (s *Session) Life() time.Duration { return s.login.Life() }

// Refused tells that the vendor no longer takes the token access.
func (s *Session) Refused(access string) { s.login.Refused(access) }

// asLogIn makes an expired log-in a permanent error: the vendor refuses the
// key itself, and logging in again would not help. A bare 401 may be that of
// something between, as 403 may. The error is never ErrRefused, for it
// concerns more than the call that needed the token.
func asLogIn(err error) error {
	var e *extract.Error
	if !errors.As(err, &e) {
		return err
	}
	own := *e
	if own.Class == extract.Expired {
		own.Class = extract.Permanent
		if own.Code == strconv.Itoa(http.StatusUnauthorized) {
			own.Class = extract.Denied
		}
		own.Hint = "check auth.client_id and auth.client_secret"
	}
	if errors.Is(own.Err, extract.ErrRefused) {
		own.Err = errors.New(own.Err.Error())
	}
	return &own
}

// Grant is a token as a vendor's answer states it.
type Grant struct {
	Access  string
	Refresh string
	Seconds json.Number // its life; "" where the vendor states none
}

// Ask sends a call that gives a token. sign, if set, puts the credentials on
// the request; check is the vendor's success test. read finds the token in
// the answer; its error is not repeated, for it may quote the answer.
func (s *Session) Ask(ctx context.Context, call *Call, sign func(*http.Request), check func(body []byte) error, read func(body []byte) (Grant, error)) (extract.Token, error) {
	req, err := s.wire.request(ctx, call)
	if err != nil {
		return extract.Token{}, err
	}
	if sign != nil {
		sign(req)
	}
	r, err := s.wire.send(ctx, call, req)
	if err != nil {
		return extract.Token{}, err
	}
	if err := call.verdict(r, check); err != nil {
		return extract.Token{}, err
	}
	grant, err := read(r.body)
	if err != nil {
		return extract.Token{}, call.fail(extract.Doubtful, "", errors.New("the log-in's answer is not what the vendor documents"), "")
	}
	if !HeaderValue(grant.Access) {
		return extract.Token{}, call.fail(extract.Doubtful, "", errors.New("the log-in's answer holds no token"), "")
	}
	token := extract.Token{Access: grant.Access, Refresh: grant.Refresh}
	if n, err := grant.Seconds.Int64(); err == nil && n > 0 && n < int64(longestLife/time.Second) {
		token.Life = time.Duration(n) * time.Second
		token.Renew = renewAt(s.clock(), token.Life)
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
