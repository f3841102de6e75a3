package pipeline_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract/sealed"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// soundOrder is an order as the shop answers it, by its number. Its −0.00 is a
// zero like any other.
func soundOrder(n int) string {
	return fmt.Sprintf(`{"id":"S%04d","created":"2026-04-09 10:00:00","modified":"2026-04-09 11:00:00","state":"delivered","real_total":10.00,"orig_total":12.00,"sku_quantity":1,`+
		`"front":{"order_id":"F%04d","created":"2026-04-09 10:00:00","finished_time":"2026-04-09 11:00:00"},`+
		`"payment":{"state":"paid","amount":10.00,"freight":-0.00,"pay_time":"2026-04-09 10:01:00","details":[{"code":"wx","amount":10.00}]},`+
		`"items":[{"item_id":"1","item_title":"tea","quantity":1,"unit_price":12.00,"total":12.00,"discount_amount":2.00,"pay_amount":10.00,"is_gift":false}],`+
		`"promotion":{"favs":[{"id":"p","amount":2.00,"settle_details":[{"role":"shop","discount":2.00}]}]},`+
		`"delivery":{"carrier":{"state":"delivered"},"waybills":[{"waybill_id":"W","freight":5}]},"settle_info":{"settle_date":"2026-04-10","settlable":true}}`, n, n)
}

// damage is one way in which an order is not what it should be: its text old
// has become new, or with old "" the order is new as a whole. field, reason and
// raw are how it stands on a list.
type damage struct {
	old, new           string
	field, reason, raw string
	refused            bool // the order has no number by which it can be told from others
}

const (
	notDecimal   = "not a plain decimal number"
	tooLarge     = "more digits than the column holds"
	wrongType    = "a value of another type than documented"
	noInstant    = "not an instant"
	unknownState = "a status that the vendor's document does not name"
	noID         = "the record has no id"
	different    = "more than once, with different values"
	notUTF8      = "not all of it is valid UTF-8"
	id           = `"id":"S` // and four digits
)

// longText is a text that no state has.
var longText = strings.Repeat("关", 2000)

