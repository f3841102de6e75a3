package listen

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics count what becomes of calls, from the start of the process. Their names are
// part of the contract (docs/contract.md, Metrics).
type metrics struct {
	registry *prometheus.Registry
	taken    *prometheus.CounterVec // by source, account, outcome: kept or repeated
	bytes    *prometheus.CounterVec // by source, account
	last     *prometheus.GaugeVec   // by source, account
	refused  *prometheus.CounterVec // by source, account, reason; of strangers by reason alone
	crowded  prometheus.Counter
}

const (
	kept     = "kept"
	repeated = "repeated"
)

const (
	takenName   = "nightaudit_listen_notifications_total"
	refusedName = "nightaudit_listen_refused_total"
)

// reasons are why calls are refused, by the status that they get.
var reasons = map[int]string{
	http.StatusBadRequest:            "not_understood",
	http.StatusNotFound:              "unknown_address",
	http.StatusMethodNotAllowed:      "not_posted",
	http.StatusRequestTimeout:        "too_slow",
	http.StatusRequestEntityTooLarge: "too_long",
	http.StatusServiceUnavailable:    "not_kept",
}

func newMetrics() *metrics {
	account := []string{"source", "account"}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		taken: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: takenName, Help: "Calls whose notifications were taken, by whether one of them was new (kept) or all had come before (repeated).",
		}, append(account, "outcome")),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "nightaudit_listen_bytes_total", Help: "Bytes of the calls that were taken, as they came.",
		}, account),
		last: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "nightaudit_listen_last_taken_timestamp_seconds", Help: "When a call was taken last; 0 before the first since the listener began.",
		}, account),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: refusedName, Help: "Calls that were refused, by reason; those to an unknown address are nobody's.",
		}, append(account, "reason")),
		crowded: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "nightaudit_listen_crowded_total", Help: "Connections without a call that were closed because there were too many.",
		}),
	}
	m.registry.MustRegister(m.taken, m.bytes, m.last, m.refused, m.crowded,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.refused.WithLabelValues("", "", reasons[http.StatusNotFound])
	return m
}

// of has an account's metrics there from the start: what is 0 is told as 0.
func (m *metrics) of(a *Account) {
	for _, outcome := range []string{kept, repeated} {
		m.taken.WithLabelValues(a.Source, a.Name, outcome)
	}
	for status, reason := range reasons {
		if status != http.StatusNotFound {
			m.refused.WithLabelValues(a.Source, a.Name, reason)
		}
	}
	m.bytes.WithLabelValues(a.Source, a.Name)
	m.last.WithLabelValues(a.Source, a.Name)
}

// watch counts the connections that are open.
func (m *metrics) watch(c *connections) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "nightaudit_listen_connections", Help: "Connections that are open.",
	}, func() float64 {
		c.mu.Lock()
		defer c.mu.Unlock()
		return float64(len(c.open))
	}))
}

func (m *metrics) took(a *Account, outcome string, bytes int, at time.Time) {
	m.taken.WithLabelValues(a.Source, a.Name, outcome).Inc()
	m.bytes.WithLabelValues(a.Source, a.Name).Add(float64(bytes))
	m.last.WithLabelValues(a.Source, a.Name).Set(float64(at.UnixMilli()) / 1000)
}

// Counts says what became of the calls so far.
func (s *Server) Counts() (n Counts) {
	families, err := s.metrics.registry.Gather()
	if err != nil {
		s.log.Error("what became of the calls is not known", "error", err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			value := int64(m.GetCounter().GetValue())
			switch family.GetName() {
			case refusedName:
				n.Refused += value
			case takenName:
				for _, label := range m.GetLabel() {
					switch label.GetValue() {
					case kept:
						n.Kept += value
					case repeated:
						n.Repeated += value
					}
				}
			}
		}
	}
	return n
}

// ServeMetrics answers GET /metrics on l, as Prometheus asks, until ctx ends. What goes
// wrong with it is logged, and keeps nobody from listening.
func (s *Server) ServeMetrics(ctx context.Context, l net.Listener) {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: s.header, ReadTimeout: s.whole, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: headerBytes,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // nobody waits for figures
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		s.log.Error("metrics are told no longer; listening goes on", "error", err)
	}
}
