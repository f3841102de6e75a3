package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	courier "github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	"github.com/nightaudit/nightaudit/extract/listen"
)

// pushing is a merchant whose courier pushes, and its listener.
type pushing struct {
	t      *testing.T
	file   string // the configuration
	now    time.Time
	vendor *courier.Vendor
	pusher courier.Notifier
	cfg    *config.Config
}

func (p *pushing) clock() time.Time { return p.now }

func startPushing(t *testing.T, register ...courier.Created) *pushing {
	t.Helper()
	return startPushingInto(t, "{keep: 400d}", register...)
}

// startPushingInto takes the configuration's landing section.
func startPushingInto(t *testing.T, landing string, register ...courier.Created) *pushing {
	t.Helper()
	p := &pushing{t: t, now: time.Date(2025, 6, 30, 3, 0, 0, 0, time.FixedZone("UTC+8", 8*3600))}
	p.vendor = courier.New(courier.Options{Now: p.clock})
	vendor := httptest.NewServer(p.vendor)
	t.Cleanup(vendor.Close)
	dir := t.TempDir()
	var lines []byte
	for _, c := range register {
		lines = append(append(lines, c.Bare()...), '\n')
	}
	p.file = filepath.Join(dir, "nightaudit.yaml")
	for name, text := range map[string]string{
		p.file: fmt.Sprintf(`{version: 1, landing: %s, pii: {key: k}, sources: {guoxiaodi: [
			{account: courier, base_url: %q, rate: 10000/s, register: ["*.jsonl"], notify: {secret: a-secret-of-tests}}]}}`, landing, vendor.URL),
		filepath.Join(dir, "orders.jsonl"): string(lines),
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.load()
	how, ok := p.cfg.Accounts[0].Source.(extract.Notified).Notifications()
	if !ok {
		t.Fatal("the account takes no notifications")
	}
	server, err := listen.New([]listen.Account{{Source: "guoxiaodi", Name: "courier", Notifications: how}}, p.clock, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(server)
	t.Cleanup(func() {
		listener.Close()
		server.Close()
	})
	p.pusher.URL = listener.URL + "/guoxiaodi/courier/a-secret-of-tests"
	return p
}

// load reads the configuration, as every command does.
func (p *pushing) load() {
	p.t.Helper()
	var err error
	if p.cfg, err = config.Load(p.file, config.Options{Drivers: all.Drivers(), Env: extract.Env{Now: p.clock}}); err != nil {
		p.t.Fatal(err)
	}
}

// push tells of what happened to order no an hour before the next night.
func (p *pushing) push(no, status, deduction string) {
	p.t.Helper()
	p.pushed(time.Hour, no, status, deduction)
}

// pushed tells of what happened so long ago, in a call that is repeated as if
// its answer had been lost.
func (p *pushing) pushed(ago time.Duration, no, status, deduction string) {
	p.t.Helper()
	n := courier.Notification{
		OrderNo: no, SourceOrderNo: "X" + no, ExpressStatus: status,
		HappenTime: p.now.Add(-ago).UnixMilli(), CancelDeductionsAmount: deduction,
	}
	p.now = p.now.Add(-time.Minute) // before the night's bound
	defer func() { p.now = p.now.Add(time.Minute) }()
	for range 2 {
		if _, taken, err := p.pusher.Notify(context.Background(), n); err != nil || !taken {
			p.t.Fatalf("%s of %s: taken %v, %v", status, no, taken, err)
		}
	}
}

// night runs one night, and moves to that of the next day.
func (p *pushing) night(t *testing.T, code int) string {
	t.Helper()
	result, err := pipeline.Run(t.Context(), p.cfg, pipeline.Options{Now: p.clock, Version: "test", NoReport: true})
	if err != nil {
		t.Fatal(err)
	}
	if result.ExitCode != code {
		t.Fatalf("exit code %d, want %d: %+v", result.ExitCode, code, result.Accounts)
	}
	p.now = p.now.AddDate(0, 0, 1)
	return result.Database
}

// What an order is said to be over the nights: by queries, by notifications,
// and by both.
func TestNotifiedNights(t *testing.T) {
	slowTest(t)
	made := time.Date(2025, 6, 29, 12, 0, 0, 0, time.FixedZone("UTC+8", 8*3600))
	created := func(no string) courier.Created {
		return courier.Created{
			OrderNo: no, SourceOrderNo: "X" + no, PayFee: "1000", BeforePreferentialFee: "1000", PreferentialAmount: "0",
			CarriageFee: "1000", DistanceFee: "1000", WeightFee: "0", TimeCreateOrder: fmt.Sprint(made.UnixMilli()),
		}
	}
	p := startPushing(t, created("Y1"), created("Y2"))
	order := func(no, status string, events ...string) courier.Order {
		o := courier.Order{AccountNo: "GXD", OrderNo: no, SourceOrderNo: "X" + no, ExpressStatus: status}
		for i, e := range events {
			o.Feed = append(o.Feed, courier.Event{ExpressStatus: e, HappenTime: made.Add(time.Duration(i) * time.Hour).UnixMilli()})
		}
		return o
	}
	const states = `SELECT order_id, source_status, status, payment_status, refund_status, paid_amount, deduction_amount,
		(SELECT count(*) FROM delivery_events e WHERE e.order_id = o.order_id) FROM orders o ORDER BY order_id`
	check := func(what, database string, want ...string) {
		t.Helper()
		db := open(t, database)
		equal(t, what, lines(t, db, states), want)
		equal(t, what+", deliveries", lines(t, db, `
			SELECT o.order_id FROM orders o JOIN deliveries d USING (order_id)
			WHERE o.status IS DISTINCT FROM d.status OR o.deduction_amount IS DISTINCT FROM d.deduction_amount`), nil)
		equal(t, what+", windows that do not add up", lines(t, db, "SELECT stream, message FROM audit.extracts WHERE state <> 'complete'"), nil)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}

	// Y3 is known by its notification only. The queries are younger than what
	// was pushed: PICKING of Y1 has passed.
	p.vendor.Put(order("Y1", "RECEIVED", "WAIT_TAKE", "RECEIVED"), order("Y2", "DISTRIBUTION", "WAIT_TAKE"), order("Y3", "WAIT_TAKE", "WAIT_TAKE"))
	p.push("Y1", "PICKING", "")
	p.push("Y3", "REASSIGN", "")
	check("the first night", p.night(t, 0),
		"Y1 | RECEIVED | completed | paid | – | 10.0000 | – | 3",
		"Y2 | DISTRIBUTION | in_progress | paid | – | 10.0000 | – | 1",
		"Y3 | WAIT_TAKE | confirmed | paid | – | – | – | 2")

	// Y2 is canceled: the query tells so, what it cost stands in the
	// notification alone.
	p.vendor.Put(order("Y2", "CANCELED", "WAIT_TAKE"))
	p.push("Y2", "CANCELED", "120")
	second := []string{
		"Y1 | RECEIVED | completed | paid | – | 10.0000 | – | 3",
		"Y2 | CANCELED | canceled | paid | – | 10.0000 | 1.2000 | 2",
		"Y3 | WAIT_TAKE | confirmed | paid | – | – | – | 2",
	}
	check("a cancel", p.night(t, 0), second...)

	// Later answers without an amount do not clear it, nor does a night whose
	// window no longer holds the notification.
	check("the next night", p.night(t, 0), second...)
	check("the night after", p.night(t, 0), second...)

	// Long after, the courier no longer answers for Y1, which nobody asks for
	// any more, and tells that it was refunded.
	p.now = p.now.AddDate(0, 0, 40)
	p.vendor.Delete("Y1")
	p.night(t, 0)
	calls := p.vendor.Requests()
	p.night(t, 0)
	if got := p.vendor.Requests() - calls; got != 4 { // Y3 alone is not final
		t.Errorf("%d calls, want one that tells the time and the three queries of Y3", got)
	}
	p.push("Y1", "REFUNDED", "0")
	refunded := []string{
		"Y1 | REFUNDED | refunded | paid | refunded | 10.0000 | 0.0000 | 4",
		"Y2 | CANCELED | canceled | paid | – | 10.0000 | 1.2000 | 2",
		"Y3 | WAIT_TAKE | confirmed | paid | – | – | – | 2",
	}
	database := p.night(t, 0)
	check("a refund", database, refunded...)
	db := open(t, database)
	equal(t, "findings", lines(t, db, "SELECT DISTINCT reason, raw FROM audit.findings"), []string{"the courier does not know this number | XY1"})
	equal(t, "repeated calls", lines(t, db, "SELECT sum(duplicates) FROM audit.extracts WHERE stream = 'notifications'"), []string{"0"})
	db.Close()

	// An older event that comes late is an event, but changes no state; nor
	// does the same night once more.
	p.pushed(48*time.Hour, "Y1", "DISTRIBUTION", "")
	late := []string{"Y1 | REFUNDED | refunded | paid | refunded | 10.0000 | 0.0000 | 5", refunded[1], refunded[2]}
	check("what came late", p.night(t, 0), late...)
	p.now = p.now.AddDate(0, 0, -1).Add(time.Second)
	database = p.night(t, 0)
	check("the night once more", database, late...)

	// Landed with the night that loaded them, they are there when it is repeated,
	// whatever became of the journal; that this evidence is gone is said.
	before := dump(t, database)
	if err := os.RemoveAll(filepath.Join(p.cfg.DataDir, "landing", "notifications")); err != nil {
		t.Fatal(err)
	}
	lost := (*pipeline.LossError)(nil)
	if _, err := pipeline.Replay(t.Context(), p.cfg, pipeline.Options{Now: p.clock}); !errors.As(err, &lost) || !strings.Contains(err.Error(), "the segment of the journal is gone") {
		t.Fatalf("a replay without the journal: %v", err)
	}
	if _, err := pipeline.Replay(t.Context(), p.cfg, pipeline.Options{Now: p.clock, AcceptLoss: true}); err != nil {
		t.Fatal(err)
	}
	after := dump(t, database)
	for table, rows := range before {
		equal(t, "replayed "+table, after[table], rows)
	}
}
