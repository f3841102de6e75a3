package httpx

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// target names the call without its query.
func (call *Call) target() string { return call.Method + " " + cmp.Or(call.Named, call.Path) }

func (call *Call) fail(class extract.Class, code string, err error, hint string) *extract.Error {
	return &extract.Error{Class: class, Op: call.Op, Target: call.target(), Code: code, Err: err, Hint: hint}
}

// ended is the error of a call whose context ended.
func (call *Call) ended(ctx context.Context) error {
	return call.fail(extract.Permanent, "", fmt.Errorf("given up: %w", ctx.Err()), "")
}

// own makes err an *extract.Error of this call, a copy that may be changed.
// The text of any other error is not repeated: it may hold what was sent.
func (call *Call) own(err error) *extract.Error {
	var e *extract.Error
	if !errors.As(err, &e) {
		return call.fail(extract.Permanent, "", errors.New("failed for a reason that is not told apart"), "")
	}
	kept := *e
	if kept.Op == "" {
		kept.Op = call.Op
	}
	if kept.Target == "" {
		kept.Target = call.target()
	}
	if kept.Err == nil {
		kept.Err = errors.New("the vendor refused the call")
	}
	return &kept
}

// broken turns a failure to send or to read into an error without the
// address, which holds the query, and without bytes of the answer.
func (w *wire) broken(ctx, timed context.Context, call *Call, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if timed.Err() != nil || os.IsTimeout(err) {
		return call.fail(extract.Transient, "", fmt.Errorf("no complete answer within %s", w.limits.Timeout),
			"raise http.timeout if the vendor is slow")
	}
	var withURL *url.Error
	if errors.As(err, &withURL) {
		err = withURL.Err
	}
	var (
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		name        *net.DNSError
		network     *net.OpError
	)
	switch {
	case errors.As(err, &certificate):
		return call.fail(extract.Permanent, "", certificate,
			"the vendor's certificate is not trusted here: check base_url, the machine's clock and its certificates")
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return call.fail(extract.Permanent, "", errors.New("the address does not speak TLS"), "check whether base_url should begin with http://")
	case errors.As(err, &name):
		return call.fail(extract.Transient, "", fmt.Errorf("the name %s cannot be resolved", name.Name), "check base_url and the network")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return call.fail(extract.Transient, "", errors.New("the connection was closed before the answer was complete"), "")
	case errors.As(err, &network):
		var system *os.SyscallError
		if errors.As(err, &system) {
			return call.fail(extract.Transient, "", fmt.Errorf("%s: %w", network.Op, system), "check base_url and the network")
		}
		return call.fail(extract.Transient, "", fmt.Errorf("%s failed", network.Op), "check base_url, the network and the proxy")
	}
	return call.fail(extract.Transient, "", errors.New("the connection broke or the answer is no valid HTTP"), "")
}

// verdict is nil for a success. It makes the body UTF-8, and JSON where it can be
// mended.
func (call *Call) verdict(r *reply, check func([]byte) error) error {
	r.toUTF8()
	if r.status != http.StatusOK {
		return call.refused(r, check)
	}
	outline, err := call.readable(r)
	if err != nil {
		return err
	}
	if check != nil {
		if err := check(outline); err != nil {
			return call.checked(r, err)
		}
	}
	if call.Shape != nil {
		if err := call.Shape(outline); err != nil {
			return call.fail(extract.Doubtful, "", fmt.Errorf("unexpected answer: %w", err), "")
		}
	}
	return nil
}

// readable gives the outline of a body that is JSON or could be mended.
func (call *Call) readable(r *reply) (outline []byte, err error) {
	code := strconv.Itoa(r.status)
	switch {
	case len(bytes.TrimSpace(r.body)) == 0:
		return nil, call.fail(extract.Transient, code, errors.New("the answer is empty"), "")
	case !looksLikeJSON(r.body):
		return nil, call.fail(extract.Doubtful, code, errors.New("the answer is not JSON"),
			"the address may be a log-in page or a proxy: check base_url")
	}
	switch outline, err = r.mend(); {
	case errors.Is(err, transform.ErrEndsEarly):
		return nil, call.fail(extract.Doubtful, code, err, "lower page_size, and see whether a proxy on the way cuts answers off")
	case err != nil:
		return nil, call.fail(extract.Doubtful, code, err, "")
	}
	return outline, nil
}

