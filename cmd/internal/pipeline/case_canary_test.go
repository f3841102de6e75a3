package pipeline_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/cases"
	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	akubela "github.com/nightaudit/nightaudit/extract/akubela/sim"
	"github.com/nightaudit/nightaudit/extract/all"
	courier "github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/extract/sealed"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	starhotel "github.com/nightaudit/nightaudit/extract/starhotel/sim"
	tuya "github.com/nightaudit/nightaudit/extract/tuya/sim"
	"github.com/nightaudit/nightaudit/load"
)

// crowd draws persons, each with a name, numbers and an address of her own.
type crowd struct {
	*rand.Rand
	c *canaries
}

// somebody is a person of the crowd. What she is called may be two characters long, and
// what is written about her repeats it.
type somebody struct{ name, phone, email, idCard, passport, address, note, token string }

func (c crowd) digits(n int) string {
	var b strings.Builder
	for range n {
		fmt.Fprintf(&b, "%d", 1+c.IntN(9))
	}
	return b.String()
}

func (c crowd) of(n int, letters string) string {
	from := []rune(letters)
	text := make([]rune, n)
	for i := range text {
		text[i] = from[c.IntN(len(from))]
	}
	return string(text)
}

func (c crowd) draw() somebody {
	const han, latin, arabic, cyrillic = "王李张刘陈杨赵黄周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈", "aeioulnrstmd", "ابتثجحخدذرزسش", "абвгдежзиклмн"
	s := somebody{phone: "1" + c.digits(10), idCard: c.digits(6) + "1990" + "0315" + c.digits(3) + "X", passport: "E" + c.digits(8)}
	switch c.IntN(5) {
	case 0:
		s.name = strings.ToUpper(c.of(1, latin)) + c.of(5, latin) + " " + strings.ToUpper(c.of(1, latin)) + c.of(7, latin)
	case 1:
		s.name = c.of(6, arabic)
	case 2:
		s.name = c.of(7, cyrillic)
	default:
		s.name = c.of(2+c.IntN(2), han)
	}
	switch c.IntN(3) {
	case 0:
		s.phone = "+86 " + s.phone[:3] + "-" + s.phone[3:7] + "-" + s.phone[7:]
	case 1:
		s.phone = "+44 20 " + c.digits(8)
	}
	s.email = c.of(6, latin) + "." + c.digits(3) + "@example.com"
	s.address = c.of(4, han) + "路" + c.digits(3) + "号" + c.of(3, han)
	s.note = "请联系" + s.name + "，电话 " + s.phone + "，" + c.of(9, han)
	s.token = c.of(24, "abcdef0123456789")
	c.c.add(s.name, s.phone, s.email, s.idCard, s.passport, s.address, s.note, s.token)
	return s
}