var damages = []damage{
	// Amounts. Nothing is rounded, nothing read as it may have been meant.
	{`"real_total":10.00`, `"real_total":"1,234.50"`, "real_total", notDecimal, "1,234.50", false},
	{`"real_total":10.00`, `"real_total":"1２"`, "real_total", notDecimal, "1２", false},
	{`"real_total":10.00`, `"real_total":"¥10.00"`, "real_total", notDecimal, "¥10.00", false},
	{`"real_total":10.00`, `"real_total":" 10.00"`, "real_total", notDecimal, " 10.00", false},
	{`"real_total":10.00`, `"real_total":"NaN"`, "real_total", notDecimal, "NaN", false},
	{`"real_total":10.00`, `"real_total":1e400`, "real_total", tooLarge, "1e400", false},
	{`"real_total":10.00`, `"real_total":123456789012345.5`, "real_total", tooLarge, "123456789012345.5", false},
	{`"real_total":10.00`, `"real_total":10.00001`, "real_total", "more decimals than the column holds", "10.00001", false},
	{`"real_total":10.00`, `"real_total":true`, "real_total", wrongType, "true", false},
	{`"real_total":10.00`, `"real_total":{"value":10.00}`, "real_total", wrongType, `{"value":10.00}`, false},
	{`"real_total":10.00`, `"real_total":10.00,"real_total":11.00`, "real_total", different, "10.00 / 11.00", false},
	{`"total":12.00`, `"total":"twelve"`, "items[0].total", notDecimal, "twelve", false},
	{`"quantity":1`, `"quantity":"1.5kg"`, "items[0].quantity", notDecimal, "1.5kg", false},
	{`"sku_quantity":1`, `"sku_quantity":1e12`, "sku_quantity", tooLarge, "1e12", false},
	{`[{"code":"wx","amount":10.00}]`, `[{"amount":99999999999999},{"amount":99999999999999}]`, "payment.details[1].amount", tooLarge, "", false}, // their sum
	// Times.
	{`"front":{"order_id":"F%04d","created":"2026-04-09 10:00:00"`, `"front":{"created":1775700000`, "front.created", wrongType, "1775700000", false},
	{`"front":{"order_id":"F%04d","created":"2026-04-09 10:00:00"`, `"front":{"created":"1775700000000"`, "front.created", noInstant, "1775700000000", false},
	{`"finished_time":"2026-04-09 11:00:00"`, `"finished_time":"1999-04-09 11:00:00"`, "front.finished_time", "2000", "1999-04-09 11:00:00", false},
	{`"finished_time":"2026-04-09 11:00:00"`, `"finished_time":"2101-04-09 11:00:00"`, "front.finished_time", "2100", "2101-04-09 11:00:00", false},
	{`"finished_time":"2026-04-09 11:00:00"`, `"finished_time":"2026-04-09T11:00:00Z"`, "front.finished_time", noInstant, "2026-04-09T11:00:00Z", false},
	{`"pay_time":"2026-04-09 10:01:00"`, `"pay_time":"2026-02-30 10:01:00"`, "payment.pay_time", noInstant, "2026-02-30 10:01:00", false},
	{`"settle_date":"2026-04-10"`, `"settle_date":"2026-04-31"`, "settle_info.settle_date", "not a day", "2026-04-31", false},
	// Words that the document does not know, and texts that nobody can read.
	{`"state":"delivered","real_total"`, `"state":"teleported","real_total"`, "state", unknownState, "teleported", false},
	{`"state":"delivered","real_total"`, `"state":"` + longText + `","real_total"`, "state", unknownState, longText[:999] + "…", false},
	{`"state":"paid"`, `"state":"PAID"`, "payment.state", unknownState, "PAID", false},
	{`"role":"shop"`, `"role":"bank"`, "promotion.favs[0].settle_details.role", "does not name", "bank", false},
	{`"is_gift":false`, `"is_gift":"no"`, "items[0].is_gift", wrongType, "no", false},
	{`"item_title":"tea"`, "\"item_title\":\"t\xffa\"", "items[0].title", notUTF8, "t\uFFFDa", false},
	{`"item_title":"tea"`, `"item_title":"tea\ud83d"`, "items[0].title", notUTF8, "tea\uFFFD", false},
	{`"item_title":"tea"`, `"item_title":"t\u0000ea"`, "items[0].title", "control characters", "t\x00ea", false},
	// Parts that are something else.
	{`"items":[{"item_id":"1"`, `"items":[5,{"item_id":"1"`, "items", wrongType, "5", false},
	{`"payment":{`, `"payment":[[{"amount":[1]}]],"was":{`, "payment", wrongType, "", false}, // which may name people: not quoted
	{`"waybills":[`, `"waybills":[{"waybill_id":"W"},`, "delivery.waybills[1].waybill_id", "this waybill twice", "W", false},
	// Orders that cannot be told from others.
	{id, `"id":null,"was":"S`, "order_id", noID, "", true},
	{id, `"id":{"no":1},"was":"S`, "id", wrongType, "{…}", true},
	{id, `"id":"other","id":"S`, "id", different, "other / ", true},
	{"", `[7]`, "order_id", noID, "", true},
}

// apply damages an order.
func (d damage) apply(n int) string {
	if d.old == "" {
		return d.new
	}
	old := d.old
	if strings.Contains(old, "%04d") {
		old = fmt.Sprintf(old, n)
	}
	return strings.Replace(soundOrder(n), old, d.new, 1)
}