// checked is the error of an answer with status 200 that fails the vendor's
// success test with err.
func (call *Call) checked(r *reply, err error) error {
	var said *extract.Error
	if !errors.As(err, &said) {
		return call.fail(extract.Doubtful, strconv.Itoa(r.status), errors.New("the answer is not what the vendor documents"), "")
	}
	e := call.own(said)
	if e.RetryAfter == 0 {
		e.RetryAfter = r.retryAfter()
	}
	if call.ownRefusal(said) {
		e.Class = extract.Permanent
	}
	return e
}

// ownRefusal reports whether said refuses the one order that was asked for:
// by a code that the vendor does not document.
func (call *Call) ownRefusal(said *extract.Error) bool {
	return call.One && said.Class == extract.Denied && errors.Is(said.Err, extract.ErrRefused)
}

func looksLikeJSON(body []byte) bool {
	body = bytes.TrimSpace(body)
	return len(body) > 0 && (body[0] == '{' || body[0] == '[')
}

// refused is the error of an HTTP status that is not 200. A vendor may give
// its own code beside an error status; it says more than the status does.
func (call *Call) refused(r *reply, check func([]byte) error) error {
	e := call.own(refusal(r))
	var said *extract.Error
	if !looksLikeJSON(r.body) || r.status < 400 || check == nil || !errors.As(check(r.body), &said) || said.Code == "" {
		return e
	}
	e.Code, e.Err = said.Code, fmt.Errorf("%w (HTTP status %d)", call.own(said).Err, r.status)
	if said.Hint != "" {
		e.Hint = said.Hint
	}
	switch {
	case call.ownRefusal(said) && e.Class == extract.Denied:
		e.Class = extract.Permanent
	case said.Class == extract.Denied, errors.Is(said.Err, extract.ErrRefused): // the status says more of how long that lasts
	case said.Class == extract.Permanent && r.status >= 500: // the server failed, whatever it says
	default:
		e.Class = said.Class
	}
	return e
}

// Mirrored is the error of a vendor's own code that looks like an HTTP status
// and is taken for that; nil for any other code.
func Mirrored(code string) *extract.Error {
	switch code {
	case "401", "403", "429", "500", "502", "503", "504":
		status, _ := strconv.Atoi(code) // of digits
		return refusal(&reply{status: status})
	}
	return nil
}

// checkAuth is said where nothing is known of how an account logs in.
const checkAuth = "check the account's auth"

// refusal is the error of an HTTP status that is not 200, by itself.
func refusal(r *reply) *extract.Error {
	e := &extract.Error{Code: strconv.Itoa(r.status)}
	switch {
	case r.status == http.StatusTooManyRequests:
		e.Class, e.RetryAfter = extract.Limited, r.retryAfter()
		e.Err, e.Hint = errors.New("asked too often"), "lower the account's rate"
	case r.status == http.StatusRequestTimeout || r.status >= 500:
		e.Class, e.RetryAfter = extract.Transient, r.retryAfter()
		e.Err = errors.New("the vendor's server failed")
	case r.status == http.StatusUnauthorized:
		e.Class = extract.Expired
		e.Err, e.Hint = errors.New("the credentials are not accepted"), checkAuth
	case r.status == http.StatusForbidden:
		e.Class = extract.Denied
		e.Err, e.Hint = errors.New("access is forbidden"), "check the account's permissions at the vendor, and whether it admits this machine's address"
	case r.status == http.StatusNotFound:
		e.Class = extract.Denied
		e.Err, e.Hint = errors.New("the address does not exist"), "check base_url and the ids in the configuration"
	case r.status >= 300 && r.status < 400:
		if slices.Contains(passingRedirects, r.status) {
			e.Class = extract.Denied
		}
		e.Err, e.Hint = fmt.Errorf("a redirect to %s was refused", redirectHost(r.header)), "put the final address in base_url"
	case r.status >= 400:
		e.Err, e.Hint = errors.New("the vendor refused the request"), "check base_url and the account's configuration"
	default:
		e.Class, e.Err = extract.Doubtful, errors.New("an answer without the data asked for")
	}
	return e
}

// passingRedirects are those that HTTP itself calls temporary: to a page that
// announces maintenance, for instance.
var passingRedirects = []int{http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect}

// redirectHost names the host a redirect points to, and nothing else of it:
// the address may hold what was sent.
func redirectHost(h http.Header) string {
	u, err := url.Parse(h.Get("Location"))
	if err != nil || h.Get("Location") == "" {
		return "an unknown address"
	}
	if u.Host == "" {
		return "another path of the same host"
	}
	return strings.ToLower(u.Host)
}
