package akubela

import (
	"fmt"
	"maps"
	"net/http"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/akubela/sim"
	"github.com/nightaudit/nightaudit/extract/extracttest"
)

func decode(t *testing.T, stream, subject, result string) *extracttest.Night {
	t.Helper()
	page := &extract.Page{
		Stream: stream, Body: []byte(`{"success":true,"timestamp":1724816274618,"result":` + result + `}`),
		Subject: extract.Subject{OrderID: subject},
	}
	return extracttest.Decode(t, start(t, http.NotFoundHandler(), clientAuth, ""), page)
}

func TestStay(t *testing.T) {
	// Id prefixes vary (orx, r2a, o2a, orbr) and mean nothing.
	n := decode(t, "orders", "", `[{
		"order_id":"orbr2c4b070cc928496198944858b343f","order_number":"20250725064924573999","residence_id":"r","residence_no":"101",
		"room_type_id":"t","room_type_name":"suite","start_time":"2025-08-06 16:00:00","finish_time":"2025-08-08 04:00:00","order_state":"checked_out",
		"guests":[
			{"guest_id":"1","guest_name":"dom","email":"test@akubela.com","phone":"13800000001","id_card":"","passport":""},
			{"guest_id":"2","guest_name":"ann","email":"","phone":"","id_card":"","passport":""}]}]`)
	// 16:00 UTC is midnight in Shanghai: the stay arrives on 7 August.
	want := extracttest.Row{
		"order_id": "orbr2c4b070cc928496198944858b343f", "order_no": "20250725064924573999", "kind": "stay", "flow": "memo", "room_no": "101",
		"status": "completed", "source_status": "checked_out", "service_at": "2025-08-06T16:00:00Z",
		"service_date": "2025-08-07", "business_date": "2025-08-07",
	}
	if got := n.Row(t, "orders", extracttest.Row{}); !maps.Equal(got, want) {
		t.Errorf("order\n%v, want\n%v", got, want)
	}
	want = extracttest.Row{
		"order_id": "orbr2c4b070cc928496198944858b343f", "stay_id": "orbr2c4b070cc928496198944858b343f", "room_no": "101", "room_type": "suite",
		"guest_count": "2", "status": "completed", "source_status": "checked_out",
		"arrival_at": "2025-08-06T16:00:00Z", "arrival_date": "2025-08-07", "departure_at": "2025-08-08T04:00:00Z", "departure_date": "2025-08-08",
	}
	if got := n.Row(t, "stays", extracttest.Row{}); !maps.Equal(got, want) {
		t.Errorf("stay\n%v, want\n%v", got, want)
	}
	want = extracttest.Row{"order_id": "orbr2c4b070cc928496198944858b343f", "guest_no": "1", "name": "d*", "phone": "138****0001", "email": "t**@akubela.com"}
	if got := n.Row(t, "guests", extracttest.Row{"guest_no": "1"}); !maps.Equal(got, want) {
		t.Errorf("guest %v, want %v", got, want)
	}
	if len(n.Findings)+len(n.Rejects) != 0 {
		t.Errorf("findings %v, rejects %v, want none", n.Findings, n.Rejects)
	}
}

// The tables say finish_time, every example says end_time.
func TestDeparture(t *testing.T) {
	tests := []struct {
		name, fields string
		want         string
		findings     int
	}{
		{"end_time", `"end_time":"2025-08-06 03:30:03"`, "2025-08-06T03:30:03Z", 0},
		{"finish_time", `"finish_time":"2025-08-06 03:30:03"`, "2025-08-06T03:30:03Z", 0},
		{"both, equal", `"finish_time":"2025-08-06 03:30:03","end_time":"2025-08-06 03:30:03"`, "2025-08-06T03:30:03Z", 0},
		{"both, different", `"finish_time":"2025-08-06 03:30:03","end_time":"2025-08-06 04:30:03"`, "2025-08-06T03:30:03Z", 1},
		{"both, eight hours apart", `"finish_time":"2025-08-06 03:30:03","end_time":"2025-08-06 11:30:03"`, "2025-08-06T03:30:03Z", 1},
		{"three hours before the arrival", `"start_time":"2025-08-06 06:30:03","end_time":"2025-08-06 03:30:03"`, "2025-08-06T03:30:03Z", 0},
		{"seven hours before the arrival, the zone being eight ahead", `"start_time":"2025-08-06 10:30:03","end_time":"2025-08-06 03:30:03"`, "2025-08-06T03:30:03Z", 1},
		{"one empty", `"finish_time":"","end_time":"2025-08-06 03:30:03"`, "2025-08-06T03:30:03Z", 0},
		{"neither", `"remark":""`, "", 0},
		{"with a zone", `"end_time":"2025-08-06T03:30:03Z"`, "", 1},
		{"a day that is none", `"end_time":"2025-02-30 03:30:03"`, "", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := decode(t, "orders", "", `[{"order_id":"o","order_state":"check_in",`+test.fields+`}]`)
			if got := n.Row(t, "stays", extracttest.Row{})["departure_at"]; got != test.want {
				t.Errorf("departure %q, want %q", got, test.want)
			}
			if len(n.Findings) != test.findings {
				t.Errorf("findings %v, want %d", n.Findings, test.findings)
			}
		})
	}
}

