package main

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// currentRun is the id of the run that is under way, once it has one.
type currentRun struct {
	pipeline.Unheard
	id atomic.Pointer[string]
}

// Begun notes the id.
func (c *currentRun) Begun(run ledger.Run) { c.id.Store(&run.ID) }

// runLog puts the run's id on every line, whoever writes it: loggers are made
// before there is a run.
type runLog struct {
	slog.Handler
	run *currentRun
}

// Handle writes a line.
func (l runLog) Handle(ctx context.Context, line slog.Record) error {
	if id := l.run.id.Load(); id != nil {
		line = line.Clone()
		line.AddAttrs(slog.String("run", *id))
	}
	return l.Handler.Handle(ctx, line)
}

// WithAttrs is the handler of a logger with more on each line.
func (l runLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return runLog{l.Handler.WithAttrs(attrs), l.run}
}

// WithGroup is the handler of a logger whose lines are in a group, the run's id with
// them.
func (l runLog) WithGroup(name string) slog.Handler {
	return runLog{l.Handler.WithGroup(name), l.run}
}
