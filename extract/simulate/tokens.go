package simulate

import (
	"fmt"
	"sync"
	"time"
)

// Tokens are the log-ins that a simulated vendor has granted: pairs of an
// access token that ends and a refresh token that is good once. Vendors embed
// it. It is safe for concurrent use; the zero value is ready.
type Tokens struct {
	mu     sync.Mutex
	pairs  map[string]pair // by access token
	issued int
}

type pair struct {
	refresh string
	until   time.Time
}

// Logins counts the tokens issued so far, by log-in or refresh.
func (t *Tokens) Logins() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.issued
}

// ExpireTokens ends every access token that was issued; refresh tokens stay.
func (t *Tokens) ExpireTokens() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for access, p := range t.pairs {
		p.until = time.Time{}
		t.pairs[access] = p
	}
}

// Issue grants a pair whose access token is good until the given time,
// exclusive.
func (t *Tokens) Issue(until time.Time) (access, refresh string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pairs == nil {
		t.pairs = map[string]pair{}
	}
	t.issued++
	access, refresh = fmt.Sprintf("access%032d", t.issued), fmt.Sprintf("refresh%032d", t.issued)
	t.pairs[access] = pair{refresh, until}
	return access, refresh
}

// Granted is when an access token ends; ok is false for one that was never
// issued or whose pair is gone.
func (t *Tokens) Granted(access string) (until time.Time, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p, ok := t.pairs[access]
	return p.until, ok
}

// Spend ends the pair of a refresh token and reports whether there was one.
func (t *Tokens) Spend(refresh string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for access, p := range t.pairs {
		if p.refresh == refresh {
			delete(t.pairs, access)
			return true
		}
	}
	return false
}

// EndAll ends every pair that was issued.
func (t *Tokens) EndAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.pairs)
}
