package pipeline_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	akubela "github.com/nightaudit/nightaudit/extract/akubela/sim"
	courier "github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	starhotel "github.com/nightaudit/nightaudit/extract/starhotel/sim"
	tuya "github.com/nightaudit/nightaudit/extract/tuya/sim"
)

// canaries are texts that must stand nowhere but in the landing.
type canaries struct {
	mu    sync.Mutex
	texts map[string]bool
	heads map[string][]int // how long those are that begin with these bytes
}

const canaryHead = 4 // bytes; a shorter text would be found by chance

func newCanaries() *canaries {
	return &canaries{texts: map[string]bool{}, heads: map[string][]int{}}
}

func (c *canaries) add(texts ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, text := range texts {
		if len(text) >= canaryHead && !c.texts[text] {
			c.texts[text] = true
			if head := text[:canaryHead]; !slices.Contains(c.heads[head], len(text)) {
				c.heads[head] = append(c.heads[head], len(text))
			}
		}
	}
}

// in lists the canaries that stand in data.
func (c *canaries) in(data []byte) map[string]bool {
	found := map[string]bool{}
	for i := range max(len(data)-canaryHead+1, 0) {
		for _, n := range c.heads[string(data[i:i+canaryHead])] {
			if i+n <= len(data) && c.texts[string(data[i:i+n])] {
				found[string(data[i:i+n])] = true
			}
		}
	}
	return found
}

// absent fails the test if a canary stands in data.
func (c *canaries) absent(t *testing.T, where string, data []byte) {
	t.Helper()
	for text := range c.in(data) {
		t.Errorf("%s holds %q", where, text)
	}
}

// people is somebody whose names and numbers are unlike those of the demo.
var people = struct{ name, phone, email, idCard, passport, address string }{
	"欧阳·阿依古丽", "+86 138-4321-9999", "odd+tag@sub.example.co", "11010519491231002X", "E98765432", "长安街 1 号 9 单元",
}

const (
	secretKey  = "canary-encrypt-detail-key"
	innerToken = "canary-lc-user-access-token"
)

// plantPeople puts that person into an order of each vendor, with everything
// that the vendors' documents know of people, and secrets into the payloads.
func plantPeople(c *canaries, tuyaOrders *tuya.Vendor, locks *akubela.Vendor, shop *soms.Vendor, desk *starhotel.Vendor, carrier *courier.Vendor, at time.Time) {
	p := people
	c.add(p.name, p.phone, p.email, p.idCard, p.passport, p.address, secretKey, innerToken)
	tuyaOrders.Put(tuya.Order{
		OrderID: "CANARY", RoomNo: "801", OrderStatus: "finished", OrderBizType: "MATERIAL", Quantity: 1, OrderAmount: "5.00", Currency: "CNY",
		CreateOrderTime: tuya.At(at), FinishOrderTime: tuya.At(at.Add(time.Hour)),
		CustomerList: []tuya.Customer{{CustomerName: p.name, CustomerContact: p.phone}, {CustomerName: p.name, CustomerContact: p.email}},
	})
	locks.Put(akubela.Order{
		OrderID: "CANARY", OrderNumber: "1", ResidenceNo: "801", OrderState: "checked_in", StartTime: akubela.UTC(at), EndTime: akubela.UTC(at.Add(20 * time.Hour)),
		Guests: []akubela.Guest{{GuestID: "g", GuestName: p.name, Email: p.email, Phone: p.phone, IDCard: p.idCard, Passport: p.passport}},
	})
	desk.Put(starhotel.Order{
		OrderID: 77, OrderNo: "CANARY", Name: p.name, Phone: p.phone, TotalAmount: "1.00", TotalPayedAmount: "1.00", CreatorID: "1",
		OrderStatus: 110, ServiceDate: at.Unix(), CreatedAt: starhotel.ISOTime(at), UpdatedAt: starhotel.ISOTime(at),
	})
	carrier.Put(courier.Order{
		AccountNo: "1", OrderNo: "ONCANARY", SourceOrderNo: "XCANARY", ExpressStatus: "PICKING",
		Feed: []courier.Event{{
			ExpressStatus: "PICKING", HappenTime: at.UnixMilli(), ExpressWorkerName: p.name, ExpressWorkerPhone: p.phone,
			RecordDesc: p.name + " has taken it: call " + p.phone,
		}},
	})
	person := fmt.Sprintf(`{"id":"10001","name":%[1]q,"telephone":%[2]q,"mobile":%[2]q,"email":%[3]q,"address":{"street":%[4]q,"text":%[4]q}}`, p.name, p.phone, p.email, p.address)
	order := strings.Replace(soundOrder(7), `{"id":"S0007"`, `{"customer":{"contact":`+person+`},"salesman":`+person+`,"member_info":`+person+
		`,"encrypt_detail":{"secretKey":"`+secretKey+`","encrypt_name":"`+p.name+`"},"extra_info":"{\"lcUserAccessToken\": \"`+innerToken+`\"}"`+
		`,"customer_note":`+fmt.Sprintf("%q", "call "+p.name+" "+p.phone)+`,"id":"S0007"`, 1)
	order = strings.ReplaceAll(order, "2026-04-09 1", at.In(soms.Zone).Format("2006-01-02")+" 1")
	order = strings.Replace(order, `"delivery":{`, `"delivery":{"receiver":`+person+`,"deliveryman":`+person+`,"address":`+fmt.Sprintf("%q", p.address)+`,`, 1)
	// A contact where the document has an amount's place, and in that of lists.
	order = strings.Replace(order, `"promotion":{`, `"promotion":[`+person+`],"was":{`, 1)
	order = strings.Replace(order, `"settlable":true`, `"settlable":true,"discounts":`+person, 1)
	day := soms.LocalTime(at)
	shop.Put(soms.Order{ID: "S0007", Created: day, Modified: day, State: "delivered", Front: &soms.Front{Created: day}, Raw: json.RawMessage(order)})
}

// members are the names under which the vendors' answers hold people.
var members = map[string]bool{
	"guest_name": true, "customer_name": true, "customer_contact": true, "phone": true, "email": true, "id_card": true, "passport": true,
	"expressWorkerName": true, "expressWorkerPhone": true,
}

// collect adds the people of a landed answer; source tells whose it is.
func (c *canaries) collect(source, member string, v any) {
	switch v := v.(type) {
	case string:
		if members[member] || source == "starhotel" && member == "name" {
			c.add(v)
		}
	case []any:
		for _, e := range v {
			c.collect(source, member, e)
		}
	case document:
		for name, e := range v {
			c.collect(source, name, e)
		}
	}
}

// listening collects the secrets that go over the wire.
type listening struct{ c *canaries }

func (l listening) RoundTrip(r *http.Request) (*http.Response, error) {
	for _, name := range []string{"Authorization", "Access_token", "Sign"} {
		for _, value := range r.Header.Values(name) {
			l.c.add(value[strings.LastIndex(value, " ")+1:])
		}
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if strings.Contains(r.URL.Path, "token") {
		body, err := io.ReadAll(answer.Body)
		if err = errors.Join(err, answer.Body.Close()); err != nil {
			return nil, err
		}
		answer.Body = io.NopCloser(bytes.NewReader(body))
		var v any
		if json.Unmarshal(body, &v) == nil {
			l.tokens("", v)
		}
	}
	return answer, nil
}

func (l listening) tokens(name string, v any) {
	switch v := v.(type) {
	case string:
		if strings.HasSuffix(name, "_token") {
			l.c.add(v)
		}
	case document:
		for name, e := range v {
			l.tokens(name, e)
		}
	}
}
