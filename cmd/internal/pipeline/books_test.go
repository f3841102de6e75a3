package pipeline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract/simulate"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	starhotel "github.com/nightaudit/nightaudit/extract/starhotel/sim"
	tuya "github.com/nightaudit/nightaudit/extract/tuya/sim"
	"github.com/nightaudit/nightaudit/reports/query"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/sheets"
	"github.com/nightaudit/nightaudit/reports/shelf"
)

// trade is an order as the vendor took it: what the books must hold, worked out
// without the program.
type trade struct {
	key   string // source/id
	at    time.Time
	fen   int64
	dated bool // whether the vendor gives a time that can be read
	money bool // whether it gives an amount that can be read
}

// district is the hamlet with accounts in other zones and with other days, whose
// vendors take orders at random and fail now and then.
type district struct {
	*hamlet
	dice   *rand.Rand
	zone   map[string]*time.Location
	starts map[string]time.Duration
	trades []trade
}

func startDistrict(t *testing.T, seed uint64) *district {
	d := &district{hamlet: startHamlet(t), dice: rand.New(rand.NewPCG(seed, 12)), zone: map[string]*time.Location{}, starts: map[string]time.Duration{}}
	zones := []string{"Asia/Shanghai", "Asia/Tokyo", "Europe/London"}
	pairs := []string{"version: 1\n", "version: 1\nreport: {language: en}\n"}
	for source, key := range map[string]string{"tuya": `project_id: "1",`, "soms": `tenant_id: "8560",`, "starhotel": "pms_id: 2,"} {
		name := zones[d.dice.IntN(len(zones))]
		if source == "soms" {
			name = "Asia/Shanghai" // its times are wall times of its own zone
		}
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		hours := d.dice.IntN(13)
		d.zone[source], d.starts[source] = zone, time.Duration(hours)*time.Hour
		pairs = append(pairs, key, fmt.Sprintf("%s timezone: %s, business_day_start: \"%02d:00\",", key, name, hours))
	}
	d.configure(pairs...)
	return d
}

// day is the business date of a trade, by the wall clock of its account.
func (d *district) day(tr *trade) string {
	source, _, _ := strings.Cut(tr.key, "/")
	wall := tr.at.In(d.zone[source])
	date := time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
	if time.Duration(wall.Hour())*time.Hour+time.Duration(wall.Minute())*time.Minute < d.starts[source] {
		date = date.AddDate(0, 0, -1)
	}
	return date.Format(time.DateOnly)
}

// take lets a vendor take an order at an instant: one in eight has no time that
// can be read or no amount.
func (d *district) take(n int, at time.Time) {
	at = at.Truncate(time.Second)
	tr := trade{at: at, fen: int64(1 + d.dice.IntN(100_000)), dated: true, money: true}
	amount := fmt.Sprintf("%d.%02d", tr.fen/100, tr.fen%100)
	id := fmt.Sprintf("9%05d", n)
	switch d.dice.IntN(3) {
	case 0:
		tr.key = "tuya/" + id
		d.tuya.Put(tuya.Order{
			OrderID: id, RoomNo: "801", OrderStatus: "producing", OrderBizType: "MATERIAL", Quantity: 1, OrderAmount: tuya.Amount(amount),
			Currency: "CNY", OrderSource: "APPLET_WX", CreateOrderTime: tuya.At(at),
		})
	case 1:
		tr.key = "starhotel/" + id
		number := int64(900_000 + n)
		tr.key = fmt.Sprintf("starhotel/%d", number)
		d.starhotel.Put(starhotel.Order{
			OrderID: number, OrderNo: id, TotalAmount: amount, TotalPayedAmount: "0.00", CreatorID: "1", OrderStatus: 110,
			CreatedAt: starhotel.ISOTime(at), UpdatedAt: starhotel.ISOTime(at),
		})
	case 2:
		tr.key = "soms/" + id
		created := soms.LocalTime(at)
		switch d.dice.IntN(4) {
		case 0:
			tr.dated, created = false, ""
		case 1:
			tr.money, amount = false, "13.891234" // no amount of money: it has six decimals
		}
		d.soms.Put(soms.Order{
			ID: id, Created: created, Modified: soms.LocalTime(d.now.Add(-10 * time.Minute)), State: "confirmed",
			Payment: &soms.Payment{State: "notPay", Amount: json.Number(amount)},
		})
	}
	d.trades = append(d.trades, tr)
}

// night lets some hours pass in which orders are taken, late ones among them, and
// runs; a vendor may be down.
func (d *district) night(n int) *pipeline.Result {
	d.t.Helper()
	before := d.now
	d.now = d.now.Add(time.Duration(3+d.dice.IntN(40)) * time.Hour).Add(time.Duration(d.dice.IntN(60)) * time.Minute)
	for i := range 4 {
		at := before.Add(time.Duration(d.dice.Int64N(int64(d.now.Sub(before) - 15*time.Minute))))
		if d.dice.IntN(4) == 0 {
			at = at.Add(-time.Duration(d.dice.IntN(72)) * time.Hour) // it reaches the vendor's list late
		}
		d.take(10*n+i, at)
	}
	down := []string{"", "", "soms", "tuya", "starhotel"}[d.dice.IntN(5)]
	if down != "" {
		d.desk(down).Fault(func(*http.Request) *simulate.Fault { return &simulate.Fault{Status: http.StatusForbidden} })
		defer d.well(down)
	}
	result, err := pipeline.Run(d.t.Context(), d.cfg, pipeline.Options{Now: d.clock, Version: "test"})
	if err != nil {
		d.t.Fatal(err)
	}
	return result
}

