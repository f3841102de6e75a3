package httpx

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// Limits where the configuration states none.
const (
	defaultTimeout     = 30 * time.Second
	defaultMaxResponse = 64 << 20
	maxHeaderBytes     = 1 << 20
	longestRetryAfter  = 5 * time.Minute
	userAgent          = "nightaudit"
)

// wire carries requests to one base address, those of the source and those
// that log in alike.
type wire struct {
	base   string
	client *http.Client
	limits extract.HTTPLimits
	sleep  func(ctx context.Context, d time.Duration) error
	now    func() time.Time
}

func newWire(base string, transport http.RoundTripper, limits extract.HTTPLimits, concurrency int) *wire {
	if transport == nil {
		transport = DefaultTransport(concurrency)
	}
	if limits.Timeout <= 0 {
		limits.Timeout = defaultTimeout
	}
	if limits.MaxResponse <= 0 {
		limits.MaxResponse = defaultMaxResponse
	}
	sleep := limits.Sleep
	if sleep == nil {
		sleep = realSleep
	}
	return &wire{
		base: strings.TrimRight(base, "/"),
		client: &http.Client{
			Transport: transport,
			// A redirect is returned as it is and refused by verdict: it
			// would carry credentials to an address nobody configured.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		limits: limits,
		sleep:  sleep,
		now:    time.Now,
	}
}

// DefaultTransport is Go's, with room for the account's connections.
func DefaultTransport(concurrency int) http.RoundTripper {
	t := &http.Transport{}
	if d, ok := http.DefaultTransport.(*http.Transport); ok {
		t = d.Clone()
	}
	t.Proxy = extract.Proxy
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	t.MaxIdleConnsPerHost = max(concurrency, 2)
	t.MaxResponseHeaderBytes = maxHeaderBytes
	return t
}

func realSleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// wait sleeps, and measures that; why is told who hears of it.
func (w *wire) wait(ctx context.Context, d time.Duration, why string) error {
	extract.TellWait(ctx, d, why)
	end := meter.From(ctx).Begin(meter.Wait)
	defer end(meter.Amount{Calls: 1})
	return w.sleep(ctx, d)
}

// request builds the call's request, unsigned.
func (w *wire) request(ctx context.Context, call *Call) (*http.Request, error) {
	address := w.base + call.Path
	if len(call.Query) > 0 {
		address += "?" + call.Query.Encode()
	}
	var body io.Reader
	if call.Body != nil {
		body = bytes.NewReader(call.Body)
	}
	base, err := url.Parse(w.base)
	if err != nil || base.Host == "" {
		return nil, call.fail(extract.Permanent, "", errors.New("the base address is no address"), "correct base_url")
	}
	req, err := http.NewRequestWithContext(ctx, call.Method, address, body)
	if err != nil || req.URL.Host != base.Host || req.URL.Scheme != base.Scheme {
		return nil, call.fail(extract.Permanent, "", errors.New("the request's address is not below the base address"), "")
	}
	for name, values := range call.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	if call.Body != nil && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "application/json")
	}
	req.Header.Set("User-Agent", userAgent)
	return req, nil
}

// reply is what came back, whatever it says.
type reply struct {
	status int
	header http.Header
	body   []byte
	at     time.Time
	// Where body is not as it came (mend.go):
	raw     []byte
	charset string
	repairs []transform.Repair
}

// date is the vendor's clock; zero where it states none.
func (r *reply) date() time.Time { return dateOf(r.header) }

func dateOf(h http.Header) time.Time {
	t, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return t
}

// send sends a request within the deadline and reads the whole answer. The
// error is the context's where that ended, else an *extract.Error.
func (w *wire) send(ctx context.Context, call *Call, req *http.Request) (*reply, error) {
	var body []byte
	measured := meter.Call{Method: call.Method, Host: req.URL.Hostname(), Path: cmp.Or(call.Named, call.Path)}
	end := meter.From(ctx).BeginCall(&measured)
	defer func() { end(meter.Amount{Calls: 1, Bytes: int64(len(body))}) }()
	timed, cancel := context.WithTimeout(ctx, w.limits.Timeout)
	defer cancel()
	resp, err := w.client.Do(req.WithContext(timed))
	if err != nil {
		return nil, w.broken(ctx, timed, call, err)
	}
	measured.Status = resp.StatusCode
	defer func() { _ = resp.Body.Close() }() // read to the end or given up
	defer func() { extract.TellDate(ctx, dateOf(resp.Header)) }()
	// The body is decompressed as it is read: the limit holds a bomb too.
	body, err = readAll(io.LimitReader(resp.Body, w.limits.MaxResponse+1), min(resp.ContentLength, w.limits.MaxResponse))
	if err != nil {
		return nil, w.broken(ctx, timed, call, err)
	}
	if int64(len(body)) > w.limits.MaxResponse {
		long := call.fail(extract.Permanent, strconv.Itoa(resp.StatusCode),
			fmt.Errorf("the answer is longer than %d bytes", w.limits.MaxResponse),
			"ask for smaller pages (page_size) or raise http.max_response")
		long.Answered = true
		return nil, long
	}
	return &reply{status: resp.StatusCode, header: resp.Header, body: body, at: w.now()}, nil
}

// unsized are buffers for answers that do not state their length: growing one for
// each would take several times the answer.
var unsized = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readAll reads r to its end; size is the expected length, or less than 0.
func readAll(r io.Reader, size int64) ([]byte, error) {
	if size >= 0 {
		var b bytes.Buffer
		b.Grow(int(size) + bytes.MinRead)
		_, err := b.ReadFrom(r)
		return b.Bytes(), err
	}
	b := unsized.Get().(*bytes.Buffer)
	defer unsized.Put(b)
	b.Reset()
	_, err := b.ReadFrom(r)
	return bytes.Clone(b.Bytes()), err
}

// retryAfter reads the header in seconds or as a date; a date is measured by
// the vendor's own clock where it shows one. 0 where there is none.
func (r *reply) retryAfter() time.Duration {
	text := strings.TrimSpace(r.header.Get("Retry-After"))
	if text == "" {
		return 0
	}
	var d time.Duration
	if n, err := strconv.Atoi(text); err == nil {
		d = time.Duration(min(n, int(longestRetryAfter/time.Second))) * time.Second
	} else if t, err := http.ParseTime(text); err == nil {
		now := r.date()
		if now.IsZero() {
			now = r.at
		}
		d = t.Sub(now)
	}
	return max(0, min(d, longestRetryAfter))
}
