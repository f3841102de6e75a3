package pipeline

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/goccy/go-yaml"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// answered is one answer of a stream, as the vendor writes it.
type answered struct{ stream, subject, body string }

// answerNights loads answers of a source, night by night, into an account whose
// day begins at 06:00 in Shanghai, and gives the database.
func answerNights(t *testing.T, source, account string, nights ...[]answered) *sql.DB {
	t.Helper()
	drivers := all.Drivers()
	d := drivers[slices.IndexFunc(drivers, func(d extract.Driver) bool { return d.Name == source })]
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	opened, err := d.Open(func(into any) error {
		return yaml.UnmarshalWithOptions([]byte("business_day_start: \"06:00\"\n"+account), into, yaml.Strict())
	}, extract.Env{Now: time.Now, Zone: shanghai, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	settings := opened.Settings()
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	w, err := load.Open(t.Context(), load.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	for n, answers := range nights {
		run := ledger.Run{ID: fmt.Sprint("run", n+1), At: time.Date(2026, 1, n+1, 0, 0, 0, 0, time.UTC)}
		err := w.EnterAccounts(t.Context(), run, []load.AccountBasis{{
			AccountID: ledger.AccountID{Source: source, Account: settings.Account}, Calendar: settings.Calendar(), Currency: settings.Currency,
		}})
		if err != nil {
			t.Fatal(err)
		}
		stage, err := w.Stage(run, loadSource(&d), settings.Account, filepath.Join(t.TempDir(), "stage"))
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range answers {
			b := transform.NewBatch(transform.Origin{
				Source: source, Account: settings.Account, Stream: a.stream, Calendar: settings.Calendar(), Currency: settings.Currency, Privacy: samplePrivacy,
			})
			no := stage.Begin(ledger.Window{Stream: a.stream})
			b.Begin(transform.PageOrigin{Ref: fmt.Sprint(run.ID, "/", i), SHA256: "00", Window: no, Body: []byte(a.body)})
			page := &extract.Page{Stream: a.stream, Body: []byte(a.body), Status: 200, At: run.At, Subject: extract.Subject{OrderID: a.subject}}
			if _, err := opened.Decode(page, b); err != nil {
				t.Fatal(err)
			}
			if err := b.Take(func(table string, rec arrow.RecordBatch) error { return stage.Write(a.stream, table, rec) }); err != nil {
				t.Fatal(err)
			}
			stage.End(no, -1, 1, ledger.Complete, "", b.TakeSums())
		}
		if _, err := stage.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := stage.Discard(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", path+"?access_mode=READ_ONLY")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// datesOf are the dates of the only order, and its fields that have a finding.
const datesOf = `SELECT strftime(timezone('UTC', created_at), '%Y-%m-%dT%H:%M:%SZ') || ' ' || coalesce(booked_date::VARCHAR, '–') || ' ' || coalesce(business_date::VARCHAR, '–') || ' '
	|| coalesce((SELECT string_agg(e.stream || '.' || e.field, ' ' ORDER BY e.stream, e.field) FROM audit.exceptions e), '') FROM main.orders`

func wantDates(t *testing.T, db *sql.DB, want string) {
	t.Helper()
	var got sql.NullString
	if err := db.QueryRow(datesOf).Scan(&got); err != nil {
		t.Fatal(err)
	}
	if got.String != want {
		t.Errorf("dates %q, want %q", got.String, want)
	}
}

// An order of tuya whose time of creation cannot be read is dated by the
// earlier of its detail's times: 1712782800000 is 2024-04-10 21:00 UTC, 05:00 in
// Shanghai and so of the business day of 10 April, 1712786400000 an hour later
// and of the 11th.
func TestDatedByItsDetail(t *testing.T) {
	t.Parallel()
	const account = "account: a\nbase_url: https://x.example\nproject_id: \"1\"\nauth: {kind: tuya, client_id: c, client_secret: s}"
	list := func(created string) answered {
		return answered{"orders", "", `{"success":true,"result":{"total":1,"page_no":1,"page_size":100,"data":[{"order_id":"O","order_biz_type":"MATERIAL","order_status":"finished","order_amount":"1","create_order_time":` + created + `}]}}`}
	}
	detail := func(times string) answered {
		return answered{"detail", "O", `{"success":true,"result":{"order_id":"O","order_biz_type":"MATERIAL","order_status":"finished","order_amount":"1",` + times + `}}`}
	}
	both := detail(`"create_order_time":"soon","finish_order_time":1712786400000,"cancel_order_time":1712782800000`)
	for _, c := range []struct {
		name   string
		nights [][]answered
		want   string
	}{
		{"by the earlier of two", [][]answered{{list(`"soon"`), both}}, "2024-04-10T21:00:00Z 2024-04-10 2024-04-10 detail.create_order_time detail.created_at"},
		{"by the only one", [][]answered{{list(`null`), detail(`"finish_order_time":1712786400000`)}}, "2024-04-10T22:00:00Z 2024-04-11 2024-04-11 detail.created_at"},
		{"a list that comes later neither clears nor moves it", [][]answered{{list(`null`), both}, {list(`null`)}, {list(`null`)}}, "2024-04-10T21:00:00Z 2024-04-10 2024-04-10 orders.created_at"},
		{"until one states it", [][]answered{{list(`null`), both}, {list(`1712700000000`)}}, "2024-04-09T22:00:00Z 2024-04-10 2024-04-10 "},
		{"by none", [][]answered{{list(`"soon"`)}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantDates(t, answerNights(t, "tuya", account, c.nights...), c.want)
		})
	}
}

// A booking of starhotel whose time of creation cannot be read was booked when
// the first of its rooms was: 1741641300 is 2025-03-10 21:15 UTC, 05:15 of the
// 11th in Shanghai. What a room is for is not moved by that.
func TestDatedByItsRooms(t *testing.T) {
	t.Parallel()
	const account = "account: a\nbase_url: https://x.example\npms_id: 2\nauth: {kind: bearer, token: t}"
	of := func(stream, record string) answered {
		return answered{stream, "", `{"error_code":0,"data":{"list":[` + record + `],"total":1,"page_no":1,"page_size":15}}`}
	}
	order := func(created string) answered {
		return of("orders", `{"order_id":31,"order_no":"N","order_status":110,"created_at":`+created+`}`)
	}
	rooms := of("accoms", `{"order_id":31,"accoms":[{"accom_id":1,"created_date":1741651300},{"accom_id":2,"created_date":1741641300}]}`)
	for _, c := range []struct {
		name   string
		nights [][]answered
		want   string
	}{
		{"by its first room", [][]answered{{order(`"2025-03-11 07:05:42"`), rooms}}, "2025-03-10T21:15:00Z 2025-03-10 2025-03-10 orders.created_at orders.created_at"},
		{"neither cleared nor moved by the next list", [][]answered{{order(`null`), rooms}, {order(`null`)}}, "2025-03-10T21:15:00Z 2025-03-10 2025-03-10 orders.created_at"},
		{"by a stay", [][]answered{{order(`null`), of("accoms", `{"order_id":31,"accoms":[{"accom_id":1,"created_date":1741641300,"checkin_start_time":1742000000}]}`)}}, "2025-03-10T21:15:00Z 2025-03-10 2025-03-15 orders.created_at"},
		{"until it is stated", [][]answered{{order(`null`), rooms}, {order(`"2025-03-11T07:05:42.000000Z"`)}}, "2025-03-11T07:05:42Z 2025-03-11 2025-03-11 "},
		{"by none", [][]answered{{order(`null`)}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantDates(t, answerNights(t, "starhotel", account, c.nights...), c.want)
		})
	}
}

// The total of the tips that was answered and cannot be read is not the tip
// that the register knows, in this night and in the next, which asks no more.
func TestUnreadableTotalOfTips(t *testing.T) {
	t.Parallel()
	register := answered{"register", "", `{"file":"a.jsonl","format":"jsonl","first_line":1,"lines":["{\"orderNo\":\"Y1\",\"payFee\":\"1000\",\"tipFee\":\"300\"}"]}`}
	data := func(stream, data string) answered {
		return answered{stream, "Y1", `{"code":0,"ok":true,"data":` + data + `}`}
	}
	status := data("status", `{"orderNo":"Y1","expressStatus":"RECEIVED"}`)
	for _, c := range []struct {
		name   string
		nights [][]answered
		want   string
	}{
		{"never answered", [][]answered{{register, status}}, "3.0000 3.0000"},
		{"answered", [][]answered{{register, status, data("tips", `{"orderNo":"Y1","totalTipFee":"500","totalTipCount":1}`)}}, "5.0000 5.0000"},
		{"no amount", [][]answered{{register, status, data("tips", `{"orderNo":"Y1","totalTipFee":"5.00","totalTipCount":1}`)}}, "– –"},
		{"and the register again", [][]answered{{register, status, data("tips", `{"orderNo":"Y1","totalTipFee":"5.00","totalTipCount":1}`)}, {register}}, "– –"},
		{"and well at last", [][]answered{{register, status, data("tips", `{"orderNo":"Y1","totalTipFee":"5.00"}`)}, {data("tips", `{"orderNo":"Y1","totalTipFee":"500"}`)}}, "5.0000 5.0000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := answerNights(t, "guoxiaodi", "account: a\nbase_url: https://x.example\nauth: {kind: none}\nregister: [\"*.jsonl\"]", c.nights...)
			var got string
			if err := db.QueryRow(`SELECT coalesce(o.tip_amount::VARCHAR, '–') || ' ' || coalesce(d.tip_amount::VARCHAR, '–') FROM main.orders o JOIN main.deliveries d USING (order_id)`).Scan(&got); err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("tips %s, want %s", got, c.want)
			}
		})
	}
}