// bookOrders are the orders of a workbook, by source/id, with their net amount
// as the cell has it.
func bookOrders(t *testing.T, path string) map[string]string {
	t.Helper()
	f, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Orders")
	if err != nil {
		t.Fatal(err)
	}
	orders := map[string]string{}
	var source, id, net int
	for _, row := range rows {
		switch {
		case slices.Contains(row, "Order ID"):
			source, id, net = slices.Index(row, "Source"), slices.Index(row, "Order ID"), slices.Index(row, "Net due")
		case id > 0 && len(row) > id && row[id] != "":
			key, amount := row[source]+"/"+row[id], ""
			if net < len(row) {
				amount = row[net]
			}
			if _, twice := orders[key]; twice {
				t.Errorf("%s holds %s twice", path, key)
			}
			orders[key] = amount
		}
	}
	return orders
}

// Every order is in the workbook of its business date and in no other, or it has
// no date, or its date is not over; and the nightly books of a month add up to the
// month's and to the database.
func TestEveryOrderIsInOneBook(t *testing.T) {
	slowTest(t)
	seeds := []uint64{1}
	if long() {
		seeds = []uint64{1, 2, 3}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			d := startDistrict(t, seed)
			first := d.night(0)
			begun := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(first.Workbook), "reconciliation_"), ".xlsx")
			for n := 1; n <= 6; n++ {
				d.night(n)
			}
			// One more with all vendors well: what was missed is read again.
			d.now = d.now.Add(26 * time.Hour)
			if _, err := pipeline.Run(t.Context(), d.cfg, pipeline.Options{Now: d.clock, Version: "test"}); err != nil {
				t.Fatal(err)
			}
			d.compare(begun)
		})
	}
}

func (d *district) compare(begun string) {
	t := d.t
	over := d.read("SELECT business_date FROM audit.last_complete")[0]
	nightly := map[string]map[string]string{}
	paths, err := filepath.Glob(filepath.Join(d.cfg.Report.Dir, "reconciliation_????-??-??.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		reportstest.ComparePage(t, shelf.PageOf(path), path)
		nightly[strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "reconciliation_"), ".xlsx")] = bookOrders(t, path)
	}
	var undated []string
	for i := range d.trades {
		tr := &d.trades[i]
		var in []string
		for date, orders := range nightly {
			if _, is := orders[tr.key]; is {
				in = append(in, date)
			}
		}
		want := []string{d.day(tr)}
		switch {
		case !tr.dated:
			undated, want = append(undated, tr.key), nil
		case want[0] > over || want[0] < begun: // not over, or before there were books
			want = nil
		}
		if !slices.Equal(in, want) {
			t.Errorf("%s of %s stands in the books of %v, want %v", tr.key, tr.at, in, want)
		}
		if len(want) == 1 && tr.money && len(in) == 1 && yuan(nightly[in[0]][tr.key]) != tr.fen {
			t.Errorf("%s: the book says %s, the vendor %d fen", tr.key, nightly[in[0]][tr.key], tr.fen)
		}
	}
	equal(t, "orders without a date", d.read("SELECT source || '/' || order_id FROM orders WHERE business_date IS NULL"), undated)
	d.addUp(begun, over, nightly)
}

// yuan is an amount of a cell in fen.
func yuan(cell string) int64 {
	whole, part, _ := strings.Cut(cell, ".")
	var fen int64
	_, _ = fmt.Sscan(whole+(part + "00")[:2], &fen)
	return fen
}

// addUp compares the nightly books from begun to over with one book of all those
// dates and with the database.
func (d *district) addUp(begun, over string, nightly map[string]map[string]string) {
	t := d.t
	want := d.read("SELECT count(*), coalesce(sum(net_amount * 100), 0)::BIGINT FROM orders WHERE business_date BETWEEN '" + begun + "' AND '" + over + "'")[0]
	published, err := query.OpenWith(d.published(), query.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer published.Close()
	day := func(text string) time.Time {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	path, err := sheets.Workbook(context.Background(), published, sheets.Options{Dir: t.TempDir(), Language: "en", From: day(begun), To: day(over)})
	if err != nil {
		t.Fatal(err)
	}
	together := bookOrders(t, path)
	var sumNightly, sumTogether int64
	n := 0
	for date, orders := range nightly {
		if date < begun || date > over {
			t.Errorf("a book of %s", date)
		}
		for key, amount := range orders {
			n++
			sumNightly += yuan(amount)
			if together[key] != amount {
				t.Errorf("%s: the book of %s says %q, that of all dates %q", key, date, amount, together[key])
			}
		}
	}
	for _, amount := range together {
		sumTogether += yuan(amount)
	}
	if got := fmt.Sprintf("%d | %d", n, sumNightly); got != want || n != len(together) || sumNightly != sumTogether {
		t.Errorf("nightly books: %s, the book of all dates: %d | %d, the database: %s", got, len(together), sumTogether, want)
	}
}
