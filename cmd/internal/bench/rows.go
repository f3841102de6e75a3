package main

import (
	"fmt"

	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// rows are what is measured, in the sequence of the tables.
var rows = []row{
	firstNight(10_000),
	unchangedNight(10_000),
	mixedNight(20_000, 10_000),
	{
		name: "merge", work: "merge of 20,000 orders of five lines into an empty warehouse, staged already",
		toReach: "100,000 orders/s", begin: (*bench).beginMerge,
	},
	{
		name: "demo", work: "`go run ./cmd/nightaudit demo`, once compiled: 5,001 orders of five vendors, database and workbook",
		toReach: "3 s", begin: (*bench).beginDemo,
	},
	{
		name: "export", work: "`nightaudit export` of the demo's 5,001 orders",
		toReach: "at most one file for each table and month", begin: (*bench).beginExport,
	},
	workbookOf(1_200_000),
	{
		name: "pages", work: "200 pages of 100 orders, each answered after 100 ms: from the first question to the last answer, against the ideal",
		toReach: "1.15 × with 8 requests under way, 1.05 × one after the other", begin: (*bench).beginPages,
	},
	growthOfOrders(10_000, 20_000, 40_000, 100_000),
	growthOfAccounts(1, 10, 50, 200),
	growthOfHistory(1_000_000, 3_000_000, 10_000_000),
	growthOfNights(1, 10, 100, 1_000),
}

// documented are vendors with orders of the size of the document's sample.
func documented(somsOrders, tuyaOrders int) vendorOptions {
	return vendorOptions{accounts: 1, soms: somsOrders, tuya: tuyaOrders, size: soms.DocumentedSize}
}

const (
	runCommand  = "nightaudit run --no-report"
	concurrency = 4
)

func firstNight(orders int) row {
	return row{
		name: "first", toReach: "wall 1.0 ×, aim 0.7 ×; processor time 1.3 ×",
		work: fmt.Sprintf("first night of %s SOMS orders of documented size, against DuckDB's own typed `read_json` of the same pages from local files into seven columns", count(orders)),
		begin: func(b *bench) ([]subject, func(), error) {
			o := documented(orders, 0)
			address, stop, err := startVendors(b.ctx, o)
			if err != nil {
				return nil, nil, err
			}
			pages, err := b.keepPages(address, orders)
			if err != nil {
				return nil, stop, err
			}
			want := map[string]sums{"soms": sumOf(orders, somsFen)}
			return []subject{
				b.firstNights("nightaudit", address, o, concurrency),
				b.peer("DuckDB read_json", "read_json.py", want, func() ([]string, error) {
					file, err := b.newName("read-*.duckdb")
					return []string{pages, file}, err
				}),
			}, stop, nil
		},
	}
}

func unchangedNight(orders int) row {
	return row{
		name: "unchanged", toReach: "processor time 0.4 s",
		work: fmt.Sprintf("a night in which none of %s SOMS orders has changed", count(orders)),
		begin: func(b *bench) ([]subject, func(), error) {
			o := documented(orders, 0)
			address, stop, err := startVendors(b.ctx, o)
			if err != nil {
				return nil, nil, err
			}
			p, err := b.newPlace(address, o, concurrency)
			if err != nil {
				return nil, stop, err
			}
			at := nightAfter(orders)
			if _, err := p.night(at); err != nil {
				return nil, stop, err
			}
			return []subject{{name: "nightaudit", command: runCommand, run: func() (measured, error) {
				at = at.AddDate(0, 0, 1)
				u, err := p.night(at)
				return measured{usage: u}, err
			}}}, stop, nil
		},
	}
}

func mixedNight(somsOrders, tuyaOrders int) row {
	return row{
		name: "mixed", toReach: "processor time ½ × and memory 1 × of the script's; processor time ⅒ × and memory ⅓ × of dlt's",
		work: fmt.Sprintf("first night of %s SOMS and %s Tuya orders with the latter's details, against a plain Python script that reads and adds up the lists only, and against dlt, which loads lists and details into DuckDB, merged and incremental", count(somsOrders), count(tuyaOrders)),
		begin: func(b *bench) ([]subject, func(), error) {
			o := documented(somsOrders, tuyaOrders)
			address, stop, err := startVendors(b.ctx, o)
			if err != nil {
				return nil, nil, err
			}
			want := map[string]sums{"soms": sumOf(somsOrders, somsFen), "tuya": sumOf(tuyaOrders, tuyaFen)}
			return []subject{
				b.firstNights("nightaudit", address, o, concurrency),
				b.peer("plain script", "plain.py", want, func() ([]string, error) { return []string{address}, nil }),
				b.peer("dlt", "dlt_pipeline.py", want, func() ([]string, error) {
					folder, err := b.newFolder("dlt-*")
					return []string{address, folder}, err
				}),
			}, stop, nil
		},
	}
}

// beginPages measures the reading of pages alone: what a night does before and
// after is in the other figures.
func (b *bench) beginPages() (subjects []subject, end func(), err error) {
	const pages, seconds = 200, 0.1
	o := vendorOptions{accounts: 1, soms: pages * 100, delay: 100e6}
	address, stop, err := startVendors(b.ctx, o)
	if err != nil {
		return nil, nil, err
	}
	for _, underWay := range []int{8, 1} {
		s := b.firstNights(fmt.Sprintf("%d under way", underWay), address, o, underWay)
		night := s.run
		s.run = func() (measured, error) {
			m, err := night()
			if err != nil {
				return m, err
			}
			told, err := askPages(b.ctx, address)
			if err == nil && told.Pages != pages {
				err = fmt.Errorf("%d pages were read, not %d", told.Pages, pages)
			}
			ideal := pages * seconds / float64(underWay)
			m.others = []extra{{"s for the pages", told.Took.Seconds()}, {"× ideal", told.Took.Seconds() / ideal}}
			return m, err
		}
		subjects = append(subjects, s)
	}
	return subjects, stop, nil
}