// A case holds no name, number, address, document, note or token of the answers, and no
// secret: not where the documents name it, not where nobody expects it, and not where it
// stands within another text. In it are whole nights of every account, and single orders.
func TestCaseHoldsNothingPersonal(t *testing.T) {
	n, singles := 10, 1
	if os.Getenv("NIGHTAUDIT_SLOW") == "1" {
		n, singles = 1000, 4
	}
	if long() {
		n, singles = 1000, 20
	}
	c := newCanaries()
	h := startHamlet(t)
	file := filepath.Join(h.dir, "nightaudit.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	loud := strings.NewReplacer("pii: {key: k}", "pii: {key: canary-pii-key}", "page_size: 2", "page_size: 100")
	if err := os.WriteFile(file, []byte(loud.Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	c.add("canary-pii-key")
	people := crowd{rand.New(rand.NewPCG(17, uint64(n))), c}
	plantCrowd(t, h, people, n)
	h.cfg, err = config.Load(file, config.Options{Drivers: all.Drivers(), Env: extract.Env{Now: h.clock, Tokens: new(extract.TokenStore), Transport: listening{c}}})
	if err != nil {
		t.Fatal(err)
	}
	result := h.run()
	wantStates(t, result, nil)

	store, err := landing.Open(filepath.Join(h.cfg.DataDir, "landing"), h.cfg.LandingKeys)
	if err != nil {
		t.Fatal(err)
	}
	there := c.in(unpacked(t, filepath.Join(h.cfg.DataDir, "landing"), func(string, document) {}))
	if len(there) < 12*n {
		t.Fatalf("of %d canaries %d stand in the landing: this test would find little", len(c.texts), len(there))
	}
	for _, a := range h.cfg.Accounts {
		asked := cases.Asked{Runs: []string{result.RunID}}
		asked.Accounts = append(asked.Accounts, a.ID())
		answers := caseIsClean(t, c, h.cfg, store, asked)
		if answers < 2 {
			t.Errorf("%s: a case of %d answers", a.ID(), answers)
		}
		for range singles {
			asked.Orders = []load.OrderKey{{AccountID: a.ID(), OrderID: crowdOrder(a.Driver.Name, people.IntN(n))}}
			if answers := caseIsClean(t, c, h.cfg, store, asked); answers == 0 {
				t.Errorf("%s: no answers of %s", a.ID(), asked.Orders[0].OrderID)
			}
		}
	}
}

// caseIsClean makes a case and looks into each of its files.
func caseIsClean(t *testing.T, c *canaries, cfg *config.Config, store *landing.Store, asked cases.Asked) int {
	t.Helper()
	dir := t.TempDir()
	made, err := cases.Make(t.Context(), cfg, store, dir, asked)
	if err != nil {
		t.Fatal(err)
	}
	for _, note := range made.Notes {
		t.Errorf("the case of %v lacks: %s", asked.Accounts, note)
	}
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.HasSuffix(path, sealed.PlainSuffix) && err == nil {
			var plain bytes.Buffer
			r, failed := sealed.Decompress(bytes.NewReader(data))
			if failed != nil {
				return failed
			}
			_, err = plain.ReadFrom(r)
			data = plain.Bytes()
		}
		c.absent(t, path, data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return made.Answers
}

func crowdOrder(source string, i int) string {
	switch source {
	case "starhotel":
		return fmt.Sprint(500_000 + i)
	case "guoxiaodi":
		return fmt.Sprintf("ON9%05d", i)
	}
	return fmt.Sprintf("C9%05d", i)
}

// plantCrowd puts n orders into each vendor, with everything that the documents know of
// people, and things that they do not know.
func plantCrowd(t *testing.T, h *hamlet, people crowd, n int) {
	t.Helper()
	var register bytes.Buffer
	for i := range n {
		p, q := people.draw(), people.draw()
		at := time.Date(2026, 4, 6+i%4, 10, i%60, 0, 0, soms.Zone)
		h.tuya.Put(tuya.Order{
			OrderID: crowdOrder("tuya", i), RoomNo: "801", OrderStatus: "finished", OrderBizType: "MATERIAL", Quantity: 1, OrderAmount: "5.00", Currency: "CNY",
			CreateOrderTime: tuya.At(at), FinishOrderTime: tuya.At(at.Add(time.Hour)),
			CommodityList: []tuya.Commodity{{ID: "1", CommodityName: "water for " + p.name, UnitPrice: "5.00", Quantity: 1, OrderAmount: "5.00", Currency: "CNY"}},
			CustomerList:  []tuya.Customer{{CustomerName: p.name, CustomerContact: p.phone}, {CustomerName: q.name, CustomerContact: q.email}},
		})
		h.akubela.Put(akubela.Order{
			OrderID: crowdOrder("akubela", i), OrderNumber: fmt.Sprint(i), ResidenceNo: "801", OrderState: "checked_in", StartTime: akubela.UTC(at), EndTime: akubela.UTC(at.Add(20 * time.Hour)),
			Guests: []akubela.Guest{{GuestID: p.token, GuestName: p.name, Email: p.email, Phone: p.phone, IDCard: p.idCard, Passport: p.passport}},
		})
		h.starhotel.Put(starhotel.Order{
			OrderID: int64(500_000 + i), OrderNo: crowdOrder("", i), Name: p.name, Phone: p.phone, TotalAmount: "1.00", TotalPayedAmount: "1.00", CreatorID: "1",
			OrderStatus: 110, ServiceDate: at.Unix(), CreatedAt: starhotel.ISOTime(at), UpdatedAt: starhotel.ISOTime(at),
		})
		shop := crowdOrder("soms", i)
		h.guoxiaodi.Put(courier.Order{
			AccountNo: "1", OrderNo: crowdOrder("guoxiaodi", i), SourceOrderNo: shop, ExpressStatus: "PICKING",
			Feed: []courier.Event{{
				ExpressStatus: "PICKING", HappenTime: at.UnixMilli(), ExpressWorkerName: p.name, ExpressWorkerPhone: p.phone,
				RecordDesc: p.name + " has taken it: call " + p.phone,
			}},
		})
		fmt.Fprintf(&register, `{"orderNo":%q,"sourceOrderNo":%q,"payFee":"765","toName":%q,"toPhone":%q,"toAddress":%q,"customerNote":%q,"unheard":{"of":[%q]}}`+"\n",
			crowdOrder("guoxiaodi", i), shop, q.name, q.phone, q.address, q.note, q.idCard)
		plantShopper(t, h, shop, at, p, q)
	}
	place := filepath.Join(h.dir, "register.jsonl")
	before, err := os.ReadFile(place)
	if err == nil || os.IsNotExist(err) {
		err = os.WriteFile(place, append(before, register.Bytes()...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// plantShopper puts an order into the shop.
func plantShopper(t *testing.T, h *hamlet, id string, at time.Time, p, q somebody) {
	t.Helper()
	person := func(p somebody) string {
		return fmt.Sprintf(`{"id":"10001","name":%[1]q,"telephone":%[2]q,"mobile":%[2]q,"email":%[3]q,"address":{"street":%[4]q,"text":%[4]q}}`, p.name, p.phone, p.email, p.address)
	}
	inner, err := json.Marshal(map[string]string{"lcUserAccessToken": p.token, "hint": q.note, "owner": q.idCard})
	if err != nil {
		t.Fatal(err)
	}
	order := strings.Replace(soundOrder(7), `{"id":"S0007"`, fmt.Sprintf(
		`{"customer":{"contact":%s},"salesman":%s,"encrypt_detail":{"secretKey":%q,"encrypt_name":%q},"extra_info":%q,"customer_note":%q,"nobody_knows":[%q,{"x":%q,"y":%s}],"id":%q`,
		person(p), person(q), p.token+"k", q.name, inner, p.note, q.passport, p.note, strings.Trim(p.phone[len(p.phone)-4:], "-")+"4711", id), 1)
	day := at.Format("2006-01-02")
	order = strings.ReplaceAll(order, "2026-04-09 1", day+" 1")
	order = strings.ReplaceAll(order, "F0007", "F"+id)
	order = strings.Replace(order, `"delivery":{`, fmt.Sprintf(`"delivery":{"receiver":%s,"deliveryman":%s,"address":%q,`, person(p), person(q), p.address), 1)
	order = strings.Replace(order, `"item_title":"tea"`, fmt.Sprintf(`"item_title":"tea","wish":%q,"label":%q`, q.note, "for "+q.name), 1)
	made := soms.LocalTime(at)
	h.soms.Put(soms.Order{ID: id, Created: made, Modified: made, State: "delivered", Front: &soms.Front{Created: made}, Raw: json.RawMessage(order)})
}
