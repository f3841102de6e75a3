package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// changesOfNight is how many orders of the history a night changes.
const changesOfNight = 20_000

// changedSpread is over how many of the youngest orders of the history they are
// spread: those of 90 days.
const changedSpread = 900_000

// growthOfHistory is a night with 20,000 changed orders over a database that
// holds ever more of them (load/testdata/history.sql), all but ten of which the
// vendor has no call to answer again. The history ends 100 days before the
// nights, so that no total of a day is compared with the simulator's.
func growthOfHistory(orders ...int) row {
	r := row{
		name: "history", unit: "orders", toReach: "flat",
		work: fmt.Sprintf("a night with %s changed orders of the last 90 days of a history that grows", count(changesOfNight)),
	}
	for _, n := range orders {
		r.steps = append(r.steps, float64(n))
	}
	r.begin = func(b *bench) ([]subject, func(), error) {
		var subjects []subject
		end := func() {}
		for _, n := range orders {
			s, stop, err := b.overHistory(n)
			if stop != nil {
				before := end
				end = func() { before(); stop() }
			}
			if err != nil {
				return nil, end, err
			}
			subjects = append(subjects, s)
		}
		return subjects, end, nil
	}
	return r
}

func (b *bench) overHistory(orders int) (s subject, stop func(), err error) {
	o := vendorOptions{accounts: 1, soms: 10}
	address, end, err := startVendors(b.ctx, o)
	if err != nil {
		return s, nil, err
	}
	p, err := b.newPlace(address, o, concurrency)
	if err != nil {
		return s, end, err
	}
	stop = func() { end(); remove(p.dir) }
	if _, err := p.night(nightAfter(o.soms)); err != nil {
		return s, stop, err
	}
	statements, err := os.ReadFile(filepath.Join(b.root, "load/testdata/history.sql"))
	if err != nil {
		return s, stop, err
	}
	if err := b.fill(filepath.Join(p.dir, "data", "warehouse.duckdb"), string(statements), orders, epoch); err != nil {
		return s, stop, err
	}
	held := sumOf(orders, historyFen)
	p.expect["soms"] = sums{p.expect["soms"].Orders + held.Orders, p.expect["soms"].Fen + held.Fen}
	at := epoch.AddDate(0, 0, 100)
	if _, err := p.night(at); err != nil { // compares everything, once
		return s, stop, err
	}
	return subject{name: count(orders) + " orders", command: runCommand, run: func() (measured, error) {
		at = at.AddDate(0, 0, 1)
		if err := b.change(address, orders, at); err != nil {
			return measured{}, err
		}
		u, err := p.night(at)
		return measured{usage: u}, err
	}}, stop, nil
}

// historyFen is what is due for order i of the history, in fen
// (load/testdata/history.sql).
func historyFen(i int) int64 { return 100 * (2*int64(10+i%90) + 6) }

// change has the vendor change orders of the history in the hour before a night.
func (b *bench) change(address string, orders int, at time.Time) error {
	q, err := http.NewRequestWithContext(b.ctx, http.MethodPost, fmt.Sprintf("%s/change?orders=%d&at=%d", address, orders, at.Unix()), nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the simulator changes nothing: %s", answer.Status)
	}
	return nil
}

// change puts orders of the history into the shop's simulator as of a night.
func (v *vendors) change(w http.ResponseWriter, r *http.Request) {
	orders, err := strconv.Atoi(r.URL.Query().Get("orders"))
	at, atErr := strconv.ParseInt(r.URL.Query().Get("at"), 10, 64)
	if err != nil || atErr != nil {
		http.Error(w, "orders and at are numbers", http.StatusBadRequest)
		return
	}
	recent := min(orders, changedSpread)
	step := max(1, recent/changesOfNight)
	night := int(at/86400) % step
	list := make([]soms.Order, 0, changesOfNight)
	for k := range min(changesOfNight, recent) {
		list = append(list, historyOrder(orders, orders-recent+k*step+night, time.Unix(at, 0)))
	}
	v.soms[tenant(0)].Put(list...)
}

// historyOrder is order i of the history, of another commission, changed in the
// hour before a night.
func historyOrder(orders, i int, night time.Time) soms.Order {
	created := soms.LocalTime(epoch.Add(-time.Duration(float64(orders-i)*8.64) * time.Second))
	price := 100 * int64(10+i%90)
	o := retailOrder(fmt.Sprintf("%013d", 8826000000000+i), created, 500, 100, item(1, "Mineral water", 1, price), item(2, "Mineral water", 1, price))
	o.Modified = soms.LocalTime(night.Add(-time.Hour + time.Duration(i%3000)*time.Second))
	o.IndexModified, o.SettleCommission = o.Modified, money(100+night.Unix()/86400%7)
	return o
}