// onePage answers every search on one page, however few rows it asks for, and
// any page behind it empty.
func onePage(vendor http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if !strings.HasSuffix(r.URL.Path, "/orders/query") {
			vendor.ServeHTTP(w, r)
			return
		}
		var filter bytes.Buffer
		if _, err := filter.ReadFrom(r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var orders [][]byte
		total, behind := 0, query.Get("page") != "0"
		for page := 0; page == 0 || page*100 < total; page++ {
			query.Set("page", strconv.Itoa(page))
			query.Set("page_size", "100") // the vendor's limit
			asked := r.Clone(r.Context())
			asked.URL.RawQuery, asked.Body = query.Encode(), readCloser{bytes.NewReader(filter.Bytes())}
			answer := httptest.NewRecorder()
			vendor.ServeHTTP(answer, asked)
			body := answer.Body.Bytes()
			var envelope struct{ Total int }
			if answer.Code != http.StatusOK || json.Unmarshal(body, &envelope) != nil {
				w.WriteHeader(answer.Code)
				_, _ = w.Write(body) // the test sees what comes of it
				return
			}
			total = envelope.Total
			list := body[bytes.Index(body, []byte(`"orders":[`))+len(`"orders":[`) : bytes.LastIndex(body, []byte(`],"page_count"`))]
			if len(list) > 0 && !behind {
				orders = append(orders, list)
			}
		}
		fmt.Fprintf(w, `{"total":%d,"page":0,"orders":[%s],"page_count":1,"page_size":%d}`, total, bytes.Join(orders, []byte(",")), max(total, 1))
	})
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

