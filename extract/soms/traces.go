package soms

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
	"github.com/nightaudit/nightaudit/transform"
)

// The two reads of where an order is (SOMS interface document, 1.1.23, 1.1.26),
// below pathOrder and the order's id.
const (
	pathOrder    = "/orderservice/order/"
	anyTrace     = "/delivery/trace" // of any carrier
	expressTrace = "/kd/trace"       // of parcels that 快递100 follows
)

// operator is who the vendor is told that reads a parcel's trace.
const operator = "nightaudit"

// tracer makes the client of the two reads, which are on its allow-list only.
func (a *account) tracer(env extract.Env) (*httpx.Client, error) {
	var allow []httpx.Read
	for _, end := range []string{anyTrace, expressTrace} {
		allow = append(allow, httpx.Read{Method: http.MethodGet, Path: a.prefix + pathOrder + "*" + end})
	}
	return a.cfg.Auth.Client(&a.cfg.Settings, env, httpx.Options{Check: traced, Allow: allow})
}

// AsksByID reports whether orders are asked for by id: for their traces.
func (a *account) AsksByID() bool { return a.cfg.Traces }

// traces plans to ask where the orders of due are that are on their way.
func (a *account) traces(due []extract.Due) []extract.Window {
	w := extract.Window{Stream: streamTraces}
	for _, d := range due {
		if d.OnItsWay {
			w.Due = append(w.Due, d)
		}
	}
	if !a.cfg.Traces || w.Due == nil {
		return nil
	}
	return []extract.Window{w}
}

// fetchTraces asks for the traces of w's orders. Not every carrier tells, and
// orders count without it: a refusal in the vendor's envelope is an answer, which
// says that there is nothing to tell of that order (a finding). Where that is said
// of every order the window is marked.
func (a *account) fetchTraces(ctx context.Context, w extract.Window, yield extract.Yield) error {
	silent := 0
	var last trace
	ask := func(ctx context.Context, some []extract.Due) (*extract.Page, error) {
		return a.trace(ctx, some[0].OrderID)
	}
	err := extract.ByID{Stream: w.Stream, Due: w.Due, Workers: a.cfg.Concurrency, Ask: ask}.Fetch(ctx, func(p *extract.Page) (extract.Facts, error) {
		if t, err := readTrace(p.Body); err == nil && t.refused() {
			silent, last = silent+1, t
		}
		return yield(p)
	})
	if refused := (*extract.Error)(nil); errors.As(err, &refused) && refused.Answered && refused.Class != extract.Expired && refused.Class != extract.Limited {
		return &extract.Unsettled{Reason: "traces were given up: " + refused.Error()}
	}
	if err == nil && silent > 1 && silent == len(w.Due) {
		err = &extract.Unsettled{Reason: fmt.Sprintf("the vendor tells nothing of the way of all %d orders it was asked for (code %q); if it never does, set traces: false", silent, last.code())}
	}
	return err
}

// trace asks where an order is: once, and once more as of an express parcel where
// the first call tells nothing.
func (a *account) trace(ctx context.Context, id string) (*extract.Page, error) {
	if id == "." || id == ".." || strings.ContainsAny(id, "/\\") {
		return nil, fmt.Errorf("%w: its id cannot stand in an address", extract.ErrRefused)
	}
	answer, err := a.readTrace(ctx, id, anyTrace, nil)
	if err != nil {
		return nil, err
	}
	if !tells(answer.Body) {
		express, err := a.readTrace(ctx, id, expressTrace, url.Values{"operator": {operator}})
		switch {
		case err == nil && tells(express.Body):
			answer = express
		case err != nil && extract.ClassOf(err) != extract.Permanent:
			return nil, err
		}
	}
	return answer.Page(streamTraces), nil
}

func (a *account) readTrace(ctx context.Context, id, end string, query url.Values) (*httpx.Answer, error) {
	return a.traceClient.Do(ctx, httpx.Call{
		Op: "read the trace of order " + id, Method: http.MethodGet, Path: a.prefix + pathOrder + url.PathEscape(id) + end, Query: query,
	})
}

// traced is the success test of a trace. A refusal is an answer, too.
func traced(body []byte) error {
	var e envelope
	d := jx.GetDecoder()
	defer jx.PutDecoder(d)
	d.ResetBytes(body)
	wrong, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
		e.found = e.found || key == "traces" || key == "details"
		own, err := e.member(d, key)
		if !own && err == nil {
			err = d.Skip()
		}
		return err
	})
	switch {
	case err != nil || wrong != "":
		return &extract.Error{Class: extract.Permanent, Err: errors.New("the answer is not valid JSON")}
	case !e.found && !e.success.Present():
		return &extract.Error{Class: extract.Permanent, Err: errors.New("the answer is no trace"), Hint: "check base_url and tenant_id"}
	}
	return nil
}

// tells reports whether a trace has entries.
func tells(body []byte) bool {
	t, err := readTrace(body)
	return err == nil && len(t.Traces.Items)+len(t.Details.Items) > 0
}

// refused reports whether the vendor said that there is nothing to tell.
func (t *trace) refused() bool { return t.Success.Text == "false" }

// code is the vendor's reason; "" where what stands there is none, for it may be a
// text about somebody.
func (t *trace) code() string {
	notOfCodes := func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-'
	}
	code := t.Code.Plain()
	if len(code) > 40 || strings.ContainsFunc(code, notOfCodes) {
		return ""
	}
	return code
}

func readTrace(body []byte) (t trace, err error) {
	err = transform.ReadDocument(body, func(d *jx.Decoder) error {
		wrong, err := traceFields.Read(d, &t)
		if err == nil && wrong != "" {
			err = errors.New("it is no object")
		}
		return err
	})
	return t, err
}

// decodeTrace makes the events of the order that was asked for.
func decodeTrace(p *extract.Page, out *transform.Batch) (extract.Facts, error) {
	f := extract.Facts{Rows: 1, Total: -1}
	t, err := readTrace(p.Body)
	if err != nil {
		return f, extract.BadAnswer("decode a trace", err)
	}
	id := p.Subject.OrderID
	if id == "" {
		id = t.OrderID.Plain()
	}
	r := out.Record(id, "", -1)
	if got := t.OrderID.Plain(); got != "" && got != id {
		r.Reject("order_id", "the answer is about another order than the one asked for", got)
	}
	if r.Rejected() {
		return f, nil
	}
	if t.refused() {
		r.Finding("code", "the vendor tells nothing of this order's way", t.code())
	}
	addEvents(r, "traces", &t.Traces)
	addEvents(r, "details", &t.Details)
	return f, nil
}

func addEvents(r *transform.Record, name string, list *transform.List[traceDetail]) {
	if list.Twice {
		r.Finding(name, transform.RepeatedList, "")
	}
	if list.Wrong {
		r.Finding(name, "not an array of events", "")
	}
	for i := range list.Items {
		r.In(name, i)
		e := &traceDetailFields.Fill(r, &list.Items[i], "").DeliveryEvent
		if e.SourceStatus == "" && !e.HappenedAt.Valid {
			r.Finding("status", "an event without a status and a time is left out", "")
			continue
		}
		r.DeliveryEvent(e)
	}
	r.In("", 0)
}
