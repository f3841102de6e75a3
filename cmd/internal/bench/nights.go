package main

import (
	"fmt"
	"os"
	"time"
)

// growthOfNights is a night of ten orders, none of which changed, behind ever more of
// the same, each with its workbook: what a night costs for what was before it.
func growthOfNights(nights ...int) row {
	r := row{
		name: "nights", unit: "nights", toReach: "flat",
		work: "a night in which nothing changed, with its workbook, behind ever more of them",
	}
	for _, n := range nights {
		r.steps = append(r.steps, float64(n))
	}
	r.begin = func(b *bench) (subjects []subject, end func(), err error) {
		o := vendorOptions{accounts: 1, soms: 10}
		address, stop, err := startVendors(b.ctx, o)
		if err != nil {
			return nil, nil, err
		}
		p, err := b.newPlace(address, o, concurrency)
		if err != nil {
			return nil, stop, err
		}
		at, done := nightAfter(o.soms), 0
		for _, n := range nights {
			for ; done < n-1; done++ {
				if _, err := p.nightWith(at); err != nil {
					return nil, stop, fmt.Errorf("night %d: %w", done+1, err)
				}
				at = at.AddDate(0, 0, 1)
			}
			own, err := p.copied()
			if err != nil {
				return nil, stop, err
			}
			next := at
			subjects = append(subjects, subject{name: "night " + count(n), command: "nightaudit run", run: func() (measured, error) {
				u, err := own.nightWith(next)
				next = next.AddDate(0, 0, 1)
				if err == nil {
					err = own.check()
				}
				if err != nil {
					return measured{}, err
				}
				files, size, err := filesIn(own.dir)
				return measured{u, []extra{{"files", files}, {"MB", size / 1e6}}}, err
			}})
		}
		return subjects, stop, nil
	}
	return r
}

// nightWith measures a night with its workbook.
func (p *place) nightWith(at time.Time) (usage, error) {
	u, _, err := run(p.b.ctx, p.dir, p.b.binary, "--quiet", "run", "--at", at.Format(time.RFC3339))
	return u, err
}

// copied is a place with all that this one has.
func (p *place) copied() (*place, error) {
	dir, err := p.b.newFolder("place-*")
	if err == nil {
		err = os.CopyFS(dir, os.DirFS(p.dir))
	}
	return &place{b: p.b, dir: dir, expect: p.expect}, err
}
