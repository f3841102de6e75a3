package extract

import (
	"context"
	"sync"
	"time"
)

// Token is what a log-in gave.
type Token struct {
	Access  string
	Refresh string // "" where the vendor gives none
	// Renew is when the token is to be renewed, somewhat before it expires;
	// zero where the vendor states no expiry.
	Renew time.Time
	// Life is for how long it is good, by what the vendor stated as it gave it; 0
	// where it states none.
	Life time.Duration
}

// TokenStore holds the log-ins of one process. Accounts that share one key
// share one token: at many vendors a second log-in ends the first. It is
// safe for concurrent use; the zero value is empty and ready.
type TokenStore struct {
	mu     sync.Mutex
	logins map[string]*Login
}

// Login is the log-in of key, made on first use. key names vendor, address
// and credentials without revealing them.
func (s *TokenStore) Login(key string) *Login {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.logins == nil {
		s.logins = map[string]*Login{}
	}
	l := s.logins[key]
	if l == nil {
		l = &Login{turn: make(chan struct{}, 1)}
		s.logins[key] = l
	}
	return l
}

// Login is one key's log-in at one vendor. At most one log-in or renewal is
// under way at a time; all who wait for it share its outcome.
type Login struct {
	turn chan struct{} // holds one element while somebody logs in

	mu       sync.Mutex
	token    Token
	good     bool
	attempts int   // log-ins ended so far
	failed   error // of the last, nil if it succeeded or was given up by its caller
}

// Token returns a token that is good at now. Where there is none, obtain is
// called with the token held before: the zero Token if none is, or if the
// vendor refused it. Others wait for that call; if it fails they get its
// error, unless it failed because its own ctx ended.
func (l *Login) Token(ctx context.Context, now time.Time, obtain func(ctx context.Context, old Token) (Token, error)) (Token, error) {
	token, ok, before, _ := l.state(now)
	if ok {
		return token, nil
	}
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return Token{}, ctx.Err()
	}
	defer func() { <-l.turn }()

	old, ok, attempts, failed := l.state(now)
	if ok {
		return old, nil
	}
	if attempts != before && failed != nil {
		return Token{}, failed
	}
	token, err := obtain(ctx, old)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.attempts++
	if err != nil {
		l.failed = err
		if ctx.Err() != nil {
			l.failed = nil
		}
		return Token{}, err
	}
	l.token, l.good, l.failed = token, true, nil
	return token, nil
}

func (l *Login) state(now time.Time) (token Token, ok bool, attempts int, failed error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ok = l.good && (l.token.Renew.IsZero() || now.Before(l.token.Renew))
	return l.token, ok, l.attempts, l.failed
}

// Life is the life of the token held; 0 where none is, or none is stated.
func (l *Login) Life() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.token.Life
}

// Refused tells that the vendor no longer takes access. It changes nothing
// if another token has taken its place meanwhile.
func (l *Login) Refused(access string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.token.Access == access {
		l.token, l.good = Token{}, false
	}
}
