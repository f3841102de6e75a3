package pipeline_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	akubela "github.com/nightaudit/nightaudit/extract/akubela/sim"
	"github.com/nightaudit/nightaudit/extract/all"
	guoxiaodi "github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	"github.com/nightaudit/nightaudit/extract/simulate"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	starhotel "github.com/nightaudit/nightaudit/extract/starhotel/sim"
	tuya "github.com/nightaudit/nightaudit/extract/tuya/sim"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// sources are the names of the five.
var sources = []string{"tuya", "akubela", "soms", "starhotel", "guoxiaodi"}

// hamlet is five small vendors, each of a dozen orders and read in pages of
// two: what takes the demo's group seconds takes it a moment. It goes on by
// the day, always in the same way.
type hamlet struct {
	t        *testing.T
	dir      string
	now      time.Time
	cfg      *config.Config
	register []byte

	tuya      *tuya.Vendor
	akubela   *akubela.Vendor
	soms      *soms.Vendor
	starhotel *starhotel.Vendor
	guoxiaodi *guoxiaodi.Vendor

	// indexed, where it is set, says when the shop's search takes an order that is
	// changed now; "" is at once.
	indexed func(id string) string
}

const hamletConfig = `version: 1
pii: {key: k}
http: {retries: 2, max_response: 1MiB}
sources:
  tuya:
    - {account: a, base_url: %q, project_id: "1", rate: 100000/s, page_size: 2, auth: {kind: tuya, client_id: c, client_secret: s}}
  akubela:
    - {account: a, base_url: %q, rate: 100000/s, page_size: 2, auth: {kind: bearer, token: t}}
  soms:
    - {account: a, base_url: %q, tenant_id: "8560", rate: 100000/s, page_size: 2, auth: {kind: basic, username: u, password: p}}
  starhotel:
    - {account: a, base_url: %q, pms_id: 2, rate: 100000/s, page_size: 2, auth: {kind: bearer, token: t}}
  guoxiaodi:
    - {account: a, base_url: %q, rate: 100000/s, concurrency: 1, auth: {kind: none}, register: ["register.jsonl"]}
`

// startHamlet serves the vendors on the morning of 2026-04-10 in China, with
// orders of the four days before.
func startHamlet(t *testing.T) *hamlet {
	t.Helper()
	return startHamletBehind(t, func(_ string, vendor http.Handler) http.Handler { return vendor })
}

