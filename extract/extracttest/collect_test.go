package extracttest_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/transform"
)

// toy is a source of two pages of orders and a detail by id.
type toy struct {
	config toyConfig

	pages   []string
	spoil   bool // changes a page after it was yielded
	decodes int
	moody   bool // decodes differently each time
}

type toyConfig struct {
	extract.Settings `yaml:",inline"`
	Tenant           string `yaml:"tenant"`
}

func (a *toy) driver() extract.Driver {
	return extract.Driver{
		Name: "toy", Streams: []extract.Stream{{Name: "orders"}, {Name: "detail", ByID: true}},
		Open: func(decode func(any) error, env extract.Env) (extract.Source, error) {
			if err := decode(&a.config); err != nil {
				return nil, err
			}
			return a, a.config.Complete(extract.Defaults{Rate: 10, Concurrency: 1, PageSize: 50}, env)
		},
	}
}

const toyYAML = `
account: hotel   # a comment
base_url: https://toy.example
tenant: "0017"
lookback: 45d
`

func (a *toy) Settings() *extract.Settings { return &a.config.Settings }

func (a *toy) Tenancy() extract.Tenancy {
	return extract.Tenancy{Address: extract.Address(a.config.BaseURL), Tenant: "tenant " + a.config.Tenant}
}

func (a *toy) Plan(_ context.Context, p extract.Plan) ([]extract.Window, error) {
	if p.Due == nil {
		return []extract.Window{{Stream: "orders"}}, nil
	}
	return []extract.Window{{Stream: "detail", Due: p.Due}}, nil
}

func (a *toy) Fetch(_ context.Context, w extract.Window, yield extract.Yield) error {
	for _, d := range w.Due {
		if _, err := yield(&extract.Page{Stream: w.Stream, Body: []byte(`[{"id":"` + d.OrderID + `","no":"` + d.OrderNo + `","room":"x"}]`)}); err != nil {
			return err
		}
	}
	if w.Stream != "orders" {
		return nil
	}
	for _, p := range a.pages {
		body := []byte(p)
		if _, err := yield(&extract.Page{Stream: w.Stream, Body: body}); err != nil {
			return err
		}
		if a.spoil {
			body[0] = ' '
		}
	}
	return nil
}

func (a *toy) Decode(p *extract.Page, out *transform.Batch) (extract.Facts, error) {
	a.decodes++
	facts := extract.Facts{Total: -1}
	err := transform.ReadDocument(p.Body, func(d *jx.Decoder) error {
		_, err := transform.ReadArray(d, func(d *jx.Decoder) error {
			var id, no transform.Text
			var amount transform.Decimal
			var created transform.UTCTime
			_, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
				switch key {
				case "id":
					return id.Read(d)
				case "no":
					return no.Read(d)
				case "amount":
					return amount.Read(d)
				case "created":
					return created.Read(d)
				}
				return d.Skip()
			})
			if err != nil {
				return err
			}
			r := out.Record(id.Value(nil, ""), "", facts.Rows)
			facts.Rows++
			o := transform.Order{
				OrderNo: no.Value(r, "no"), Currency: out.Origin().Currency,
				Net: amount.Money(r, "amount"), CreatedAt: created.Instant(r, "created"),
			}
			if a.moody {
				o.Status = strings.Repeat("x", a.decodes)
			}
			r.Order(&o)
			r.Item(&transform.OrderItem{LineNo: 1, Quantity: transform.Rate{Units: 1_500_000, Valid: true}, IsGift: transform.Flag{Valid: true}})
			return nil
		})
		return err
	})
	return facts, err
}

func (a *toy) Check(context.Context) (extract.CheckResult, error) { return extract.CheckResult{}, nil }

func open(t *testing.T, a *toy) extract.Source {
	t.Helper()
	return extracttest.Open(t, a.driver(), toyYAML, extract.Env{})
}

func TestCollect(t *testing.T) {
	a := &toy{pages: []string{
		"[{\"id\":\"2\",\"no\":\"B\",\"amount\":10,\r\n\"created\":\"2024-04-10 16:00:00\"}]",
		`[{"id":"1","no":"A","amount":"1,5"},{"amount":3}]`,
	}}
	n := extracttest.Collect(t, t.Context(), open(t, a), extract.Plan{Until: time.Now()})
	if a.config.Tenant != "0017" || time.Duration(a.config.Lookback) != 45*24*time.Hour {
		t.Errorf("configuration %q %s", a.config.Tenant, time.Duration(a.config.Lookback))
	}
	if got := n.Streams["orders"]["orders"]; len(got) != 2 {
		t.Fatalf("orders %v, want two: the record without an id is refused", got)
	}
	// 2024-04-10 16:00 UTC is midnight of the 11th in Shanghai.
	want := extracttest.Row{
		"order_id": "2", "order_no": "B", "currency": "CNY", "net_amount": "10.0000", "created_at": "2024-04-10T16:00:00Z",
		"booked_date": "2024-04-11", "business_date": "2024-04-11",
	}
	if got := n.Streams["orders"]["orders"][0]; !maps.Equal(got, want) {
		t.Errorf("row %v, want %v", got, want)
	}
	if got := n.Tables["order_items"][0]; !maps.Equal(got, extracttest.Row{"order_id": "2", "line_no": "1", "quantity": "1.500000", "is_gift": "false"}) {
		t.Errorf("item %v", got)
	}
	if len(n.Findings) != 1 || n.Findings[0].Field != "amount" || n.Findings[0].Raw != "1,5" || n.Findings[0].OrderID != "1" {
		t.Errorf("findings %v", n.Findings)
	}
	if len(n.Rejects) != 1 || n.Rejects[0].Field != "order_id" || n.Rejects[0].Stream != "orders" {
		t.Errorf("rejects %v", n.Rejects)
	}
	if len(n.Pages) != 4 || len(n.Facts) != 4 || len(n.Windows) != 2 {
		t.Errorf("%d pages, %d facts, %d windows", len(n.Pages), len(n.Facts), len(n.Windows))
	}
	if due := []extract.Due{{OrderID: "1", OrderNo: "A"}, {OrderID: "2", OrderNo: "B"}}; !slices.Equal(n.Windows[1].Due, due) {
		t.Errorf("due %v, want %v", n.Windows[1].Due, due)
	}
}

func TestCollectNotices(t *testing.T) {
	page := []string{`[{"id":"1"}]`}
	for text, a := range map[string]*toy{
		"was changed after it was yielded": {pages: page, spoil: true},
		"gives other rows":                 {pages: page, moody: true},
		"not the JSON it should be":        {pages: []string{`[{"id":`}},
	} {
		if _, err := extracttest.TryCollect(t.Context(), open(t, a), extract.Plan{}); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("error %v, want one that says %q", err, text)
		}
	}
}

func TestOpenIsStrict(t *testing.T) {
	_, err := extracttest.TryOpen(new(toy).driver(), toyYAML+"tenants: 1\n", extract.Env{})
	if err == nil || !strings.Contains(err.Error(), "tenants") {
		t.Errorf("error %v, want one that names the unknown key", err)
	}
	var k *extract.KeyError
	if _, err := extracttest.TryOpen(new(toy).driver(), "", extract.Env{}); !errors.As(err, &k) || k.Key != "account" {
		t.Errorf("error %v, want one of the key account", err)
	}
}
