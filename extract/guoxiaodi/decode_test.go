package guoxiaodi_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
)

func offline(t testing.TB) extract.Source {
	return extracttest.Open(t, guoxiaodi.Driver(), "account: courier\nbase_url: https://courier.example\n"+withRegister, extract.Env{Zone: made.Location()})
}

func decode(t testing.TB, stream, data string) *extracttest.Night {
	t.Helper()
	return extracttest.Decode(t, offline(t), &extract.Page{
		Stream: stream, Subject: extract.Subject{OrderID: "Y1", Number: "X1"},
		Body: []byte(`{"code":0,"msg":"操作成功","data":` + data + `,"timestamp":"2020-12-14 14:59:31","timeStampNow":1607929171334,"ok":true,"fail":false}`),
	})
}

func TestStatuses(t *testing.T) {
	for _, c := range []struct{ code, status, refund string }{
		{"WAIT_PAY", "pending", ""},
		{"WAIT_TAKE", "confirmed", ""},
		{"WAIT_PICKUP", "in_progress", ""},
		{"PICKING", "in_progress", ""},
		{"DISTRIBUTION", "in_progress", ""},
		{"RECEIVED", "completed", ""},
		{"CANCELED", "canceled", ""},
		{"REFUNDED", "refunded", "refunded"},
		{"REASSIGN", "", ""}, // an event, no state, and no finding
	} {
		night := decode(t, "status", `{"orderNo":"Y1","expressStatus":"`+c.code+`"}`)
		for _, table := range []string{"orders", "deliveries"} {
			row := night.Row(t, table, extracttest.Row{"order_id": "Y1"})
			if row["status"] != c.status || row["source_status"] != c.code || row["refund_status"] != c.refund && table == "orders" {
				t.Errorf("%s: %s %v", c.code, table, row)
			}
		}
		if len(night.Findings) != 0 {
			t.Errorf("%s: findings %v", c.code, night.Findings)
		}
	}
}

func TestDoubtfulAnswers(t *testing.T) {
	for _, c := range []struct {
		stream, data string
		rows         string // number of rows by table
		issue        string // field and raw text of the one finding or reject
	}{
		{"status", `{"orderNo":"Y1","expressStatus":"LOST"}`, "map[deliveries:1 orders:1]", "expressStatus LOST"},
		{"status", `{"orderNo":"Y1"}`, "map[deliveries:1 orders:1]", "expressStatus "},
		{"status", `{"expressStatus":"RECEIVED"}`, "map[deliveries:1 orders:1]", ""}, // of the order asked for
		{"status", `{"orderNo":"Y2","expressStatus":"RECEIVED"}`, "map[]", "orderNo Y2"},
		{"status", `{}`, "map[]", "sourceOrderNo X1"},
		{"status", `null`, "map[]", "sourceOrderNo X1"},
		{"feed", `null`, "map[]", "sourceOrderNo X1"},
		{"feed", `{"orderNo":"Y1","feed":[]}`, "map[]", ""},
		{"feed", `{"orderNo":"Y1","feed":"[]"}`, "map[]", ""},
		{"feed", `{"orderNo":"Y1","feed":{}}`, "map[]", "feed "},
		{"feed", `{"orderNo":"Y1","feed":[{"expressStatus":"PICKING","happenTime":1607929171334}]}`, "map[delivery_events:1]", ""},
		{"feed", `{"orderNo":"Y1","feed":[{"expressStatus":"PICKING","happenTime":"1607929171334"}]}`, "map[delivery_events:1]", ""},
		{"feed", `{"orderNo":"Y1","feed":[{"expressStatus":"PICKING","happenTime":1607929171}]}`, "map[delivery_events:1]", ""},
		{"feed", `{"orderNo":"Y1","feed":[{"expressStatus":"PICKING","happenTime":11234124124}]}`, "map[delivery_events:1]", "feed[0].happenTime 11234124124"},
		{"feed", `{"orderNo":"Y1","feed":[{"recordDesc":"?","happenTime":1607929171334}]}`, "map[]", "feed[0].expressStatus "},
		{"tips", `{"orderNo":"Y1","totalTipFee":"300","totalTipCount":2,"tipList":[]}`, "map[deliveries:1]", ""},
		{"tips", `{"orderNo":"Y1","totalTipFee":"3.00","tipList":[]}`, "map[deliveries:1]", "totalTipFee 3.00"},
		{"tips", `{"orderNo":"Y1","tipList":[{"tipNo":"1","tipFee":"100","createTime":131241241}]}`, "map[deliveries:1 delivery_tips:1]", "tipList[0].createTime 131241241"},
		{"tips", `{"orderNo":"Y1","tipList":[{"tipFee":"100"}]}`, "map[deliveries:1 delivery_tips:1]", "tipList[0].tipNo "},
	} {
		night := decode(t, c.stream, c.data)
		rows := map[string]int{}
		for table, r := range night.Tables {
			if len(r) > 0 {
				rows[table] = len(r)
			}
		}
		issue := ""
		for _, i := range append(night.Findings, night.Rejects...) {
			issue += i.Field + " " + i.Raw
		}
		if fmt.Sprint(rows) != c.rows || issue != c.issue {
			t.Errorf("%s %s: rows %v and issue %q, want %s and %q", c.stream, c.data, rows, issue, c.rows, c.issue)
		}
	}
}