// startHamletBehind is startHamlet with something before each vendor.
func startHamletBehind(t *testing.T, before func(source string, vendor http.Handler) http.Handler) *hamlet {
	t.Helper()
	h := &hamlet{t: t, dir: t.TempDir(), now: time.Date(2026, 4, 10, 3, 0, 0, 0, soms.Zone)}
	// Tuya's calls are signed with the real clock.
	h.tuya = tuya.New(tuya.Options{ClientID: "c", ClientSecret: "s", ProjectID: "1"})
	h.akubela = akubela.New(akubela.Options{Token: "t", Now: h.clock})
	h.soms = soms.New(soms.Options{Username: "u", Password: "p", Now: h.clock})
	h.starhotel = starhotel.New(starhotel.Options{Token: "t", Now: h.clock})
	h.guoxiaodi = guoxiaodi.New(guoxiaodi.Options{Now: h.clock})
	for day := 6; day <= 9; day++ {
		h.create(day)
	}
	var urls []any
	for i, v := range []http.Handler{h.tuya, h.akubela, h.soms, h.starhotel, h.guoxiaodi} {
		server := httptest.NewServer(before(sources[i], v))
		t.Cleanup(server.Close)
		urls = append(urls, server.URL)
	}
	file := filepath.Join(h.dir, "nightaudit.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, hamletConfig, urls...), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	h.cfg, err = config.Load(file, config.Options{Drivers: all.Drivers(), Env: extract.Env{
		Now: h.clock, Tokens: new(extract.TokenStore),
		HTTP: extract.HTTPLimits{Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *hamlet) clock() time.Time { return h.now }

// perDay is how many orders each vendor takes in a day: so many that what a
// single day brings fills more than a page.
const perDay = 3

// create makes the orders of a day of April, none of them final.
func (h *hamlet) create(day int) {
	for n := range perDay {
		h.service(day, n, "created")
		h.stay(day, n, "check_in")
		h.retail(day, n, "confirmed", day)
		h.booking(day, n, 110)
		h.delivery(day, n, "WAIT_TAKE")
	}
}

// pass lets a day pass: of the orders of two days before one goes on, new ones
// are made, and one of those disappears that were there from the beginning.
// The courier cannot forget an order.
func (h *hamlet) pass() {
	day := h.day()
	old := day - 2
	h.service(old, 0, "finished")
	h.stay(old, 0, "checked_in")
	h.retail(old, 0, "delivered", day)
	h.booking(old, 0, 180)
	h.delivery(old, 0, "RECEIVED")
	// The shop's total of that day stays as it is: only the time of the change
	// tells of it.
	h.retail(old-2, 2, "delivered", day)
	lost, n := 19-day, 1
	if lost < 6 {
		lost, n = day-8, 2 // whose change is four days old
	}
	h.tuya.Delete(orderID(lost, n))
	h.akubela.Delete(orderID(lost, n))
	h.soms.Delete(orderID(lost, n))
	h.starhotel.Delete(orderNumber(lost, n))
	h.create(day)
	h.now = h.now.AddDate(0, 0, 1)
}

// day is today, counted on from the first of April.
func (h *hamlet) day() int {
	return h.now.YearDay() - time.Date(2026, 3, 31, 0, 0, 0, 0, soms.Zone).YearDay()
}

func moment(day, n int) time.Time { return time.Date(2026, 4, day, 9+n, 0, 0, 0, soms.Zone) }

func orderID(day, n int) string    { return fmt.Sprintf("%02d%02d", day, n) }
func orderNumber(day, n int) int64 { return int64(100*day + n + 1) }

// service is an order of a room: the first of a day is a request for service,
// the others are goods.
func (h *hamlet) service(day, n int, status string) {
	o := tuya.Order{
		OrderID: orderID(day, n), RoomNo: "801", OrderStatus: status, OrderBizType: "MATERIAL", Quantity: 1,
		CommodityList: []tuya.Commodity{{ID: "1", CommodityName: "water", UnitPrice: "5.00", Quantity: 1, OrderAmount: "5.00", Currency: "CNY"}},
		OrderAmount:   "5.00", Currency: "CNY", OrderSource: "APPLET_WX", CreateOrderTime: tuya.At(moment(day, n)),
	}
	if n == 0 {
		o.OrderBizType, o.SecondOrderBizType = "SERVICE", "ROOM_CLEAN"
	}
	if status == "finished" {
		o.FinishOrderTime = tuya.At(moment(day, n).Add(time.Hour))
	}
	h.tuya.Put(o)
}

func (h *hamlet) stay(day, n int, state string) {
	h.akubela.Put(akubela.Order{
		OrderID: orderID(day, n), OrderNumber: "2026" + orderID(day, n), ResidenceNo: "801", OrderState: state, Source: "SaaS",
		StartTime: akubela.UTC(moment(day, n)), EndTime: akubela.UTC(moment(day, n).Add(20 * time.Hour)),
		Guests: []akubela.Guest{{GuestID: "g", GuestName: "Li"}},
	})
}

// retail is an order of the shop that was changed last on day changed.
func (h *hamlet) retail(day, n int, state string, changed int) {
	at := soms.LocalTime(moment(day, n))
	indexed := ""
	if h.indexed != nil {
		indexed = h.indexed(orderID(day, n))
	}
	h.soms.Put(soms.Order{
		ID: orderID(day, n), Created: at, Modified: soms.LocalTime(moment(changed, n)), State: state, IndexModified: indexed,
		Front:     &soms.Front{OrderID: "F" + orderID(day, n), Created: at},
		Payment:   &soms.Payment{State: "paid", Amount: "10.00", Details: []soms.PaymentDetail{{Code: "wx", Amount: "10.00"}}},
		Items:     []soms.Item{{ItemID: "1", SKUID: "A", ItemTitle: "tea", Quantity: "1", UnitPrice: "10.00", Total: "10.00", PayAmount: "10.00"}},
		RealTotal: "10.00", OrigTotal: "10.00", SKUQuantity: "1",
	})
}

func (h *hamlet) booking(day, n, status int) {
	at := moment(day, n)
	accom := starhotel.Accom{
		AccomID: orderNumber(day, n), RoomID: 1, RoomName: "801", CheckinStartTime: at.Unix(), CheckinEndTime: at.Unix() + 80000,
		TotalAmount: "300.00", Amount: "300.00", AccomStatus: 40, CheckoutStatus: 10, CreatedDate: at.Unix(),
	}
	paid := "0.00"
	if status == 180 {
		accom.AccomStatus, accom.CheckoutStatus, paid = 80, 20, "300.00"
	}
	h.starhotel.Put(starhotel.Order{
		OrderID: orderNumber(day, n), OrderNo: "2026" + orderID(day, n), Name: "Li", TotalAmount: "300.00", TotalPayedAmount: paid,
		CreatorID: "1", OrderStatus: status, ServiceDate: at.Unix(), CreatedAt: starhotel.ISOTime(at), UpdatedAt: starhotel.ISOTime(at),
		Accoms: []starhotel.Accom{accom},
	})
}

// delivery is an order of the courier. A new one is entered in the register.
func (h *hamlet) delivery(day, n int, status string) {
	at := moment(day, n)
	o := guoxiaodi.Order{
		AccountNo: "1", OrderNo: "ON" + orderID(day, n), SourceOrderNo: "X" + orderID(day, n), ExpressStatus: status,
		Feed: []guoxiaodi.Event{{ExpressStatus: "WAIT_TAKE", HappenTime: at.UnixMilli()}},
		Tips: []guoxiaodi.Tip{{TipNo: "T1", TipFee: "100", CreateTime: at.UnixMilli()}},
	}
	if status != "WAIT_TAKE" {
		o.Feed = append(o.Feed, guoxiaodi.Event{ExpressStatus: status, HappenTime: at.Add(time.Hour).UnixMilli()})
	} else {
		h.register = append(append(h.register, guoxiaodi.Created{
			OrderNo: o.OrderNo, SourceOrderNo: o.SourceOrderNo, ExpressStatus: "WAIT_TAKE", CarriageFee: "500", DistanceFee: "500", WeightFee: "0",
			PayFee: "500", BeforePreferentialFee: "500", PreferentialAmount: "0", TimeCreateOrder: fmt.Sprint(at.UnixMilli()),
		}.Bare()...), '\n')
		if err := os.WriteFile(filepath.Join(h.dir, "register.jsonl"), h.register, 0o600); err != nil {
			h.t.Fatal(err)
		}
	}
	h.guoxiaodi.Put(o)
}

// run carries out the night.
func (h *hamlet) run() *pipeline.Result {
	h.t.Helper()
	result, err := pipeline.Run(h.t.Context(), h.cfg, pipeline.Options{Now: h.clock, Version: "test", NoReport: true})
	if err != nil {
		h.t.Fatal(err)
	}
	return result
}

// wantStates checks how the account of each source ended, complete where
// states says nothing, and the exit code that follows.
func wantStates(t *testing.T, r *pipeline.Result, states map[string]ledger.WindowState) {
	t.Helper()
	exit := 0
	for _, a := range r.Accounts {
		want, ok := states[a.Source]
		if !ok {
			want = ledger.Complete
		}
		if want != ledger.Complete {
			exit = 3
		}
		if a.State != want {
			t.Errorf("%s is %s, want %s: %v %v", a.Source, a.State, want, a.Messages, a.Err)
		}
	}
	if r.ExitCode != exit || len(r.Accounts) != len(sources) {
		t.Errorf("exit code %d of %d accounts, want %d of %d", r.ExitCode, len(r.Accounts), exit, len(sources))
	}
}

// desk is where the calls of a vendor come in.
func (h *hamlet) desk(source string) *simulate.Desk {
	return map[string]*simulate.Desk{
		"tuya": &h.tuya.Desk, "akubela": &h.akubela.Desk, "soms": &h.soms.Desk, "starhotel": &h.starhotel.Desk, "guoxiaodi": &h.guoxiaodi.Desk,
	}[source]
}

// answering has a vendor answer the calls that hit picks, by their path and
// their query and body, with f, and counts them.
func (h *hamlet) answering(source string, hit func(path, asked string) bool, f simulate.Fault) (hits *atomic.Int64) {
	hits = new(atomic.Int64)
	h.desk(source).Fault(func(r *http.Request) *simulate.Fault {
		body, err := io.ReadAll(r.Body)
		if err != nil || !hit(r.URL.Path, r.URL.RawQuery+" "+string(body)) {
			return nil
		}
		hits.Add(1)
		return &f
	})
	return hits
}

// well ends what answering began.
func (h *hamlet) well(source string) { h.desk(source).Fault(nil) }

// mainTables are the tables of facts.
func mainTables(t *testing.T, db *sql.DB) []string {
	t.Helper()
	return lines(t, db, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'")
}

// book is what a published database holds of one source.
type book struct {
	// facts are the tables of main and the open breaks, without what names the
	// runs and the places and times of reading: what must not depend on the
	// night that read it.
	facts map[string][]string
	// whole is main to the byte, the known states of every order, and the
	// windows and totals from which the cursors follow: all that a failed night
	// must leave as it was.
	whole   map[string][]string
	rows    map[string]int // by table and order
	deleted []string       // orders
}

// readBooks reads the book of every source.
func readBooks(t *testing.T, path string) map[string]book {
	t.Helper()
	db := open(t, path)
	books := map[string]book{}
	for _, source := range sources {
		books[source] = readBook(t, db, source)
	}
	if err := db.Close(); err != nil { // the next night puts another file there
		t.Fatal(err)
	}
	return books
}

func readBook(t *testing.T, db *sql.DB, source string) book {
	t.Helper()
	b := book{facts: map[string][]string{}, whole: map[string][]string{}, rows: map[string]int{}}
	for _, table := range mainTables(t, db) {
		columns := "* EXCLUDE (run_id, landing_ref, payload_sha256)"
		if table == "orders" {
			columns += " REPLACE (deleted_at IS NOT NULL AS deleted_at)"
		}
		b.facts[table] = lines(t, db, "SELECT "+columns+" FROM main."+table+" WHERE source = ? ORDER BY ALL", source)
		b.whole[table] = lines(t, db, "SELECT * FROM main."+table+" WHERE source = ? ORDER BY ALL", source)
		for _, order := range lines(t, db, "SELECT order_id FROM main."+table+" WHERE source = ?", source) {
			b.rows[table+" of "+order]++
		}
	}
	b.facts["open breaks"] = lines(t, db, "SELECT * EXCLUDE (first_seen, last_seen) FROM recon.breaks WHERE status = 'open' AND source = ? AND rule <> 'vendor_change' ORDER BY ALL", source)
	for _, table := range []string{"order_versions", "extract_totals", "findings", "rejects"} {
		b.whole[table] = lines(t, db, "SELECT * FROM audit."+table+" WHERE source = ? ORDER BY ALL", source)
	}
	b.whole["extracts"] = lines(t, db, "SELECT * FROM audit.extracts WHERE source = ? AND state <> 'failed' ORDER BY ALL", source)
	b.deleted = lines(t, db, "SELECT order_id FROM orders WHERE source = ? AND deleted_at IS NOT NULL", source)
	return b
}
