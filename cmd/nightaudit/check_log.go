package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/nightaudit/nightaudit/transform/ledger"
)

// warnings collects what sources warn of while they are tried, as findings: among the
// lines of check a line of a log would be lost. What is less than that is logged.
type warnings struct {
	slog.Handler
	into  *collected
	attrs []slog.Attr
}

type collected struct {
	mu    sync.Mutex
	found []finding
}

func (w *warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn || w.Handler.Enabled(ctx, level)
}

func (w *warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &warnings{w.Handler.WithAttrs(attrs), w.into, slices.Concat(w.attrs, attrs)}
}

// Handle makes a finding of a warning: of its account, with what else it says.
func (w *warnings) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelWarn {
		return w.Handler.Handle(ctx, r)
	}
	attrs := slices.Clone(w.attrs)
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	var of ledger.AccountID
	text := r.Message
	for _, a := range attrs {
		switch a.Key {
		case "source":
			of.Source = a.Value.String()
		case "account":
			of.Account = a.Value.String()
		default:
			text += fmt.Sprintf("; %s: %s", a.Key, a.Value)
		}
	}
	w.into.mu.Lock()
	defer w.into.mu.Unlock()
	if f := warn(of.String(), text, ""); !slices.Contains(w.into.found, f) { // an account is opened more than once
		w.into.found = append(w.into.found, f)
	}
	return nil
}
