package observe

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

func textLog(to *strings.Builder) *slog.Logger { return slog.New(slog.NewTextHandler(to, nil)) }

// The standard variables say what is sent; what this program does not speak is not
// sent, and that is said.
func TestTelemetryWanted(t *testing.T) {
	const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9"
	for asked, want := range map[string]struct {
		traces, metrics bool
		said            string
	}{
		"":                                       {},
		endpoint:                                 {traces: true, metrics: true},
		endpoint + " OTEL_SDK_DISABLED=true":     {},
		endpoint + " OTEL_SDK_DISABLED=false":    {traces: true, metrics: true},
		endpoint + " OTEL_TRACES_EXPORTER=none":  {metrics: true},
		endpoint + " OTEL_METRICS_EXPORTER=none": {traces: true},
		"OTEL_TRACES_EXPORTER=otlp":              {traces: true}, // to localhost:4318
		"OTEL_METRICS_EXPORTER=otlp":             {metrics: true},
		"OTEL_TRACES_EXPORTER=zipkin":            {said: "OTEL_TRACES_EXPORTER"},
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:9":                                         {traces: true},
		"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://127.0.0.1:9":                                        {metrics: true},
		endpoint + " OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf":                                         {traces: true, metrics: true},
		endpoint + " OTEL_EXPORTER_OTLP_PROTOCOL=grpc":                                                  {said: "OTEL_EXPORTER_OTLP_PROTOCOL"},
		endpoint + " OTEL_EXPORTER_OTLP_PROTOCOL=grpc OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf": {traces: true, said: "OTEL_EXPORTER_OTLP_PROTOCOL"},
	} {
		env := map[string]string{}
		for _, pair := range strings.Fields(asked) {
			name, value, _ := strings.Cut(pair, "=")
			env[name] = value
		}
		said := &strings.Builder{}
		tel := StartTelemetry(t.Context(), func(name string) string { return env[name] }, "test", textLog(said))
		if traces := tel.Observer() != nil; traces != want.traces || tel.Metrics != want.metrics || (said.Len() == 0) != (want.said == "") || !strings.Contains(said.String(), want.said) {
			t.Errorf("%s: traces %v, metrics %v, want %v and %v; said %s", asked, traces, tel.Metrics, want.traces, want.metrics, said)
		}
	}
}

// A collector that hangs keeps nobody beyond the time that is given, and is told of
// once, without its address.
func TestTelemetryHangs(t *testing.T) {
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-ended }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(ended) })
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL+"/k-e-y") // the library reads it there
	said := &strings.Builder{}
	tel := StartTelemetry(t.Context(), func(name string) string {
		return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": server.URL}[name]
	}, "test", textLog(said))
	tel.Observer().AccountStarted("soms", "retail")
	tel.Observer().Measured(ledger.AccountID{Source: "soms", Account: "retail"}, meter.Span{Stage: meter.Decode, Began: time.Now()})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	tel.End(ctx, &Night{ExitCode: 1, Outcome: "failed", Began: began, Ended: began})
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %s", took)
	}
	if strings.Count(said.String(), "the collector did not take what was sent") != 1 || strings.Contains(said.String(), "k-e-y") {
		t.Errorf("it said %s", said)
	}
}