func TestStates(t *testing.T) {
	for state, want := range map[string]string{
		"check_in": "confirmed", "checked_in": "in_progress", "checked_out": "completed", "": "", "no_show": "",
	} {
		n := decode(t, "orders", "", fmt.Sprintf(`[{"order_id":"o","order_state":%q}]`, state))
		findings := 0
		if state == "no_show" {
			findings = 1
		}
		for _, table := range []string{"orders", "stays"} {
			row := n.Row(t, table, extracttest.Row{})
			if row["status"] != want || row["source_status"] != state {
				t.Errorf("%s of %q: %v, want status %q", table, state, row, want)
			}
		}
		if len(n.Findings) != findings {
			t.Errorf("findings of %q: %v, want %d", state, n.Findings, findings)
		}
	}
}

func TestDamage(t *testing.T) {
	tests := []struct{ name, fields, field, raw, guests string }{
		{"guests that are a text", `"guests":"dom"`, "guests", "", ""},
		{"guests that are empty text", `"guests":"[]"`, "", "", ""},
		{"no guests", `"guests":[]`, "", "", "0"},
		{"null guests", `"guests":null`, "", "", ""},
		{"a guest that is none", `"guests":["dom"]`, "guests", "", "1"},
		{"a passport that is an object", `"guests":[{"passport":{"no":"E1"}}]`, "guests[0].passport", "", "1"},
		{"a phone that is a number", `"guests":[{"phone":13800000001}]`, "", "", "1"},
		{"a number with all its digits", `"order_number":20250725064924573999`, "", "", ""},
		{"a start that is a number", `"start_time":1724816274618`, "start_time", "1724816274618", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := decode(t, "orders", "", `[{"order_id":"o",`+test.fields+`}]`)
			if got := n.Row(t, "stays", extracttest.Row{"stay_id": "o"})["guest_count"]; got != test.guests {
				t.Errorf("guest_count %q, want %q", got, test.guests)
			}
			if test.field == "" && len(n.Findings) != 0 {
				t.Errorf("findings %v, want none", n.Findings)
			}
			if test.field != "" && (len(n.Findings) != 1 || n.Findings[0].Field != test.field || n.Findings[0].Raw != test.raw) {
				t.Errorf("findings %v, want one of %s with %q", n.Findings, test.field, test.raw)
			}
		})
	}
	n := decode(t, "orders", "", `[{"order_id":"o","order_number":20250725064924573999}]`)
	if got := n.Row(t, "orders", extracttest.Row{})["order_no"]; got != "20250725064924573999" {
		t.Errorf("order_no %s lost digits", got)
	}
}

func TestDetailNamesItsOrderOrNot(t *testing.T) {
	tests := []struct {
		name, result  string
		rows, rejects int
	}{
		{"as documented", `{"order_number":"1","source":"SaaS"}`, 1, 0},
		{"with the id", `{"order_id":"o","source":"SaaS"}`, 1, 0},
		{"another order", `{"order_id":"x","source":"SaaS"}`, 0, 1},
		{"an order that is not known", `{}`, 0, 0},
		{"the same, as null", `null`, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := decode(t, "detail", "o", test.result)
			if len(n.Tables["orders"]) != test.rows || len(n.Rejects) != test.rejects {
				t.Fatalf("orders %v, rejects %v, want %d and %d", n.Tables["orders"], n.Rejects, test.rows, test.rejects)
			}
			if test.rows == 1 {
				want := extracttest.Row{"order_id": "o", "channel": "SaaS"}
				if got := n.Tables["orders"][0]; !maps.Equal(got, want) {
					t.Errorf("order %v, want %v", got, want)
				}
			}
		})
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	a := start(t, http.NotFoundHandler(), clientAuth, "")
	for _, test := range []struct{ stream, body string }{
		{"orders", `{"success":true}`},
		{"orders", `{"success":true,"result":{}}`},
		{"orders", `{"success":true,"result":[{]}`},
		{"orders", `{"success":true,"result":[]} x`},
		{"detail", `{"success":true}`},
		{"detail", `{"success":true,"result":[]}`},
	} {
		if _, err := a.Decode(&extract.Page{Stream: test.stream, Body: []byte(test.body)}, extracttest.NewBatch(a, test.stream)); err == nil {
			t.Errorf("%s %q decoded, want an error", test.stream, test.body)
		}
	}
	n := decode(t, "orders", "", `[{"order_number":"1"},null,{"order_id":"o"}]`)
	if len(n.Rejects) != 2 || len(n.Tables["orders"]) != 1 || n.Facts[0].Rows != 3 {
		t.Errorf("rejects %v, orders %v, want two refused and one kept", n.Rejects, n.Tables["orders"])
	}
}

// The detail owns the channel alone.
func TestCarries(t *testing.T) {
	for _, s := range Driver().Streams {
		for _, column := range s.Carries["orders"] {
			if (column == "channel") != (s.Name == "detail") {
				t.Errorf("stream %s must not carry %s", s.Name, column)
			}
		}
	}
}

// BenchmarkDecode decodes a full page of the list.
func BenchmarkDecode(b *testing.B) {
	var all []sim.Order
	for i := range 100 {
		o := order(fmt.Sprintf("orx9a621c1ae77040d697bd213470%04d", i))
		o.Guests = append(o.Guests, o.Guests[0])
		all = append(all, o)
	}
	body, err := sim.MarshalList(all)
	if err != nil {
		b.Fatal(err)
	}
	extracttest.BenchDecode(b, start(b, http.NotFoundHandler(), clientAuth, ""), &extract.Page{Stream: streamOrders, Body: body}, 100)
}
