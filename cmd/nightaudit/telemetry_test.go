package main

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	colmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	v1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// collector takes what OTLP over HTTP brings.
type collector struct {
	mu       sync.Mutex
	spans    []*v1.Span
	gauges   map[string]float64 // by name and the values of its labels
	resource map[string]string
	keys     map[string]bool // of the header api-key
	raw      strings.Builder
}

func startCollector(t *testing.T) (string, *collector) {
	t.Helper()
	c := &collector{gauges: map[string]float64{}, resource: map[string]string{}, keys: map[string]bool{}}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			unpacked, err := gzip.NewReader(body)
			if err != nil {
				t.Error(err)
				return
			}
			body = unpacked
		}
		data, err := io.ReadAll(body)
		if err != nil {
			t.Error(err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.keys[r.Header.Get("Api-Key")] = true
		c.raw.Write(data)
		switch r.URL.Path {
		case "/v1/traces":
			c.takeTraces(t, data)
		case "/v1/metrics":
			c.takeMetrics(t, data)
		default:
			t.Errorf("%s was called", r.URL.Path)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, c
}

func (c *collector) takeTraces(t *testing.T, data []byte) {
	var request coltrace.ExportTraceServiceRequest
	if err := proto.Unmarshal(data, &request); err != nil {
		t.Error(err)
	}
	for _, r := range request.GetResourceSpans() {
		for key, value := range textsOf(r.GetResource().GetAttributes()) {
			c.resource[key] = value
		}
		for _, s := range r.GetScopeSpans() {
			c.spans = append(c.spans, s.GetSpans()...)
		}
	}
}

func (c *collector) takeMetrics(t *testing.T, data []byte) {
	var request colmetrics.ExportMetricsServiceRequest
	if err := proto.Unmarshal(data, &request); err != nil {
		t.Error(err)
	}
	for _, r := range request.GetResourceMetrics() {
		for _, s := range r.GetScopeMetrics() {
			for _, m := range s.GetMetrics() {
				for _, p := range m.GetGauge().GetDataPoints() {
					labels := textsOf(p.GetAttributes())
					name := strings.TrimSpace(m.GetName() + " " + strings.TrimSpace(labels["source"]+" "+labels["account"]+" "+labels["stage"]))
					c.gauges[name] = p.GetAsDouble()
				}
			}
		}
	}
}

func textsOf(attributes []*common.KeyValue) map[string]string {
	texts := map[string]string{}
	for _, a := range attributes {
		texts[a.GetKey()] = a.GetValue().GetStringValue()
	}
	return texts
}

func numberOf(s *v1.Span, key string) int64 {
	for _, a := range s.GetAttributes() {
		if a.GetKey() == key {
			return a.GetValue().GetIntValue()
		}
	}
	return -1
}

// Where the environment names a collector, a night is one trace: of the run, within it
// of both accounts, and within these of their calls and stages, each call with method,
// path and status, and without what it asked for; and the metrics come with it. Not a
// secret is among it, nor what an order says.
func TestTelemetryOfNight(t *testing.T) {
	address, c := startCollector(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=h-e-a-d-e-r")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=hotel")
	g := startGroup(t, "")
	g.getenv = os.Getenv
	g.bIsDown.Store(true)
	code, said := g.night(11, "--no-report")
	if code != 3 || strings.Count(said, "\n") != 1 { // the account's failure alone
		t.Fatalf("the night ends with %d and says %s", code, said)
	}
	var run *v1.Span
	accounts := map[string]*v1.Span{}
	for _, s := range c.spans {
		switch s.GetName() {
		case "run":
			run = s
		case "account":
			accounts[textsOf(s.GetAttributes())["nightaudit.account"]] = s
		}
	}
	if run == nil || len(accounts) != 2 {
		t.Fatalf("the spans are %v", c.spans)
	}
	if len(run.GetParentSpanId()) != 0 || textsOf(run.GetAttributes())["nightaudit.run"] == "" || numberOf(run, "nightaudit.exit_code") != 3 || textsOf(run.GetAttributes())["nightaudit.outcome"] != "partial" {
		t.Errorf("the run's span is %v", run)
	}
	if accounts["a"].GetStatus().GetCode() == v1.Status_STATUS_CODE_ERROR || accounts["b"].GetStatus().GetCode() != v1.Status_STATUS_CODE_ERROR {
		t.Errorf("the accounts' spans are %v", accounts)
	}
	stages, calls := map[string]int{}, map[string]int{}
	for _, s := range c.spans {
		if string(s.GetTraceId()) != string(run.GetTraceId()) || s.GetStartTimeUnixNano() > s.GetEndTimeUnixNano() || s.GetEndTimeUnixNano() > run.GetEndTimeUnixNano() {
			t.Errorf("the span %s is of another trace, or ends after the run", s.GetName())
		}
		parent := ""
		for name, a := range accounts {
			if string(s.GetParentSpanId()) == string(a.GetSpanId()) {
				parent = name
			}
		}
		attributes := textsOf(s.GetAttributes())
		if stage := attributes["nightaudit.stage"]; stage != "" {
			stages[parent+" "+stage]++
		}
		if s.GetKind() != v1.Span_SPAN_KIND_CLIENT {
			continue
		}
		calls[parent]++
		if s.GetName() != "POST" || attributes["http.request.method"] != "POST" || !strings.HasPrefix(attributes["url.path"], "/8560/soms/") || attributes["server.address"] != "127.0.0.1" {
			t.Errorf("the call is %s %v", s.GetName(), attributes)
		}
		want := map[string]int64{"a": 200, "b": 503}[parent]
		if numberOf(s, "http.response.status_code") != want || (s.GetStatus().GetCode() == v1.Status_STATUS_CODE_ERROR) != (parent == "b") {
			t.Errorf("the call to %s is %v, %v", parent, attributes, s.GetStatus())
		}
	}
	// Those of the run as a whole have the run's span above them: no account's.
	for _, want := range []string{"a plan", "a fetch", "a land", "a decode", "a stage", "a merge", "b fetch", " checks", " seal", " publish"} {
		if stages[want] == 0 {
			t.Errorf("no span of %q among %v", want, stages)
		}
	}
	for account, n := range calls {
		if told := c.gauges["nightaudit_stage_calls soms "+account+" fetch"]; n == 0 || told != float64(n) {
			t.Errorf("%d calls to %s, and the metrics say %v", n, account, told)
		}
	}
	if c.gauges["nightaudit_run_exit_code"] != 3 || c.gauges["nightaudit_account_orders soms a"] != 1 || c.gauges["nightaudit_account_complete soms b"] != 0 {
		t.Errorf("the metrics are %v", c.gauges)
	}
	if c.resource["service.name"] != "nightaudit" || c.resource["deployment.environment.name"] != "hotel" || len(c.keys) != 1 || !c.keys["h-e-a-d-e-r"] {
		t.Errorf("resource %v, keys %v", c.resource, c.keys)
	}
	for _, secret := range []string{shopPassword, "h-e-a-d-e-r", "tea"} {
		if strings.Contains(c.raw.String(), secret) {
			t.Errorf("%q is sent", secret)
		}
	}
}

// A collector that is away, fails or hangs changes nothing of a night but that it ends
// some seconds later. It is said once, without the address.
func TestTelemetryNotTaken(t *testing.T) {
	slowTest(t)
	hanging := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/hangs") {
			<-hanging
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, "no such t-e-n-a-n-t")
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(hanging) })
	for _, address := range []string{"http://127.0.0.1:9/k-e-y", server.URL + "/fails/k-e-y", server.URL + "/hangs/k-e-y"} {
		t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
		g := startGroup(t, "")
		g.getenv = os.Getenv
		began := time.Now()
		code, said := g.night(11, "--no-report", "--account", "a")
		if took := time.Since(began); code != 0 || took > 15*time.Second {
			t.Errorf("%s: the night ends with %d after %s", address, code, took)
		}
		if strings.Count(said, "the collector did not take what was sent") != 1 || strings.Contains(said, "k-e-y") {
			t.Errorf("%s: the night says %s", address, said)
		}
	}
}
