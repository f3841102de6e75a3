package pipeline

import (
	"cmp"
	"context"
	"errors"
	"log/slog"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/reports/iceberg"
	"github.com/nightaudit/nightaudit/reports/query"
)

// LakeError is why the lake is not up to date with a night that is published.
type LakeError struct{ Err error }

func (e *LakeError) Error() string { return e.Err.Error() }
func (e *LakeError) Unwrap() error { return e.Err }

// LakeOptions are where the configuration's lake is, and how it is kept.
func LakeOptions(l *config.Lake) iceberg.Options {
	return iceberg.Options{Catalog: l.Catalog, Warehouse: l.Warehouse, Keep: l.Keep, ExpireAfter: l.Expire}
}

// commitLake commits what was published to the lake, where the configuration has one.
func (r *runner) commitLake(ctx context.Context, result *Result) (err error) {
	if r.cfg.Lake == nil {
		return nil
	}
	r.observer.Stage("lake")
	result.Lake, err = toLake(ctx, result.Database, LakeOptions(r.cfg.Lake), r.cfg.MemoryLimit)
	if errors.Is(err, iceberg.ErrUntidy) {
		r.log.Error("the lake was not tidied", "error", err)
		result.Notices, err = append(result.Notices, err.Error()), nil
	}
	if err != nil {
		return &LakeError{err}
	}
	files, bytes := result.Lake.Written()
	r.log.Info("committed to the lake", slog.Bool("changed", result.Lake.Changed()), slog.Int("files", files), slog.Int64("bytes", bytes),
		slog.Int("expired", result.Lake.Expired), slog.Int("swept", result.Lake.Swept))
	return nil
}

func toLake(ctx context.Context, database string, o iceberg.Options, memory int64) (_ *iceberg.Result, err error) {
	lake, err := iceberg.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lake.Close()) }()
	db, err := query.OpenWith(database, query.OpenOptions{AllowFiles: true, MemoryLimit: cmp.Or(memory, query.ReportMemory())})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return lake.Commit(ctx, db)
}