// tip_count is there exactly when the query answered, for the tip of the
// register counts only where it did not.
func TestTipCount(t *testing.T) {
	for data, want := range map[string]string{
		`{"orderNo":"Y1","totalTipFee":"300","totalTipCount":2}`:                              "2",
		`{"orderNo":"Y1","totalTipFee":"300"}`:                                                "0",
		`{"orderNo":"Y1","totalTipFee":"300","tipList":[{"tipNo":"1"}]}`:                      "1",
		`{"orderNo":"Y1","totalTipFee":"300","totalTipCount":null,"tipList":[{"tipNo":"1"}]}`: "1",
	} {
		row := decode(t, "tips", data).Row(t, "deliveries", extracttest.Row{})
		if row["tip_count"] != want || row["tip_amount"] != "3.0000" {
			t.Errorf("%s: %v, want a count of %s", data, row, want)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	type page struct {
		File      string   `json:"file"`
		Format    string   `json:"format"`
		FirstLine int      `json:"first_line"`
		Lines     []string `json:"lines"`
	}
	register := page{File: "register/a.jsonl", Format: "jsonl", FirstLine: 1}
	for i := range 500 {
		register.Lines = append(register.Lines, string(created(fmt.Sprintf("ON%016d", i), fmt.Sprintf("XF%016d", i)).Answer(made)))
	}
	body, err := json.Marshal(register)
	if err != nil {
		b.Fatal(err)
	}
	answers := sim.New(sim.Options{Orders: []sim.Order{delivered("Y1", "X1")}})
	for _, c := range []struct {
		stream string
		body   []byte
		rows   int
	}{
		{"register", body, 500},
		{"status", ask(answers, "query-status"), 1},
		{"feed", ask(answers, "query-status-feed"), 1},
		{"tips", ask(answers, "query-tip-list"), 1},
	} {
		b.Run(c.stream, func(b *testing.B) {
			account := offline(b)
			p := &extract.Page{Stream: c.stream, Body: c.body, Subject: extract.Subject{OrderID: "Y1", Number: "X1"}}
			extracttest.BenchDecode(b, account, p, c.rows)
		})
	}
}

// ask is the simulator's answer to a query for order Y1.
func ask(v *sim.Vendor, query string) []byte {
	w := httptest.NewRecorder()
	v.ServeHTTP(w, httptest.NewRequest("POST", "/openapi/v1/order/"+query, strings.NewReader(`{"orderNo":"Y1"}`)))
	return w.Body.Bytes()
}
