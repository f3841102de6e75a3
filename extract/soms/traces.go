package soms

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

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

// fetchTraces asks for the traces of w's orders. Whatever is refused, it is not
// the account that fails: not every carrier tells, and orders count without it.
func (a *account) fetchTraces(ctx context.Context, w extract.Window, yield extract.Yield) error {
	err := extract.ByID(ctx, a.log, w.Due, a.cfg.Concurrency, a.trace, yield)
	if refused := (*extract.Error)(nil); errors.Is(err, extract.ErrRefused) && errors.As(err, &refused) {
		return &extract.Unsettled{Reason: "the vendor refused the trace of every order it was asked for: " + refused.Error()}
	}
	return err
}

// trace asks where an order is: once, and once more as of a parcel where the
// first call tells nothing.
func (a *account) trace(ctx context.Context, id string) (*extract.Page, error) {
	if id == "." || id == ".." || strings.ContainsAny(id, "/\\") {
		return nil, &extract.Error{Class: extract.Permanent, Op: "read the trace of an order", Err: extract.ErrRefused, Hint: "its id cannot stand in an address"}
	}
	answer, err := a.readTrace(ctx, id, anyTrace, nil)
	if errors.Is(err, extract.ErrRefused) || err == nil && !tells(answer.Body) {
		express, expressErr := a.readTrace(ctx, id, expressTrace, url.Values{"operator": {operator}})
		if expressErr == nil || !errors.Is(expressErr, extract.ErrRefused) {
			answer, err = express, expressErr
		}
	}
	if err != nil {
		return nil, err
	}
	return answer.Page(streamTraces), nil
}

func (a *account) readTrace(ctx context.Context, id, end string, query url.Values) (*httpx.Answer, error) {
	return a.traceClient.Do(ctx, httpx.Call{
		Op: "read the trace of order " + id, Method: http.MethodGet, Path: a.prefix + pathOrder + url.PathEscape(id) + end, Query: query,
	})
}

// traced is the success test of a trace. Its message may be about a person.
func traced(body []byte) error {
	var e envelope
	d := jx.GetDecoder()
	defer jx.PutDecoder(d)
	d.ResetBytes(body)
	wrong, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
		switch key {
		case "traces", "details", "order_id", "waybill_id":
			e.found = true
		}
		own, err := e.member(d, key)
		if !own && err == nil {
			err = d.Skip()
		}
		return err
	})
	switch {
	case err != nil || wrong != "":
		return &extract.Error{Class: extract.Permanent, Err: errors.New("the answer is not valid JSON")}
	case e.success.Text == "false":
		return &extract.Error{Class: extract.Permanent, Code: e.code.Text, Err: extract.ErrRefused}
	case !e.found && e.success.Text != "true":
		return &extract.Error{Class: extract.Permanent, Err: errors.New("the answer is no trace"), Hint: "check base_url and tenant_id"}
	}
	return nil
}

// tells reports whether a trace has entries.
func tells(body []byte) bool {
	var t trace
	return readTrace(body, &t) == nil && len(t.Traces.Items)+len(t.Details.Items) > 0
}

func readTrace(body []byte, t *trace) error {
	return transform.ReadDocument(body, func(d *jx.Decoder) error {
		wrong, err := traceFields.Read(d, t)
		if err == nil && wrong != "" {
			err = errors.New("it is no object")
		}
		return err
	})
}

// decodeTrace makes the events of the order that was asked for.
func decodeTrace(p *extract.Page, out *transform.Batch) (extract.Facts, error) {
	f := extract.Facts{Rows: 1, Total: -1}
	var t trace
	if err := readTrace(p.Body, &t); err != nil {
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
