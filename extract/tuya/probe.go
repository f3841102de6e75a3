package tuya

import (
	"context"
	_ "embed"
	"strconv"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/probe"
)

//go:embed questions.yaml
var questions []byte

// Questions are what the document leaves open.
func (a *account) Questions() []byte { return questions }

// Probe asks them by reads of the list, and of one order's detail. It takes 35 calls
// at most of all vendors that are simulated, the log-in included.
func (a *account) Probe(ctx context.Context, s *probe.Session) error {
	p := &prober{Session: s, account: a, end: a.now().UnixMilli()}
	for _, step := range []func(context.Context) error{p.form, p.pages, p.types, p.bounds, p.detail} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// prober is the probe of one account.
type prober struct {
	*probe.Session
	*account       // with the parameters where the vendor reads them
	end      int64 // of the range asked for, in milliseconds
	biz      string
	first    int  // the vendor's number of the first page
	known    bool // whether that is known
	deaf     bool // orders come, and nothing shows that what is asked for is read
	whole    *probe.Reading
	orders   []probe.Record // of biz
}

func (p *prober) list(ctx context.Context, biz string, begin, end int64, no, size int) (*probe.Reading, error) {
	return p.Read(ctx, func(ctx context.Context) (*extract.Page, error) {
		page, _, err := p.readBetween(ctx, biz, begin, end, no, size)
		return page, err
	})
}

// behindAll is the number of a page of one order that no hotel's list has.
const behindAll = 100_000_000

// form finds out where parameters are read, by pages of one order.
func (p *prober) form(ctx context.Context) error {
	given := *p.account
	use := func(form string) {
		own := given
		own.ParamsIn = form
		p.account = &own
	}
	type asked struct {
		biz   string
		first int
	}
	by := map[string]asked{}
	other := map[string]string{"body": "query", "query": "body"}[given.ParamsIn]
	form, err := p.Form(ctx, probe.Form{Question: "params_in", Taken: given.ParamsIn, Other: other, Pages: true, Ask: func(ctx context.Context, form string, of probe.Range) (*probe.Reading, error) {
		use(form)
		switch of {
		case probe.Nothing:
			return p.list(ctx, by[form].biz, firstMillis, firstMillis+1, by[form].first, 1)
		case probe.Behind:
			return p.list(ctx, by[form].biz, firstMillis, p.end, behindAll, 1)
		}
		var came *probe.Reading
		for _, biz := range []string{bizMaterial, bizService} {
			r, number, err := probe.Either(p.PageNumber(1), func(number int) (*probe.Reading, error) {
				return p.list(ctx, biz, firstMillis, p.end, number, 1)
			})
			if err != nil {
				return nil, err
			}
			if came == nil || came.Refused != nil || r.Facts.Rows > 0 {
				came, by[form] = r, asked{biz, number}
			}
			if r.Facts.Rows > 0 {
				break
			}
		}
		return came, nil
	}})
	use(form)
	p.biz = by[form].biz
	return err
}

// pages asks about the pages of the type of which there are orders, and what their
// records show.
func (p *prober) pages(ctx context.Context) error {
	list, err := p.Pages(ctx, probe.List{First: p.PageNumber(1), Size: p.PageSize, Read: func(ctx context.Context, number, size int) (*extract.Page, error) {
		page, _, err := p.readBetween(ctx, p.biz, firstMillis, p.end, number, size)
		return page, err
	}})
	if err != nil {
		return err
	}
	p.whole, p.first, p.known = list.Whole, list.First, list.Known
	p.orders = p.whole.Records("result", "data")
	form := p.Outcome("params_in")
	p.deaf = form != "as_taken" && form != "other" && !p.known && len(p.orders) > 0
	if err := p.clockAndToken(); err != nil || p.deaf {
		return err
	}
	return p.Sorted(p.whole, p.orders, "create_order_time", "order_id")
}

// clockAndToken tells what the answers have said besides.
func (p *prober) clockAndToken() error {
	outcome, values := "unstated", map[string]any{}
	if life := p.client.TokenLife(); life > 0 {
		outcome, values["seconds"] = "stated", int(life/time.Second)
	}
	if err := p.Tell("token_life", outcome, values); err != nil || p.whole.Page == nil {
		return err
	}
	_, at, err := readTotal(p.whole.Page.Body)
	if err != nil {
		return err
	}
	skew := at.Sub(p.whole.Page.At).Round(time.Second)
	values["skew"] = skew.Abs()
	switch {
	case at.IsZero():
		outcome = "unstated"
	case skew.Abs() <= 30*time.Second:
		outcome = "close"
	case skew > 0:
		outcome = "ahead"
	default:
		outcome = "behind"
	}
	return p.Tell("clock", outcome, values, p.whole)
}

// types looks at the list of the other type, and at the currencies of both.
func (p *prober) types(ctx context.Context) error {
	lists := map[string][]probe.Record{p.biz: p.orders}
	other := map[string]string{bizMaterial: bizService, bizService: bizMaterial}[p.biz]
	r, err := p.list(ctx, other, firstMillis, p.end, p.first, p.PageSize)
	if err != nil {
		return err
	}
	lists[other] = r.Records("result", "data")
	if err := p.currencies(append(lists[other], p.orders...), r); err != nil || p.deaf {
		return err
	}
	values := map[string]any{"has": p.biz, "lacks": other}
	for _, biz := range []string{p.biz, other} {
		if reading := map[string]*probe.Reading{p.biz: p.whole, other: r}[biz]; reading.Refused != nil {
			return p.Tell("types", "refused", map[string]any{"list": biz}, p.whole, r)
		}
		for _, o := range lists[biz] {
			if o.Text("order_biz_type") != biz {
				return p.Tell("types", "mixed", map[string]any{"list": biz}, p.whole, r)
			}
		}
	}
	switch {
	case len(lists[p.biz]) > 0 && len(lists[other]) > 0:
		return p.Tell("types", "both", nil, p.whole, r)
	case len(lists[p.biz])+len(lists[other]) == 0:
		return p.Tell("types", "few", nil, p.whole, r)
	case !p.known:
		return p.Tell("types", "unclear", nil, p.whole, r)
	case len(lists[p.biz]) == 0:
		values = map[string]any{"has": other, "lacks": p.biz}
	}
	return p.Tell("types", "one", values, p.whole, r)
}

// currencies counts what the orders' amounts are in.
func (p *prober) currencies(orders []probe.Record, r *probe.Reading) error {
	seen, bare, amounts := probe.Counts{}, 0, 0
	for _, o := range orders {
		for _, line := range append(o.List("commodity_list"), o) {
			if line.Text("order_amount") == "" {
				continue
			}
			amounts++
			if currency := line.Text("currency"); currency != "" {
				seen[currency]++
			} else {
				bare++
			}
		}
	}
	outcome := "partly"
	switch {
	case amounts == 0:
		outcome = "few"
	case bare == 0:
		outcome = "stated"
	case bare == amounts:
		outcome = "unstated"
	}
	return p.Tell("currency", outcome, map[string]any{"seen": seen, "bare": bare, "amounts": amounts, "currency": p.Currency}, p.whole, r)
}

// bounds asks for the range that begins or ends with a known order. It is one within a
// second, for the vendor may compare seconds, else one is asked for a second aside.
func (p *prober) bounds(ctx context.Context) error {
	if p.deaf {
		return nil
	}
	var id string
	var at, step int64
	unit := probe.Text{EN: "millisecond", ZH: "毫秒"}
	for _, o := range p.orders {
		ms, err := strconv.ParseInt(o.Text("create_order_time"), 10, 64)
		if err != nil || ms <= firstMillis+second || ms >= p.end-second || o.Text("order_id") == "" {
			continue
		}
		within := ms%second > 0 && ms%second < second-1
		if within || id == "" {
			id, at, step = o.Text("order_id"), ms, 1
		}
		if within {
			break
		}
		step, unit = second, probe.Text{EN: "second", ZH: "秒"}
	}
	if id == "" {
		if err := p.Tell("begin_bound", "few", nil); err != nil {
			return err
		}
		return p.Tell("end_bound", "few", nil)
	}
	ask := func(ctx context.Context, begin, end int64) (*probe.Reading, bool, bool, error) {
		r, err := p.list(ctx, p.biz, begin, end, p.first, p.PageSize)
		if err != nil {
			return nil, false, false, err
		}
		came := false
		for _, o := range r.Records("result", "data") {
			came = came || o.Text("order_id") == id
		}
		return r, came, !came && r.Full(p.whole, p.PageSize), nil
	}
	if err := p.Bound(ctx, probe.Bound{Question: "begin_bound", Unit: unit, Ask: func(ctx context.Context, before int) (*probe.Reading, bool, bool, error) {
		return ask(ctx, at-int64(before)*step, at+2*second)
	}}); err != nil {
		return err
	}
	return p.Bound(ctx, probe.Bound{Question: "end_bound", Unit: unit, Ask: func(ctx context.Context, before int) (*probe.Reading, bool, bool, error) {
		return ask(ctx, at-2*second, at+int64(before)*step)
	}})
}

// second is one in milliseconds.
const second = 1000

// detail compares what the detail of an order says with what the list does.
func (p *prober) detail(ctx context.Context) error {
	var order probe.Record
	for _, o := range p.orders {
		if o.Text("order_id") != "" {
			order = o
			break
		}
	}
	if order == nil {
		return p.Tell("detail", "few", nil)
	}
	id := order.Text("order_id")
	r, err := p.Read(ctx, func(ctx context.Context) (*extract.Page, error) {
		page, err := p.readOne(ctx, id)
		if err == nil {
			page.Subject.OrderID = id
		}
		return page, err
	})
	if err != nil {
		return err
	}
	found := r.Records("result")
	switch {
	case r.Refused != nil:
		return p.Tell("detail", "refused", nil, r)
	case len(found) == 0 || len(found[0]) == 0:
		return p.Tell("detail", "unknown", nil, r)
	}
	adds, lacks := found[0].Lacking(order), order.Lacking(found[0])
	if len(adds) == 0 {
		return p.Tell("detail", "nothing", nil, r)
	}
	return p.Tell("detail", "adds", map[string]any{"adds": strings.Join(adds, ", "), "lacks": strings.Join(lacks, ", ")}, r)
}
