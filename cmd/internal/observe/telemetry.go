package observe

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-logr/logr"
	bridge "go.opentelemetry.io/contrib/bridges/prometheus"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
)

// Telemetry sends a trace of a run, and its metrics, to a collector of OpenTelemetry,
// in OTLP over HTTP. Where, and whether at all, the standard environment variables
// say (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER, …), which the library reads.
type Telemetry struct {
	Metrics bool // whether those are wanted

	log      *slog.Logger
	resource *resource.Resource
	exporter sdktrace.SpanExporter    // nil: no traces
	provider *sdktrace.TracerProvider // of these
	tracer   *tracer
}

// StartTelemetry begins the trace; it sends nothing where nothing is asked for. Who
// does not take it is told in log, once.
func StartTelemetry(ctx context.Context, getenv func(string) string, version string, log *slog.Logger) *Telemetry {
	t := &Telemetry{log: log}
	traces := wanted(getenv, "TRACES", log)
	t.Metrics = wanted(getenv, "METRICS", log)
	if !traces && !t.Metrics {
		return t
	}
	t.listen()
	var err error
	t.resource, err = resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(
		semconv.ServiceName("nightaudit"), semconv.ServiceVersion(version)), resource.WithFromEnv())
	if err != nil { // what could be read is there
		log.Warn("OTEL_RESOURCE_ATTRIBUTES cannot be read", "error", err)
	}
	if !traces {
		return t
	}
	if t.exporter, err = otlptracehttp.New(ctx, otlptracehttp.WithProxy(extract.Proxy)); err != nil {
		log.Error("no trace is sent to the collector", "error", err)
		return t
	}
	t.provider = sdktrace.NewTracerProvider(sdktrace.WithBatcher(t.exporter), sdktrace.WithResource(t.resource))
	t.tracer = newTracer(ctx, t.provider)
	return t
}

// Observer makes the trace; nil where there is none.
func (t *Telemetry) Observer() pipeline.Observer {
	if t.tracer == nil {
		return nil
	}
	return t.tracer
}

// wanted says whether a signal is to be sent: where its exporter is named or its
// endpoint is.
func wanted(getenv func(string) string, signal string, log *slog.Logger) bool {
	named := func(name string) string {
		return cmp.Or(getenv("OTEL_EXPORTER_OTLP_"+signal+"_"+name), getenv("OTEL_EXPORTER_OTLP_"+name))
	}
	exporter := getenv("OTEL_" + signal + "_EXPORTER")
	protocol := cmp.Or(named("PROTOCOL"), "http/protobuf")
	switch {
	case strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true"), exporter == "none", exporter == "" && named("ENDPOINT") == "":
		return false
	case exporter != "" && exporter != "otlp":
		log.Warn("nothing is sent to the collector: this program has the exporter otlp alone", "variable", "OTEL_"+signal+"_EXPORTER")
		return false
	case protocol != "http/protobuf":
		log.Warn("nothing is sent to the collector: this program speaks http/protobuf alone", "variable", "OTEL_EXPORTER_OTLP_PROTOCOL")
		return false
	}
	return true
}

// listen has the library tell what goes wrong in the log, once: a collector that is
// away fails for every batch.
func (t *Telemetry) listen() {
	var told atomic.Bool
	otel.SetLogger(logr.FromSlogHandler(t.log.Handler()))
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		if !told.Swap(true) {
			t.log.Error("the collector did not take what was sent", "why", reason(err))
		}
	}))
}

// reason is why nothing was taken, without the address, which may hold a secret, and
// without most of what the collector says of it.
func reason(err error) string {
	const longest = 300
	text := address.ReplaceAllString(err.Error(), "the collector")
	return text[:min(len(text), longest)]
}

var address = regexp.MustCompile(`"?https?://[^\s"]*"?`)

// End ends the trace and sends what is left of it, and the metrics; within ctx.
func (t *Telemetry) End(ctx context.Context, n *Night) {
	var sending sync.WaitGroup
	defer sending.Wait()
	if t.Metrics {
		sending.Go(func() { t.sendMetrics(ctx, n) })
	}
	if t.tracer == nil {
		return
	}
	t.tracer.end(n)
	if err := t.provider.Shutdown(ctx); err != nil {
		otel.Handle(err)
	}
	_ = t.exporter.Shutdown(ctx) // ends what is still being sent
}

func (t *Telemetry) sendMetrics(ctx context.Context, n *Night) {
	all, err := bridge.NewMetricProducer(bridge.WithGatherer(n.registry())).Produce(ctx)
	if err != nil {
		otel.Handle(err)
	}
	exporter, err := otlpmetrichttp.New(ctx, otlpmetrichttp.WithProxy(extract.Proxy))
	if err == nil {
		err = errors.Join(
			exporter.Export(ctx, &metricdata.ResourceMetrics{Resource: t.resource, ScopeMetrics: all}),
			exporter.Shutdown(ctx))
	}
	if err != nil {
		otel.Handle(err)
	}
}
