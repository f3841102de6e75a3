package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/notify"
	"github.com/nightaudit/nightaudit/cmd/internal/observe"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/load"
)

// observers are the log, which names the run, and others; nil ones are none.
func (a *app) observers(others ...pipeline.Observer) pipeline.Observers {
	all := pipeline.Observers{&a.running}
	for _, o := range others {
		if o != nil {
			all = append(all, o)
		}
	}
	return all
}

// observed is a run of which programs are told.
type observed struct {
	*app
	cfg       *config.Config
	began     time.Time
	telemetry *observe.Telemetry
	lineage   *observe.Lineage
}

func (a *app) observe(ctx context.Context, cfg *config.Config) *observed {
	return &observed{
		app: a, cfg: cfg, began: time.Now(),
		telemetry: observe.StartTelemetry(ctx, a.getenv, versionText(), a.log),
		lineage:   observe.StartLineage(ctx, cfg, versionText(), a.log, a.telling),
	}
}

// ended tells programs how the run ended, and changes nothing of that. A run that was
// not begun because another was at work is not told: that one will be.
func (o *observed) ended(ctx context.Context, told *notify.Night, r *pipeline.Result) {
	if told.ExitCode == exit.Locked {
		return
	}
	n := &observe.Night{
		Version: versionText(), ExitCode: told.ExitCode, Outcome: told.Outcome, Stopped: ctx.Err() != nil,
		Began: o.began, Ended: time.Now(), Result: r,
	}
	if told.Failure != nil {
		n.Failure = (&failure{what: told.Failure.What, err: errors.New(told.Failure.Why)}).Error()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), n.Limit())
	defer cancel()
	if o.cfg.MetricsFile != "" || o.telemetry.Metrics {
		o.readPublished(ctx, n)
	}
	if o.cfg.MetricsFile != "" {
		if err := n.WriteMetrics(o.cfg.MetricsFile); err != nil {
			o.log.Error("the metrics of this run were not written", "file", o.cfg.MetricsFile, "error", err)
		}
	}
	var sending sync.WaitGroup
	sending.Go(func() { o.telemetry.End(ctx, n) })
	sending.Go(func() { o.lineage.End(ctx, n) })
	sending.Wait()
}

// readPublished adds what people see after the run; without it there are fewer metrics.
func (o *observed) readPublished(ctx context.Context, n *observe.Night) {
	file := filepath.Join(o.cfg.Publish.Dir, load.PublishedName)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return
	}
	p := &observe.Published{}
	db, err := o.openDatabase(file)
	if err == nil {
		defer db.close()
		err = errors.Join(
			db.rows(ctx, &[]*observe.Published{p}, "metrics_run"), db.rows(ctx, &p.Accounts, "status"), db.rows(ctx, &p.Breaks, "metrics_breaks"))
		if n.Result != nil && n.Result.Database != "" {
			err = errors.Join(err, db.rows(ctx, &p.Gaps, "metrics_accounts", n.Result.RunID))
		}
	}
	if err != nil {
		o.log.Warn("what is published cannot be read: the metrics of it are missing", "error", err)
		return
	}
	n.Published = p
}
