package observe

import (
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// The metrics of a run. Their names and labels are part of the contract
// (docs/contract.md, Metrics).
var (
	buildInfo = metric("build_info", "The program of the last run; 1.", "version", "goversion")

	runExitCode    = metric("run_exit_code", "Exit code of the last run.")
	runEnd         = metric("run_end_timestamp_seconds", "When the last run ended, by the machine's clock.")
	runDuration    = metric("run_duration_seconds", "How long the last run took.")
	runLastSuccess = metric("run_last_success_timestamp_seconds", "When a run last ended with 0 or 5 and was published, by its own clock; 0 for never.")
	runMissed      = metric("run_missed_nights", "Days before the last run on which none was begun.")
	published      = metric("published_timestamp_seconds", "When what people open was published, by the run's clock.")
	databaseSize   = metric("database_bytes", "Size of the database that the last run published.")

	accountComplete     = metric("account_complete", "1 where the last run left nothing out of the account, else 0.", account...)
	accountLastComplete = metric("account_last_complete_timestamp_seconds", "When the last complete night of the account began, by its own clock; 0 for never.", account...)
	accountDuration     = metric("account_duration_seconds", "How long the account took in the last run.", account...)
	accountAnswers      = metric("account_answers", "Answers of the vendor that were read in the last run.", account...)
	accountOrders       = metric("account_orders", "Orders that the vendor answered with in the last run, each counted once.", account...)
	accountChanges      = metric("account_order_changes", "What became of these orders: inserted, updated or unchanged.", "source", "account", "outcome")
	accountRejects      = metric("account_rejects", "Records that were refused in the last run.", account...)
	accountFindings     = metric("account_findings", "Values that were doubted in the last run.", account...)
	accountWindows      = metric("account_windows_incomplete", "Windows of the last run that are not complete.", account...)
	accountTotals       = metric("account_control_totals_differing", "Sums of money columns that were loaded otherwise than the vendor's text adds up to.", account...)

	stageSeconds = metric("stage_seconds", "How long a stage of the last run took, calls that were under way at once added up; of the run as a whole without source and account.", stage...)
	stageCalls   = metric("stage_calls", "How often it was done: requests, answers, batches, workbooks.", stage...)
	stageSize    = metric("stage_bytes", "Bytes that it had to do with.", stage...)
	stageRows    = metric("stage_rows", "Rows that it had to do with.", stage...)

	breaksOpen = metric("breaks_open", "Open breaks, of any date.", "rule", "severity")
)

var (
	account = []string{"source", "account"}
	stage   = []string{"source", "account", "stage"}
)

func metric(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("nightaudit_"+name, help, labels, nil)
}

// gauge takes a value and its labels.
type gauge func(d *prometheus.Desc, value float64, labels ...string)

// Describe tells nothing: which metrics there are depends on how the run went.
func (n *Night) Describe(chan<- *prometheus.Desc) {}

// Collect gives the metrics.
func (n *Night) Collect(to chan<- prometheus.Metric) {
	set := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	set(buildInfo, 1, n.Version, runtime.Version())
	set(runExitCode, float64(n.ExitCode))
	set(runEnd, instant(n.Ended))
	set(runDuration, n.Ended.Sub(n.Began).Seconds())
	if r := n.Result; r != nil {
		set(runMissed, float64(len(r.Gap.Missed)))
		if r.Database != "" {
			set(databaseSize, float64(r.Copied.Bytes))
		}
		for i := range r.Accounts {
			collectAccount(set, &r.Accounts[i])
		}
		for i := range r.Stages {
			collectStage(set, &r.Stages[i])
		}
	}
	if n.Published != nil {
		n.Published.collect(set)
	}
}

func collectAccount(set gauge, r *pipeline.AccountResult) {
	if r.State == "" { // it was not asked any more
		return
	}
	complete := 0.0
	if r.State == ledger.Complete {
		complete = 1
	}
	set(accountComplete, complete, r.Source, r.Account)
	set(accountDuration, r.Took.Seconds(), r.Source, r.Account)
	set(accountAnswers, float64(r.Pages), r.Source, r.Account)
	set(accountOrders, float64(r.Orders), r.Source, r.Account)
	set(accountChanges, float64(r.Inserted), r.Source, r.Account, "inserted")
	set(accountChanges, float64(r.Updated), r.Source, r.Account, "updated")
	set(accountChanges, float64(r.Unchanged), r.Source, r.Account, "unchanged")
	set(accountRejects, float64(r.Rejected), r.Source, r.Account)
	set(accountFindings, float64(r.Findings), r.Source, r.Account)
}

func collectStage(set gauge, r *meter.Reading) {
	labels := []string{r.Source, r.Account, string(r.Stage)}
	set(stageSeconds, r.Took().Seconds(), labels...)
	set(stageCalls, float64(r.Calls), labels...)
	set(stageSize, float64(r.Bytes), labels...)
	set(stageRows, float64(r.Rows), labels...)
}

func (p *Published) collect(set gauge) {
	set(published, instant(p.At))
	set(runLastSuccess, instant(p.SucceededAt))
	for _, a := range p.Accounts {
		set(accountLastComplete, instant(a.CompleteAt), a.Source, a.Account)
	}
	for _, b := range p.Breaks {
		set(breaksOpen, float64(b.Open), b.Rule, b.Severity)
	}
	for _, g := range p.Gaps {
		set(accountWindows, float64(g.Windows), g.Source, g.Account)
		set(accountTotals, float64(g.Totals), g.Source, g.Account)
	}
}

// instant is a time in seconds since 1970, to the millisecond; 0 for none.
func instant(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

// registry has the metrics of a night alone.
func (n *Night) registry() *prometheus.Registry {
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(n)
	return r
}

// WriteMetrics puts the metrics into a file for node_exporter, which everybody may
// read: whoever reads it has the whole of it, or of the one before.
func (n *Night) WriteMetrics(file string) error {
	families, err := n.registry().Gather()
	if err != nil {
		return fmt.Errorf("gather the metrics: %w", err)
	}
	return disk.Replace(file, 0o644, func(w io.Writer) error {
		for _, f := range families {
			if _, err := expfmt.MetricFamilyToText(w, f); err != nil {
				return err
			}
		}
		return nil
	})
}