// A page of 1,000 orders of which 37 are damaged in 37 ways: what can be told
// from others is loaded, each of the 37 is on a list with its field, its
// reason, its text and its place, none of the others is, and the night is a
// night like any other but for the orders refused.
func TestDamagedOrders(t *testing.T) {
	t.Parallel()
	if len(damages) != 37 {
		t.Fatalf("%d damages", len(damages))
	}
	s := openShop(t, soms.Options{})
	server := httptest.NewServer(onePage(s.vendor))
	defer server.Close()
	s.url = server.URL
	const orders, every = 1000, 27 // every 27th is damaged, from the first
	byRaw := map[string]int{}      // the damage by the order's text
	refused := 0
	for n := range orders {
		raw, refund := soundOrder(n), ""
		if i := n / every; n%every == 0 && i < len(damages) {
			if raw = damages[i].apply(n); raw == soundOrder(n) {
				t.Fatalf("damage %d does nothing: %+v", i, damages[i])
			}
			byRaw[raw] = i
			if damages[i].refused {
				refused++
				refund = "refunded" // so that the list of refunded orders has it as well
			}
		}
		if !json.Valid([]byte(raw)) {
			t.Fatalf("the damage breaks the whole page: %s", raw)
		}
		s.vendor.Put(soms.Order{
			ID: fmt.Sprintf("S%04d", n), Created: "2026-04-09 10:00:00", Modified: "2026-04-09 11:00:00", State: "delivered", RefundState: refund,
			Front: &soms.Front{Created: "2026-04-09 10:00:00"}, Raw: json.RawMessage(raw),
		})
	}
	if refused != 4 || len(byRaw) != len(damages) {
		t.Fatalf("%d orders refused, %d texts", refused, len(byRaw))
	}

	// The sweep counts fewer orders of that day than the vendor has, reads it
	// again and meets the refused orders once more, and so does the reading of
	// refunded orders: they are the same orders.
	result := s.nightOf("page_size: 100", pipeline.Options{NoReport: true, AllowRejects: refused})
	if result.ExitCode != 0 || result.Rejected != int64(refused) {
		t.Errorf("exit code %d with %d refused: %+v", result.ExitCode, result.Rejected, result.Accounts)
	}
	db := open(t, result.Database)
	equal(t, "orders loaded", lines(t, db, "SELECT count(*), count(*) FILTER (WHERE freight_amount = 0) FROM orders"), []string{
		fmt.Sprint(orders-refused, " | ", orders-refused-1), // of one the payment is no object
	})
	// Each of the two readings of the day adds up by itself. Nothing that it
	// brought had changed in between.
	const readings = `SELECT state, api_total, fetched, distinct_rows, inserted + updated + unchanged, rejected
		FROM audit.extracts WHERE stream = 'orders' AND fetched > 0`
	reading := fmt.Sprintf("complete | %d | %d | %d | %d | %d", orders, orders, orders, orders-refused, refused)
	equal(t, "readings", lines(t, db, readings), []string{reading, reading})
	equal(t, "refunded orders", lines(t, db, "SELECT api_total, fetched, distinct_rows, rejected FROM audit.extracts WHERE stream = 'refunded' AND fetched > 0"),
		[]string{strings.Join(slices.Repeat([]string{fmt.Sprint(refused)}, 4), " | ")})
	equal(t, "windows", lines(t, db, "SELECT DISTINCT state FROM audit.extracts"), []string{"complete"})
	equal(t, "unknown states", lines(t, db, "SELECT status, left(source_status, 4), length(source_status) FROM orders WHERE status IS NULL"),
		[]string{"– | tele | 10", "– | 关关关关 | 2000"})

	var got, want []string
	for _, line := range lines(t, db, `SELECT 'finding', landing_ref, field, reason, coalesce(raw, '') FROM audit.findings WHERE stream = 'orders'
		UNION ALL SELECT 'reject', landing_ref, field, reason, coalesce(raw, '') FROM audit.rejects`) {
		part := strings.SplitN(line, " | ", 5)
		order := orderAt(t, filepath.Dir(s.file), part[1])
		i, ok := byRaw[order]
		if !ok {
			t.Errorf("a sound order is on a list: %s", line)
			continue
		}
		d := damages[i]
		if !strings.Contains(part[3], d.reason) || !strings.HasPrefix(part[4], d.raw) || (d.raw == "") != (part[4] == "") {
			t.Errorf("damage %d is listed with reason %q and text %q, want %q and %q", i, part[3], part[4], d.reason, d.raw)
		}
		got = append(got, fmt.Sprint(i, part[0], part[2]))
	}
	for i, d := range damages {
		list := "finding"
		if d.refused {
			list = "reject"
		}
		want = append(want, fmt.Sprint(i, list, d.field))
	}
	equal(t, "lists", got, want) // each damage once
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	// One refused order more than was allowed for is an exit code, not a failure.
	again := s.nightOf("page_size: 100", pipeline.Options{NoReport: true, Full: true, AllowRejects: refused - 1})
	if again.ExitCode != 3 || again.Rejected != int64(refused) {
		t.Errorf("exit code %d with %d refused: %+v", again.ExitCode, again.Rejected, again.Accounts)
	}
}

// orderAt reads the landed order to which a reference (file:line#/orders/3)
// points.
func orderAt(t *testing.T, dir, ref string) string {
	t.Helper()
	place, pointer, _ := strings.Cut(ref, "#/orders/")
	at := strings.LastIndex(place, ":")
	line, err := strconv.Atoi(place[at+1:])
	if err != nil {
		t.Fatalf("landing_ref %q: %v", ref, err)
	}
	index, err := strconv.Atoi(pointer)
	if err != nil {
		t.Fatalf("landing_ref %q: %v", ref, err)
	}
	found, err := filepath.Glob(filepath.Join(dir, "data", "landing", place[:at]))
	if err != nil || len(found) != 1 {
		t.Fatalf("landing_ref %q: %v, %v", ref, found, err)
	}
	packed, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	plain, err := sealed.Decompress(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(plain); err != nil {
		t.Fatal(err)
	}
	answers := slices.Collect(bytes.Lines(text.Bytes()))
	var page struct{ Orders []json.RawMessage }
	if err := json.Unmarshal(answers[line-1], &page); err != nil {
		t.Fatal(err)
	}
	return string(page.Orders[index])
}
