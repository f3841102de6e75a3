package observe

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// tracer makes spans of what it observes: of the run, within it of each account, and
// within those of each stage that was done and each call.
type tracer struct {
	pipeline.Unheard
	spans trace.Tracer
	run   trace.Span

	mu       sync.Mutex
	accounts map[ledger.AccountID]trace.Span
}

func newTracer(ctx context.Context, provider *sdktrace.TracerProvider) *tracer {
	t := &tracer{spans: provider.Tracer("github.com/nightaudit/nightaudit"), accounts: map[ledger.AccountID]trace.Span{}}
	_, t.run = t.spans.Start(ctx, "run")
	return t
}

// Begun names the run.
func (t *tracer) Begun(run ledger.Run) {
	t.run.SetAttributes(attribute.String("nightaudit.run", run.ID))
}

// AccountStarted begins the account's span.
func (t *tracer) AccountStarted(source, account string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	id := ledger.AccountID{Source: source, Account: account}
	_, t.accounts[id] = t.spans.Start(within(t.run), "account", trace.WithAttributes(
		attribute.String("nightaudit.source", source), attribute.String("nightaudit.account", account)))
}

// AccountDone ends it.
func (t *tracer) AccountDone(r pipeline.AccountResult) {
	span := t.of(ledger.AccountID{Source: r.Source, Account: r.Account})
	span.SetAttributes(attribute.String("nightaudit.state", string(r.State)), attribute.Int64("nightaudit.orders", r.Orders))
	if r.Err != nil {
		span.SetStatus(codes.Error, r.Err.Error())
	}
	span.End()
}

// of is the span of an account, or that of the run where the account has none.
func (t *tracer) of(id ledger.AccountID) trace.Span {
	t.mu.Lock()
	defer t.mu.Unlock()
	if span := t.accounts[id]; span != nil {
		return span
	}
	return t.run
}

// within is where the children of a span begin.
func within(parent trace.Span) context.Context {
	return trace.ContextWithSpan(context.Background(), parent)
}

// Measured makes a span of what was done.
func (t *tracer) Measured(of ledger.AccountID, s meter.Span) {
	name, kind := string(s.Stage), trace.SpanKindInternal
	attributes := []attribute.KeyValue{attribute.String("nightaudit.stage", string(s.Stage))}
	for _, amount := range []struct {
		name  string
		value int64
	}{{"nightaudit.calls", s.Calls}, {"nightaudit.bytes", s.Bytes}, {"nightaudit.rows", s.Rows}} {
		if amount.value != 0 {
			attributes = append(attributes, attribute.Int64(amount.name, amount.value))
		}
	}
	if s.Call != nil {
		name, kind = s.Call.Method, trace.SpanKindClient
		attributes = append(attributes, ofCall(s.Call)...)
	}
	_, span := t.spans.Start(within(t.of(of)), name, trace.WithTimestamp(s.Began), trace.WithSpanKind(kind), trace.WithAttributes(attributes...))
	if s.Call != nil && (s.Call.Status == 0 || s.Call.Status >= 400) {
		span.SetStatus(codes.Error, "")
	}
	span.End(trace.WithTimestamp(s.Began.Add(s.Took)))
}

// ofCall are the attributes of a call, by the semantic conventions of HTTP clients;
// url.full is left out, for the query may hold secrets.
func ofCall(c *meter.Call) []attribute.KeyValue {
	attributes := []attribute.KeyValue{
		semconv.HTTPRequestMethodKey.String(c.Method), semconv.ServerAddress(c.Host), semconv.URLPath(c.Path),
	}
	if c.Status == 0 {
		return append(attributes, semconv.ErrorTypeKey.String("no_answer"))
	}
	return append(attributes, semconv.HTTPResponseStatusCode(c.Status))
}

// end ends the run's span, and those of accounts that did not come to their end.
func (t *tracer) end(n *Night) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, span := range t.accounts {
		span.End() // a second end does nothing
	}
	t.run.SetAttributes(attribute.Int("nightaudit.exit_code", n.ExitCode), attribute.String("nightaudit.outcome", n.Outcome))
	if !n.well() {
		t.run.SetStatus(codes.Error, n.Failure)
	}
	t.run.End()
}
