package probe

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"golang.org/x/time/rate"

	"github.com/nightaudit/nightaudit/extract/httpx"
)

// Calls bounds the calls that the probe of one account sends, log-ins and repeated
// ones included, and their pace. It is safe for concurrent use.
type Calls struct {
	most, sent atomic.Int64
	pace       *rate.Limiter
}

// NewCalls allows for most calls, one a second at most where aSecond is 1.
func NewCalls(most int, aSecond float64) *Calls {
	c := &Calls{pace: rate.NewLimiter(rate.Limit(aSecond), 1)}
	c.most.Store(int64(most))
	return c
}

// Left is how many calls may still be sent.
func (c *Calls) Left() int { return int(c.most.Load() - c.sent.Load()) }

// Sent is how many calls have been sent.
func (c *Calls) Sent() int { return int(c.sent.Load()) }

var nightly = sync.OnceValue(func() http.RoundTripper { return httpx.DefaultTransport(1) })

type callsKey struct{}

// Context has Transport count what is sent under it.
func (c *Calls) Context(ctx context.Context) context.Context {
	return context.WithValue(ctx, callsKey{}, c)
}

// Transport sends what the context's Calls allow, and nothing without them.
type Transport struct {
	Base http.RoundTripper // nil: the one of every night (httpx.DefaultTransport)
}

// RoundTrip sends r, or refuses it with ErrCalls.
func (t Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	c, ok := r.Context().Value(callsKey{}).(*Calls)
	if !ok {
		return nil, fmt.Errorf("%s %s was asked for outside of a probe", r.Method, r.URL.Path)
	}
	if c.sent.Add(1) > c.most.Load() {
		c.sent.Add(-1)
		return nil, ErrCalls
	}
	if err := c.pace.Wait(r.Context()); err != nil {
		return nil, fmt.Errorf("wait for the probe's pace: %w", err)
	}
	base := t.Base
	if base == nil {
		base = nightly()
	}
	return base.RoundTrip(r)
}
