package main

import (
	"fmt"
	"path/filepath"
	"time"
)

// profile runs a first night under the profiler, the vendors in a process of
// their own, and writes where its processor time went.
func (b *bench) profile(file string, orders int) error {
	file, err := filepath.Abs(file)
	if err != nil {
		return err
	}
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
	u, _, err := run(b.ctx, p.dir, b.inside, "profile", p.config(), nightAfter(orders).Format(time.RFC3339), file)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "%s orders: %.2f s wall, %.2f s processor; look at it with: go tool pprof -top %s\n", count(orders), u.wall.Seconds(), u.cpu.Seconds(), file)
	return p.check()
}
