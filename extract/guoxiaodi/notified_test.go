package guoxiaodi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	"github.com/nightaudit/nightaudit/extract/listen"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/extract/wal"
)

const withNotify = "notify: {secret: a-secret-of-tests}\n"

// push keeps bodies as the listener does, received at the given time.
func (c *courier) push(t testing.TB, at time.Time, bodies ...string) {
	t.Helper()
	w, err := wal.Open(filepath.Join(c.dir, "pushed", "courier"), wal.Options{Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range bodies {
		if _, err := w.Append(context.Background(), []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// note is a notification of order no, which happened so many minutes after
// its making. deduction is in fen.
func note(no, source, status string, minutes int, deduction string) sim.Notification {
	return sim.Notification{
		OrderNo: no, SourceOrderNo: source, ExpressStatus: status,
		HappenTime:        made.Add(time.Duration(minutes) * time.Minute).UnixMilli(),
		ExpressWorkerName: "张三", ExpressWorkerPhone: "13300000001", CancelDeductionsAmount: deduction,
	}
}

func text(notes ...sim.Notification) []string {
	var bodies []string
	for _, n := range notes {
		bodies = append(bodies, string(n.JSON()))
	}
	return bodies
}

// What the vendor posts to the listener is in the next night: as the event
// that the feed tells of too, and as what the cancel cost.
func TestNotified(t *testing.T) {
	order := delivered("Y1", "X1")
	order.ExpressStatus = "CANCELED"
	order.Feed = append(order.Feed[:2], sim.Event{ExpressStatus: "CANCELED", HappenTime: made.Add(20 * time.Minute).UnixMilli(), RecordDesc: "已取消"})
	c := open(t, sim.Options{Orders: []sim.Order{order}}, withRegister+withNotify, map[string]string{"a.jsonl": jsonl(created("Y1", "X1"))})

	how, ok := c.account.(extract.Notified).Notifications()
	if !ok || how.Secret != "a-secret-of-tests" {
		t.Fatalf("takes notifications: %v, with secret %q", ok, how.Secret)
	}
	at := made.Add(20 * time.Minute)
	server, err := listen.New([]listen.Account{{Source: "guoxiaodi", Name: "courier", Notifications: how}}, func() time.Time { return at }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	defer web.Close()
	vendor := sim.Notifier{URL: web.URL + "/guoxiaodi/courier/a-secret-of-tests"}
	for range 2 { // the second time as if the answer had been lost
		if attempts, taken, err := vendor.Notify(context.Background(), note("Y1", "X1", "CANCELED", 20, "120")); err != nil || !taken || attempts != 1 {
			t.Fatalf("taken %v after %d attempts, %v", taken, attempts, err)
		}
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}

	night := c.night(t, extract.Plan{Until: made.Add(time.Hour)})
	if got := night.Streams["notifications"]["orders"]; len(got) != 1 || got[0]["order_id"] != "Y1" || got[0]["deduction_amount"] != "1.2000" || got[0]["currency"] != "CNY" {
		t.Errorf("orders %v, want a deduction of 1.2000", got)
	}
	events := map[string]int{}
	for _, e := range night.Tables["delivery_events"] {
		events[e["source_status"]+" "+e["happened_at"]+" "+e["event_id"]]++
	}
	if len(events) != 3 { // WAIT_TAKE, WAIT_PICKUP, and CANCELED of feed and notification
		t.Errorf("events %v, want the notified one to be the feed's", events)
	}
	if len(night.Findings)+len(night.Rejects) != 0 {
		t.Errorf("findings %v, rejects %v", night.Findings, night.Rejects)
	}
}

// notified lists the notifications of a night by orderNo and status.
func notified(night *extracttest.Night) []string {
	var got []string
	for _, row := range night.Streams["notifications"]["delivery_events"] {
		got = append(got, row["order_id"]+" "+row["source_status"])
	}
	return got
}

// A night reads what was received up to its frozen bound, from a day before
// the end of the last one.
func TestNotifiedWindow(t *testing.T) {
	c := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1")}}, withNotify, nil)
	day := func(n int) time.Time { return made.AddDate(0, 0, n) }
	for i, status := range []string{"WAIT_PAY", "WAIT_TAKE", "WAIT_PICKUP", "PICKING", "RECEIVED"} {
		c.push(t, day(i), text(note("Y1", "X1", status, i, ""))...)
	}
	cursor := func(n int) map[string]time.Time { return map[string]time.Time{"notifications": day(n)} }
	for _, p := range []struct {
		name string
		plan extract.Plan
		want []string
	}{
		{"the first night", extract.Plan{Until: day(3)}, []string{"Y1 WAIT_PAY", "Y1 WAIT_TAKE", "Y1 WAIT_PICKUP"}},
		{"the next", extract.Plan{Until: day(4), Cursor: cursor(3)}, []string{"Y1 WAIT_PICKUP", "Y1 PICKING"}},
		{"a later one", extract.Plan{Until: day(9), Cursor: cursor(8)}, nil},
		{"in full", extract.Plan{Until: day(9), Cursor: cursor(8), Full: true}, []string{"Y1 WAIT_PAY", "Y1 WAIT_TAKE", "Y1 WAIT_PICKUP", "Y1 PICKING", "Y1 RECEIVED"}},
		{"a night before", extract.Plan{Until: day(2), Cursor: cursor(4)}, nil},
	} {
		if got := notified(c.night(t, p.plan)); !slices.Equal(got, p.want) {
			t.Errorf("%s reads %q, want %q", p.name, got, p.want)
		}
	}
}

// What the listener took by a clock that was ten years ahead is read by the next
// night and not in ten years.
func TestNotifiedInTheFuture(t *testing.T) {
	c := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1")}}, withNotify, nil)
	c.push(t, made, text(note("Y1", "X1", "WAIT_TAKE", 0, ""))...)
	c.push(t, time.Now().AddDate(10, 0, 0), text(note("Y1", "X1", "PICKING", 1, ""))...)
	c.push(t, made.AddDate(0, 0, 1), text(note("Y1", "X1", "RECEIVED", 2, ""))...)
	plan := extract.Plan{Until: made.AddDate(0, 0, 2), Cursor: map[string]time.Time{"notifications": made.AddDate(0, 0, 2)}}
	if got, want := notified(c.night(t, plan)), []string{"Y1 RECEIVED", "Y1 PICKING"}; !slices.Equal(got, want) {
		t.Errorf("%q are read, want %q", got, want)
	}
}

// Pages hold 500 lines of one segment that follow each other, and each names
// them.
func TestNotifiedPages(t *testing.T) {
	c := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1")}}, withNotify, nil)
	var notes []sim.Notification
	for i := range 1203 {
		notes = append(notes, note("Y1", "X1", "PICKING", i, ""))
	}
	c.push(t, made, text(notes[:1200]...)...)
	c.push(t, made.Add(time.Minute), text(notes[1200:]...)...)
	night := c.night(t, extract.Plan{Until: made.Add(time.Hour)})
	var got []string
	for i, p := range night.Pages {
		if p.Stream == "notifications" {
			got = append(got, fmt.Sprint(p.Request.Path, " ", p.Request.Params, ": ", night.Facts[i].Rows))
		}
	}
	if want := []string{
		"courier/2025-06-29-000001.jsonl lines from 1: 500", "courier/2025-06-29-000001.jsonl lines from 501: 500",
		"courier/2025-06-29-000001.jsonl lines from 1001: 200", "courier/2025-06-29-000002.jsonl lines from 1: 3",
	}; !slices.Equal(got, want) {
		t.Errorf("pages %q, want %q", got, want)
	}
	if len(notified(night)) != 1203 {
		t.Errorf("%d events, want 1203", len(notified(night)))
	}
}

// A damaged line is told and not loaded; one without its end was never
// acknowledged, and is nothing.
func TestDamagedNotifications(t *testing.T) {
	c := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1"), delivered("Y2", "X2")}}, withNotify, nil)
	c.push(t, made, text(note("Y1", "X1", "PICKING", 1, ""), note("Y1", "X1", "RECEIVED", 2, ""), note("Y2", "X2", "PICKING", 3, ""))...)
	path := filepath.Join(c.dir, "pushed", "courier", "2025-06-29-000001.jsonl")
	packed, err := os.Open(path + sealed.PlainSuffix) // for its writer has ended
	if err != nil {
		t.Fatal(err)
	}
	plain, err := sealed.Decompress(packed)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(plain)
	if err := errors.Join(err, plain.Close(), packed.Close(), os.Remove(packed.Name())); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	lines[1] = strings.Replace(lines[1], "RECEIVED", "REFUNDED", 1)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "")+lines[0][:len(lines[0])-1]), 0o600); err != nil {
		t.Fatal(err)
	}
	night := c.night(t, extract.Plan{Until: made.Add(time.Hour)})
	if got := notified(night); !slices.Equal(got, []string{"Y1 PICKING", "Y2 PICKING"}) {
		t.Errorf("loaded %q", got)
	}
	if len(night.Findings) != 1 || night.Findings[0].Field != "line" || !strings.HasPrefix(night.Findings[0].Reason, "courier/2025-06-29-000001.jsonl:2: ") || night.Findings[0].Raw != "" {
		t.Errorf("findings %+v, want one of line 2", night.Findings)
	}
}

// A notified order is asked for like any other, and again when something
// happened to it after it was settled. What we made it by goes before what
// the notification calls it.
func TestNotifiedNumbers(t *testing.T) {
	settled := map[string]bool{"Y1": true, "X1": true}
	cursor := map[string]time.Time{"notifications": made.AddDate(0, 0, 40)}
	for _, n := range []struct {
		name     string
		config   string
		register []sim.Created
		known    []string
		notes    []sim.Notification
		plan     extract.Plan
		asked    []string // in this order
	}{
		{"by a notification alone", "", nil, nil, []sim.Notification{note("Y1", "X1", "PICKING", 1, "")}, extract.Plan{}, []string{"Y1 X1"}},
		{
			"an order of the shop gets its number", withSOMS, nil,
			[]string{"X1", "X2"},
			[]sim.Notification{note("Y1", "X1", "PICKING", 1, "")},
			extract.Plan{},
			[]string{"Y1 X1", " X2"},
		},
		{
			"a delivery ordered anew", withSOMS, nil,
			[]string{"X1"},
			[]sim.Notification{note("Y1", "X1", "CANCELED", 1, ""), note("Y2", "X1", "PICKING", 2, "")},
			extract.Plan{},
			[]string{"Y1 X1", "Y2 X1"},
		},
		{
			"under another number than ours, which is asked for last", withSOMS, nil,
			[]string{"X1"},
			[]sim.Notification{note("Y1", "Z9", "PICKING", 1, "")},
			extract.Plan{},
			[]string{"Y1 Z9", " X1"},
		},
		{"registered without it", withRegister, []sim.Created{created("Y1", "")}, nil, []sim.Notification{note("Y1", "X1", "PICKING", 1, "")}, extract.Plan{}, []string{"Y1 "}},
		{"settled", "", nil, nil, []sim.Notification{note("Y1", "X1", "RECEIVED", 1, "")}, extract.Plan{State: extract.State{Settled: settled}, Cursor: cursor}, nil},
		{"settled, and told of anew", "", nil, nil, []sim.Notification{note("Y1", "X1", "RECEIVED", 1, "")}, extract.Plan{State: extract.State{Settled: settled}}, []string{"Y1 X1"}},
		{"without an orderNo", "", nil, nil, []sim.Notification{note("", "X1", "PICKING", 1, "")}, extract.Plan{}, []string{" X1"}},
	} {
		t.Run(n.name, func(t *testing.T) {
			c := open(t, sim.Options{}, n.config+withNotify, map[string]string{"a.jsonl": jsonl(n.register...)})
			c.push(t, made, text(n.notes...)...)
			n.plan.Until, n.plan.Known = made.AddDate(0, 0, 50), known(n.known...)
			windows, err := c.account.Plan(context.Background(), n.plan)
			if err != nil {
				t.Fatal(err)
			}
			var asked []string
			for _, w := range windows {
				if w.Stream == "status" {
					for _, d := range w.Due {
						asked = append(asked, d.OrderID+" "+d.OrderNo)
					}
				}
			}
			if !slices.Equal(asked, n.asked) {
				t.Errorf("asks for %q, want %q", asked, n.asked)
			}
		})
	}
}

// Of an order that nobody knows there is a finding and nothing else.
func TestNotifiedStranger(t *testing.T) {
	c := open(t, sim.Options{}, withNotify, nil)
	c.push(t, made, text(note("Y9", "X9", "CANCELED", 1, "120"))...)
	night := c.night(t, extract.Plan{Until: made.Add(time.Hour)})
	if len(night.Findings) != 1 || night.Findings[0].OrderID != "Y9" || night.Findings[0].Raw != "X9" || night.Findings[0].Reason != "the courier does not know this number" {
		t.Errorf("findings %+v", night.Findings)
	}
	if len(night.Streams["status"]["orders"]) != 0 {
		t.Errorf("an order was made of it: %v", night.Streams["status"])
	}
}

func TestDecodeNotification(t *testing.T) {
	for _, c := range []struct {
		body   string
		event  string // source status, status and moment
		amount string
		issue  string
	}{
		{string(note("Y1", "X1", "RECEIVED", 0, "").JSON()), "RECEIVED completed 2025-06-29T04:00:00Z", "", ""},
		{string(note("Y1", "X1", "CANCELED", 0, "120").JSON()), "CANCELED canceled 2025-06-29T04:00:00Z", "1.2000", ""},
		{string(note("Y1", "X1", "CANCELED", 0, "0").JSON()), "CANCELED canceled 2025-06-29T04:00:00Z", "0.0000", ""}, // paid, and nothing kept back
		{`{"orderNo":"Y1","expressStatus":"REFUNDED","happenTime":1751169600000,"cancelDeductionsAmount":null}`, "REFUNDED refunded 2025-06-29T04:00:00Z", "", ""},
		{`{"orderNo":"Y1","expressStatus":"REASSIGN","happenTime":"1751169600"}`, "REASSIGN  2025-06-29T04:00:00Z", "", ""}, // an event, no state
		{`{"orderNo":"Y1","expressStatus":"CANCELED","happenTime":1751169600000,"cancelDeductionsAmount":"1.20"}`, "CANCELED canceled 2025-06-29T04:00:00Z", "", "cancelDeductionsAmount 1.20"},
		{`{"orderNo":"Y1","expressStatus":"LOST","happenTime":1751169600000}`, "LOST  2025-06-29T04:00:00Z", "", "expressStatus LOST"},
		{`{"orderNo":"Y1","expressStatus":"PICKING","happenTime":131241241}`, "PICKING in_progress ", "", "happenTime 131241241"},
		{`{"orderNo":"Y1","happenTime":1751169600000,"cancelDeductionsAmount":"5"}`, "", "0.0500", "expressStatus "},
		{`{"sourceOrderNo":"X1","expressStatus":"PICKING","happenTime":1751169600000}`, "", "", "orderNo X1"},
	} {
		co := open(t, sim.Options{}, withNotify, nil)
		co.push(t, made, c.body)
		night, err := extracttest.TryFetch(context.Background(), co.account, extract.Plan{Until: made.Add(time.Hour), State: extract.State{Settled: map[string]bool{}}})
		if err != nil {
			t.Fatal(err)
		}
		event, amount, issue := "", "", ""
		for _, e := range night.Streams["notifications"]["delivery_events"] {
			event += e["source_status"] + " " + e["status"] + " " + e["happened_at"]
			if e["description"] != "" || e["order_id"] != "Y1" {
				t.Errorf("%s: event %v", c.body, e)
			}
		}
		for _, o := range night.Streams["notifications"]["orders"] {
			amount += o["deduction_amount"]
		}
		for _, i := range append(night.Findings, night.Rejects...) {
			if i.Stream == "notifications" {
				issue += i.Field + " " + i.Raw
			}
		}
		if event != c.event || amount != c.amount || issue != c.issue {
			t.Errorf("%s: event %q, deduction %q, issue %q; want %q, %q, %q", c.body, event, amount, issue, c.event, c.amount, c.issue)
		}
	}
}

// The listener refuses what cannot be a notification; doubtful ones are kept,
// for the vendor would never send them again.
func TestWhatIsTaken(t *testing.T) {
	c := open(t, sim.Options{}, withNotify, nil)
	how, _ := c.account.(extract.Notified).Notifications()
	for body, taken := range map[string]bool{
		string(note("Y1", "X1", "RECEIVED", 0, "").JSON()): true,
		`{"orderNo":12}`: true,
		" {\"sourceOrderNo\":\"X1\",\n\"happenTime\":\"soon\"} ": true,
		``:                           false,
		`null`:                       false,
		`"OK"`:                       false,
		`[{"orderNo":"Y1"}]`:         false,
		`{}`:                         false,
		`{"orderNo":""}`:             false,
		`{"orderNo":{"no":"Y1"}}`:    false,
		`{"orderNo":"Y1"`:            false,
		`{"orderNo":"Y1"} {}`:        false,
		"{\"orderNo\":\"Y1\xff\"}":   false,
		`orderNo=Y1&expressStatus=X`: false,
	} {
		err := how.Check([]byte(body))
		if (err == nil) != taken {
			t.Errorf("%q: %v, want it taken: %v", body, err, taken)
		}
		if err != nil && strings.Contains(err.Error(), "Y1") {
			t.Errorf("%q: the error quotes it: %v", body, err)
		}
	}
	c = open(t, sim.Options{}, withRegister, nil)
	if _, ok := c.account.(extract.Notified).Notifications(); ok {
		t.Error("an account without notify takes notifications")
	}
}

// After a crash a night goes on from landed pages: what the status queries
// said is told by them.
func TestRemembersStatus(t *testing.T) {
	c := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1")}}, withSOMS, nil)
	windows, err := c.account.Plan(context.Background(), extract.Plan{State: extract.State{Known: known("X1", "X9")}})
	if err != nil {
		t.Fatal(err)
	}
	for number, body := range map[string]string{"X1": `{"code":0,"data":{"orderNo":"Y1","expressStatus":"RECEIVED"}}`, "X9": `{"code":404,"data":null}`} {
		page := &extract.Page{Stream: "status", Subject: extract.Subject{Number: number}, Body: json.RawMessage(body)}
		if err := c.account.(extract.Remembers).Remember(page); err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range windows {
		if w.Stream != "status" {
			err := c.account.Fetch(context.Background(), w, func(*extract.Page) (extract.Facts, error) { return extract.Facts{}, nil })
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := c.calls(); !slices.Equal(got, []string{"query-status-feed Y1 X1", "query-tip-list Y1 X1"}) {
		t.Errorf("asked %q", got)
	}
}

// Nobody else would notice a courier that no longer reaches the listener.
func TestCheckTellsOfNotifications(t *testing.T) {
	ctx := context.Background()
	dir, now := t.TempDir(), made.Add(48*time.Hour)
	c := &courier{Vendor: sim.New(sim.Options{}), dir: dir}
	server := httptest.NewServer(c)
	defer server.Close()
	account := extracttest.Open(t, guoxiaodi.Driver(), "account: courier\nbase_url: "+server.URL+"\n"+withSOMS+withNotify+"unknown_codes: [5]\n",
		extract.Env{Dir: dir, Pushed: filepath.Join(dir, "pushed"), Zone: made.Location(), Now: func() time.Time { return now }})
	notes := func() []string {
		t.Helper()
		r, err := account.Check(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return r.Notes
	}
	silent := []string{"no notification came in the last 24 hours"}
	if got := notes(); !slices.Equal(got, silent) {
		t.Errorf("an empty journal: %q", got)
	}
	c.push(t, now.Add(-25*time.Hour), text(note("Y1", "X1", "PICKING", 10, ""))...)
	if got := notes(); !slices.Equal(got, silent) {
		t.Errorf("one of 25 hours ago: %q", got)
	}
	c.push(t, now.Add(-time.Hour), text(note("Y1", "X1", "DISTRIBUTION", 15, ""), note("Y1", "X1", "RECEIVED", 20, ""))...)
	want := "2 notifications in the last 24 hours, the latest 2025-07-01 11:00:00 +08:00"
	if got := notes(); !slices.Equal(got, []string{want}) {
		t.Errorf("two within the hour: %q, want %q", got, want)
	}
	w, err := wal.Open(filepath.Join(dir, "pushed", "courier", extract.RefusedDir), wal.Options{Now: func() time.Time { return now.Add(-time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Append(ctx, []byte(`{"status":400}`))
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	if got := notes(); len(got) != 2 || got[0] != "1 call of the courier was refused in the last 24 hours; see landing/notifications/courier/refused in data_dir" {
		t.Errorf("one refused: %q", got)
	}
}
