// Package httpx is the only code that speaks HTTP to a vendor: it signs,
// limits, retries, checks the envelope, refuses whatever is not on the
// source's list of reads, and keeps secrets out of errors and logs.
package httpx

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// Options describe the calls of one account.
type Options struct {
	BaseURL     string
	Rate        extract.Rate // requests a second, burst 1; 0 is unlimited
	Concurrency int          // requests under way at once; 0 is one
	Limits      extract.HTTPLimits
	Transport   http.RoundTripper // nil: a copy of the default transport
	Auth        Auth              // nil: none
	// Allow lists the reads of the source. Any other call is refused before
	// it leaves the process.
	Allow []Read
	// Check is the vendor's own success test: it returns nil for a success,
	// else an *extract.Error with class and code filled in. It is called for
	// every answer whose HTTP status is 200, before the answer is used, with
	// its outline (transform.Outline), and for an error status with a JSON
	// body, to learn the vendor's own code.
	Check func(body []byte) error
	Log   *slog.Logger // nil: no log
}

// Read is an entry of the allow-list.
type Read struct {
	Method  string
	Path    string // with * for one segment: "/v1.0/cloud/osaas/projects/*/server-order/page"
	Command string // if set, the JSON body's "command" must equal it
}

// Call is one request.
type Call struct {
	Op     string // what is being done, for errors: "read orders page 3"
	Method string
	Path   string // below the base URL, escaped
	Named  string // what errors and logs call a Path that holds a secret; "" is Path itself
	Query  url.Values
	Body   []byte // JSON; nil for none
	Header http.Header
	// Shape, if set, tests what this call's answer must hold within the
	// vendor's envelope, such as a list, so that one without it is asked for
	// again before anybody has taken it. It is called with the answer's outline
	// (transform.Outline). Its error holds no text of the answer.
	Shape func(outline []byte) error
	// One marks a call about one order. A refusal by an undocumented code is
	// that order's answer then, and is not asked for again tonight.
	One bool
}

// Answer is a success.
type Answer struct {
	Status  int
	Body    []byte // decompressed, JSON in UTF-8; the caller's
	Raw     []byte // as it came, where Body is not (extract.Page)
	Charset string
	Repairs []transform.Repair
	At      time.Time // when the answer was complete, by the process's clock
	Date    time.Time // the vendor's Date header; zero where it sent none
	Request extract.Request
}

// Page is the answer as a page of stream.
func (a *Answer) Page(stream string) *extract.Page {
	return &extract.Page{
		Stream: stream, Request: a.Request, Status: a.Status, At: a.At,
		Body: a.Body, Raw: a.Raw, Charset: a.Charset, Repairs: a.Repairs,
	}
}

// Client calls one account of a vendor. It is safe for concurrent use.
type Client struct {
	o     Options
	wire  *wire
	rate  *rate.Limiter
	slots chan struct{} // one element for each request under way

	mu    sync.Mutex
	pause time.Time // no request before, for the vendor said so
}

// New returns a client; it calls nobody.
func New(o Options) *Client {
	if o.Concurrency < 1 {
		o.Concurrency = 1
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Auth == nil {
		o.Auth = noAuth{}
	}
	limit := rate.Inf
	if o.Rate > 0 {
		limit = rate.Limit(o.Rate)
	}
	return &Client{
		o:     o,
		wire:  newWire(o.BaseURL, o.Transport, o.Limits, o.Concurrency),
		rate:  rate.NewLimiter(limit, 1),
		slots: make(chan struct{}, o.Concurrency),
	}
}

// Do sends a call, again where what went wrong may pass (see pauses), and
// returns a success or an *extract.Error. When ctx ends, the error wraps
// ctx's. No error holds a query, header, token or body.
func (c *Client) Do(ctx context.Context, call Call) (*Answer, error) {
	if err := c.allowed(&call); err != nil {
		return nil, err
	}
	again := newRepeats(c.o.Limits)
	for sent := 1; ; sent++ {
		answer, renewed, err := c.attempt(ctx, &call)
		if err == nil {
			return answer, nil
		}
		if ctx.Err() != nil {
			return nil, call.ended(ctx)
		}
		e := call.own(err)
		pause, ok := again.after(e, renewed)
		if !ok {
			return nil, final(e, sent)
		}
		if e.RetryAfter > 0 {
			c.hold(pause)
		}
		c.o.Log.Info("asking the vendor again", "stage", string(meter.Wait), "seconds", pause.Seconds(),
			"op", call.Op, "target", call.target(), "code", e.Code, "attempt", sent)
		if pause > 0 {
			if err := c.wire.wait(ctx, pause, e.Code); err != nil {
				return nil, call.ended(ctx)
			}
		}
	}
}

// TokenLife is how long the vendor said that the token in use is good for; 0 where it
// says nothing, or nobody has logged in. It calls nobody.
func (c *Client) TokenLife() time.Duration {
	if a, ok := c.o.Auth.(interface{ TokenLife() time.Duration }); ok {
		return a.TokenLife()
	}
	return 0
}

// attempt sends the call once, in its turn. renewed reports that the token
// was refused and that the next attempt has a chance with a new one.
func (c *Client) attempt(ctx context.Context, call *Call) (_ *Answer, renewed bool, err error) {
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	defer func() { <-c.slots }()
	if err := c.turn(ctx); err != nil {
		return nil, false, err
	}
	req, err := c.wire.request(ctx, call)
	if err != nil {
		return nil, false, err
	}
	if err := c.o.Auth.Sign(withTurn(ctx, c.turn), req, call.Body); err != nil {
		return nil, false, err
	}
	r, err := c.wire.send(ctx, call, req)
	if err == nil {
		if wrong := call.verdict(r, c.o.Check); wrong != nil {
			e := call.own(wrong)
			e.Answered, err = true, e
		}
	}
	if err != nil {
		if extract.ClassOf(err) == extract.Expired {
			renewed = c.o.Auth.Expire(req)
			err = fixedRefused(c.o.Auth, err)
		}
		return nil, renewed, err
	}
	return &Answer{
		Status: r.status, Body: r.body, Raw: r.raw, Charset: r.charset, Repairs: r.repairs,
		At: r.at, Date: r.date(), Request: call.request(),
	}, false, nil
}

// turn waits until the rate and the vendor's own wish for a pause let one
// request go.
func (c *Client) turn(ctx context.Context) error {
	at := c.wire.now()
	c.mu.Lock()
	pause := c.pause.Sub(at)
	c.mu.Unlock()
	if pause > 0 {
		if err := c.wire.wait(ctx, pause, "Retry-After"); err != nil {
			return err
		}
	}
	r := c.rate.Reserve()
	if d := r.Delay(); d > 0 {
		if err := c.wire.wait(ctx, d, ""); err != nil {
			r.Cancel()
			return err
		}
	}
	return ctx.Err()
}

// hold keeps all requests of the account back for d: the vendor asked for
// it, and others that go on asking would only use up their attempts.
func (c *Client) hold(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if until := c.wire.now().Add(d); until.After(c.pause) {
		c.pause = until
	}
}
