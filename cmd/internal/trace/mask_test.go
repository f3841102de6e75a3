package trace

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/personal"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
)

const samples = "../../../testdata/samples"

// personalValues are the personal values of the documented samples, written
// down by reading the vendors' documents: "Personal data" of the sources'
// pages names the fields.
var personalValues = map[string][]string{
	"tuya/get":                               {"John Doe", "+86-138****0001", "8801"},
	"tuya/page":                              {"8801"},
	"akubela/order-list":                     {"dom", "test@akubela.com", `"1234567"`, "1234567890", `"101"`, "gorx9a621c1ae77040d697bd2134700f5"},
	"akubela/order-info/1":                   {"dom", "test@akubela.com", `"1234567"`, "1234567890", `"101"`},
	"akubela/order-info/2":                   {"dom", "test@akubela.com", `"1234567"`, "1234567890", `"101"`},
	"starhotel/order-with-stay/1":            {"老大", "xie"},
	"starhotel/order-with-stay/2":            {"老大", "xie", `"101"`},
	"guoxiaodi/create-and-pay-and-queries/1": {"客户备注"},
	"guoxiaodi/create-and-pay-and-queries/3": {"张三", "1333"},
	"guoxiaodi/notification/2":               {"张三", "1888888888"},
	"soms/order-by-id":                       somsPersonal,
}

var somsPersonal = []string{
	"李飞", "189389928893", "55151@qq.com", `"123123"`, "张*红", "189****0000", // contacts
	"福建省", "厦门市", "思明区", "前埔", "363423", "45.3,", "121.2,", "脱敏地址**", // address
	"上海股份有限公司", "0023415445", "12344545111", "中国银行XXX", "福建厦门XX", "chw@qq.com", "XX公司", // invoice
	"1232000046600736XP", "1212345046600736XP", "454557884564545", "2114445",
	`"002002"`, "工行", // payment account
	"张三", "zhangsan", "13333333333", "18859658865", "18859226552", "王x", // couriers and sales people
	`"12253"`, `"22323"`, "zuhu", // member, operators
	"lcUserAccessToken", "wexinApp", // tokens
	"商品不存在", "异常原因", `"内容"`, "修改订单商品明细", // texts that people wrote
}

// No personal value of any documented sample survives.
func TestMaskSamples(t *testing.T) {
	drivers := all.Drivers()
	seen := map[string]bool{}
	err := filepath.WalkDir(samples, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.Name() != "answer.json" {
			return err
		}
		name, err := filepath.Rel(samples, filepath.Dir(file))
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		source, _, _ := strings.Cut(name, "/")
		answer, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		shown := string(maskWith(t, drivers, source, answer, personal.HeaderOf(answer)))
		if !json.Valid([]byte(shown)) {
			t.Errorf("%s: not JSON any more: %s", name, shown)
		}
		for _, value := range personalValues[name] {
			if !strings.Contains(string(answer), value) {
				t.Errorf("%s does not hold %q: is the list right?", name, value)
			}
			if strings.Contains(shown, value) {
				t.Errorf("%s: %q is still there", name, value)
			}
		}
		seen[name] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range personalValues {
		if !seen[name] {
			t.Errorf("there is no sample %s", name)
		}
	}
}

func maskWith(t *testing.T, drivers []extract.Driver, source string, part []byte, header string) []byte {
	t.Helper()
	m := &masker{public: map[string]bool{}, personal: personal.Of(drivers, source)}
	m.learn(part, header)
	shown, err := m.show(part, header)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return shown
}

// What an auditor looks for stays: figures with all their digits, states,
// times and ids, in their order.
func TestMaskKeepsFigures(t *testing.T) {
	for _, c := range []struct{ what, source, in, want string }{
		{
			"digits and order", "soms",
			`{"id":"88822222222","payment":{"amount":14.020,"pay_time":"2019-03-02 12:00:01"},"address_change_fee":0.00}`,
			`{"id":"88822222222","payment":{"amount":14.020,"pay_time":"2019-03-02 12:00:01"},"address_change_fee":0.00}`,
		},
		{
			"a phone as a number, and null, and empty", "starhotel",
			`{"phone":13800000001,"name":null,"remark":"","total_amount":"3700.00"}`,
			`{"phone":"***","name":null,"remark":"","total_amount":"3700.00"}`,
		},
		{
			"a name in another text", "starhotel",
			`{"name":"王小明","description":"王小明 booked, 13800000001, again 13800000001"}`,
			`{"name":"***","description":"*** booked, ***, again ***"}`,
		},
		{
			"a room, and the same figures in a number", "akubela",
			`{"residence_no":"8801","order_number":"20250725880145","quantity":8801}`,
			`{"residence_no":"***","order_number":"20250725880145","quantity":8801}`,
		},
		{
			"a member that no document names", "tuya",
			`{"guest_phone_no":"555-1234","contactPhone":"x","guest_count":2,"commodity_name":"tea"}`,
			`{"guest_phone_no":"***","contactPhone":"***","guest_count":2,"commodity_name":"tea"}`,
		},
		{
			"JSON in a text", "guoxiaodi",
			`"{\"data\":{\"toName\":\"李四\",\"payFee\":\"1320\"}}"`,
			`"{\"data\":{\"toName\":\"***\",\"payFee\":\"1320\"}}"`,
		},
		{"a line that is nothing we know", "guoxiaodi", `"李四 13800000001"`, `"***"`},
		{"a nested name is not its parent's", "soms", `{"carrier":{"name":"gxd"},"contact":{"name":"李飞"}}`, `{"carrier":{"name":"gxd"},"contact":{"name":"***"}}`},
		{
			"an identity card anywhere", "tuya",
			`{"cancel_reason":"id 11010519491231002X","order_id":"110105194912310021999"}`,
			`{"cancel_reason":"id ***","order_id":"110105194912310021999"}`,
		},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := string(maskWith(t, all.Drivers(), c.source, []byte(c.in), "")); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// A line of a CSV register is masked by the names in its header, whichever sign parts
// its columns.
func TestMaskCSV(t *testing.T) {
	for _, c := range []struct{ header, line, want string }{
		{"orderNo,toAddress,payFee", `"ON1,\"李四, 5\",1320"`, `"ON1,***,1320"`},
		{"orderNo;toAddress;payFee", `"ON1;李四, 5;1320"`, `"ON1;***;1320"`},
		{"orderNo;toAddress;payFee", `"ON1;李四;1320"`, `"ON1;***;1320"`},
		{`orderNo	toAddress	payFee`, `"ON1\t李四, 5\t1320"`, `"ON1\t***\t1320"`},
	} {
		if got := string(maskWith(t, all.Drivers(), "guoxiaodi", []byte(c.line), c.header)); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// Numbers that the published database shows are no secret.
func TestMaskLeavesWhatIsPublished(t *testing.T) {
	s := &Story{OrderID: "1", Order: &Row{Columns: []Column{{"room_no", json.RawMessage(`"8801"`)}, {"cancel_reason", json.RawMessage(`"dom"`)}}}}
	m := &masker{public: s.public(), personal: personal.Members{{"residence_no"}, {"guests"}}}
	got, err := m.show([]byte(`{"residence_no":"8801","guests":[{"n":"dom"}]}`), "")
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"residence_no":"8801","guests":[{"n":"***"}]}`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
