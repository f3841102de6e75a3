package tuya

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

const projectsPath = "/v1.0/cloud/osaas/projects/"

// firstMillis is the least time of 13 digits, 2001-09-09: older than any order.
const firstMillis = 1_000_000_000_000

type account struct {
	config
	client *httpx.Client
	now    func() time.Time
}

func (a *account) Settings() *extract.Settings { return &a.config.Settings }

// Tenancy is the hotel project at its data centre.
func (a *account) Tenancy() extract.Tenancy {
	return extract.Tenancy{Address: extract.Address(a.config.BaseURL), Tenant: "project_id " + a.config.ProjectID}
}

// Plan reads the list in two scans, for order_biz_type is required. The list
// has no time of change, so each night reads again what was created within
// lookback before the last complete night.
func (a *account) Plan(_ context.Context, p extract.Plan) ([]extract.Window, error) {
	if p.Due != nil {
		if len(p.Due) == 0 {
			return nil, nil
		}
		return []extract.Window{{Stream: streamDetail, End: p.Until, Due: p.Due}}, nil
	}
	start := a.start(p)
	if !start.Before(p.Until) {
		return nil, nil
	}
	var windows []extract.Window
	for _, biz := range []string{bizMaterial, bizService} {
		windows = append(windows, extract.Window{Stream: streamOrders, Start: start, End: p.Until, Filter: biz, Exhaustive: true})
	}
	return windows, nil
}

// start is the first creation time to ask for; zero for everything.
func (a *account) start(p extract.Plan) time.Time {
	since := a.Since.In(a.Calendar().Zone)
	cursor, known := p.Cursor[streamOrders]
	switch {
	case !p.Since.IsZero():
		return p.Since
	case p.Full || !known:
		return since
	}
	// A night of the past (--at) has a cursor after its own end.
	if cursor.After(p.Until) {
		cursor = p.Until
	}
	start := cursor.Add(-time.Duration(a.Lookback))
	if start.Before(since) {
		return since
	}
	return start
}

func (a *account) Fetch(ctx context.Context, w extract.Window, yield extract.Yield) error {
	switch w.Stream {
	case streamOrders:
		return a.fetchList(ctx, w, yield)
	case streamDetail:
		return a.fetchDetails(ctx, w, yield)
	}
	return fmt.Errorf("tuya has no stream %q", w.Stream)
}

// fetchList reads the list until two passes agree: the vendor sorts it as it
// likes.
func (a *account) fetchList(ctx context.Context, w extract.Window, yield extract.Yield) error {
	list := extract.Paging{Workers: a.Concurrency, Ask: func(ctx context.Context, no int) (*extract.Page, error) {
		p, _, err := a.readList(ctx, w, a.PageNumber(no), a.PageSize)
		return p, err
	}}
	return extract.Passes(ctx, "read "+w.Filter+" orders", yield, list.Read)
}

// param is a parameter of a call: a text or a whole number.
type param struct {
	name string
	text string // for a number: its digits
	num  bool
}

func textParam(name, v string) param       { return param{name, v, false} }
func longParam(name string, v int64) param { return param{name, strconv.FormatInt(v, 10), true} }

// readList asks for one page, by the vendor's number of it. Inclusive or not, the
// vendor does not say of its bounds: begin is sent a millisecond early and end as it
// is, so that no order on a bound is missed. An order that comes twice is one order.
func (a *account) readList(ctx context.Context, w extract.Window, no, size int) (*extract.Page, *httpx.Answer, error) {
	begin := int64(firstMillis)
	if !w.Start.IsZero() {
		begin = max(begin, w.Start.UnixMilli()-1)
	}
	return a.readBetween(ctx, w.Filter, begin, w.End.UnixMilli(), no, size)
}

// readBetween asks for one page of the orders between two times in milliseconds.
// Both bounds are always sent, for the vendor takes neither alone: the end keeps the
// pages from shifting while new orders come in.
func (a *account) readBetween(ctx context.Context, biz string, begin, end int64, no, size int) (*extract.Page, *httpx.Answer, error) {
	return a.read(ctx, fmt.Sprintf("read %s orders page %d", biz, no), "page", streamOrders, biz,
		textParam("order_biz_type", biz),
		longParam("page_no", int64(no)),
		longParam("page_size", int64(size)),
		longParam("create_order_begin_time", begin),
		longParam("create_order_end_time", end))
}

// fetchDetails asks for single orders.
func (a *account) fetchDetails(ctx context.Context, w extract.Window, yield extract.Yield) error {
	details := extract.ByID{Stream: w.Stream, Due: w.Due, Workers: a.Concurrency, Ask: func(ctx context.Context, one []extract.Due) (*extract.Page, error) {
		return a.readOne(ctx, one[0].OrderID)
	}}
	return details.Fetch(ctx, yield)
}

func (a *account) readOne(ctx context.Context, id string) (*extract.Page, error) {
	p, _, err := a.read(ctx, "read order "+id, "get", streamDetail, "", textParam("order_id", id))
	return p, err
}

func (a *account) read(ctx context.Context, op, call, stream, filter string, params ...param) (*extract.Page, *httpx.Answer, error) {
	c := httpx.Call{
		Op: op, Method: http.MethodGet,
		Path: projectsPath + url.PathEscape(a.ProjectID) + "/server-order/" + call, Shape: listShape,
	}
	if stream == streamDetail {
		c.One, c.Shape = true, httpx.ObjectAt("result")
	}
	if a.ParamsIn == "query" {
		c.Query = url.Values{}
		for _, p := range params {
			c.Query.Set(p.name, p.text)
		}
	} else {
		c.Body = jsonBody(params)
	}
	answer, err := a.client.Do(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	page := answer.Page(stream)
	page.Filter = filter
	return page, answer, nil
}

// jsonBody writes the parameters as the JSON object of the document's example,
// numbers as numbers.
func jsonBody(params []param) []byte {
	b := []byte{'{'}
	for i, p := range params {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(b, p.name)
		b = append(b, ':')
		if p.num {
			b = append(b, p.text...)
			continue
		}
		text, err := json.Marshal(p.text)
		if err != nil { // a string cannot fail
			panic(err)
		}
		b = append(b, text...)
	}
	return append(b, '}')
}

// Check logs in and reads one order of each kind.
func (a *account) Check(ctx context.Context) (extract.CheckResult, error) {
	result := extract.CheckResult{}
	for _, biz := range []string{bizMaterial, bizService} {
		w := extract.Window{Stream: streamOrders, Filter: biz, End: a.now()}
		_, answer, err := a.readList(ctx, w, a.PageNumber(1), 1)
		if err != nil {
			return result, err
		}
		total, at, err := readTotal(answer.Body)
		if err != nil {
			return result, extract.BadAnswer("check "+biz+" orders", err)
		}
		if total < 0 || result.Orders < 0 {
			result.Orders = -1
		} else {
			result.Orders += total
		}
		switch {
		case !at.IsZero():
			result.ClockSkew = at.Sub(answer.At)
		case !answer.Date.IsZero():
			result.ClockSkew = answer.Date.Sub(answer.At)
		}
	}
	return result, nil
}
