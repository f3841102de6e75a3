package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
)

// profile runs a first night in this process and writes where its processor
// time went. The vendors have a process of their own.
func (b *bench) profile(file string, orders int) (err error) {
	o := documented(orders, 0)
	address, stop, err := startVendors(b.ctx, o)
	if err != nil {
		return err
	}
	defer stop()
	p, err := b.newPlace(address, o, concurrency)
	if err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	began := time.Now()
	err = p.nightHere(b.ctx, nightAfter(orders), int64(orders))
	pprof.StopCPUProfile()
	fmt.Fprintf(b.out, "%s orders in %.2f s; look at it with: go tool pprof -top %s\n", count(orders), time.Since(began).Seconds(), file)
	return err
}

// nightHere runs a night in this process.
func (p *place) nightHere(ctx context.Context, at time.Time, orders int64) error {
	clock := func() time.Time { return at }
	cfg, err := config.Load(p.config(), config.Options{Drivers: all.Drivers(), Env: extract.Env{Now: clock, Tokens: new(extract.TokenStore)}})
	if err != nil {
		return err
	}
	result, err := pipeline.Run(ctx, cfg, pipeline.Options{Now: clock, NoReport: true})
	if err != nil {
		return err
	}
	if len(result.Accounts) != 1 || result.Accounts[0].Orders != orders {
		return fmt.Errorf("the night did not load %d orders: %+v", orders, result.Accounts)
	}
	return nil
}
