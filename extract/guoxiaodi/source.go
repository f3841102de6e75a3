package guoxiaodi

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
	"github.com/nightaudit/nightaudit/transform"
)

// The streams, in order of precedence.
const (
	streamRegister = "register"      // the merchant's files
	streamNotified = "notifications" // what the courier pushed
	streamStatus   = "status"
	streamFeed     = "feed"
	streamTips     = "tips"
)

// queryPaths are the reads, by stream. Nothing else may be called: the same
// prefix creates, pays and cancels orders.
var queryPaths = map[string]string{
	streamStatus: "/openapi/v1/order/query-status",
	streamFeed:   "/openapi/v1/order/query-status-feed",
	streamTips:   "/openapi/v1/order/query-tip-list",
}

//go:embed derive.sql
var deriveSQL string

//go:embed final.sql
var finalSQL string

// Driver is the source guoxiaodi.
func Driver() extract.Driver {
	return extract.Driver{
		Name:  "guoxiaodi",
		About: "裹小递 courier: deliveries, fees, tips",
		// What follows from several streams is derived: derive.sql.
		Streams: []extract.Stream{
			{Name: streamRegister, Enriches: true, Makes: true, Carries: map[string][]string{
				transform.TableOrders:     createdFields.Carries(transform.TableOrders),
				transform.TableDeliveries: createdFields.Carries(transform.TableDeliveries),
			}},
			// A state is not among what notifications carry: the query's answer is
			// younger. Where nobody asked, derive.sql lets events decide.
			{Name: streamNotified, Enriches: true, Carries: map[string][]string{
				transform.TableOrders:         notificationFields.Carries(transform.TableOrders),
				transform.TableDeliveryEvents: notificationFields.Carries(transform.TableDeliveryEvents),
			}},
			{Name: streamStatus, Carries: map[string][]string{
				transform.TableOrders:     statusFields.Carries(transform.TableOrders),
				transform.TableDeliveries: statusFields.Carries(transform.TableDeliveries),
			}},
			{Name: streamFeed, Enriches: true, Carries: map[string][]string{transform.TableDeliveryEvents: {}}},
			{Name: streamTips, Enriches: true, Carries: map[string][]string{
				transform.TableDeliveries:   tipsFields.Carries(transform.TableDeliveries),
				transform.TableDeliveryTips: {},
			}},
		},
		Needs:         []string{"soms"},
		ExampleConfig: exampleConfig,
		DeriveSQL:     deriveSQL,
		FinalSQL:      finalSQL,
		Personal:      personal,
		Open:          open,
	}
}

// account is one configured merchant's account.
type account struct {
	config config
	env    extract.Env
	log    *slog.Logger
	client *httpx.Client
	clock  func() time.Time // the real one
	seed   maphash.Seed

	mu      sync.Mutex
	answers map[extract.Due]statusAnswer // what this run's status queries said
	shop    map[string]bool              // the shop's numbers, where the courier has answered for none of them yet

	notShown map[string]bool // by an earlier run's
}

// statusAnswer is what the courier said of a number.
type statusAnswer struct {
	orderNo string
	unknown bool
	refused bool // it was not shown: the other queries would not help
}

// Settings are the keys that all accounts have.
func (a *account) Settings() *extract.Settings { return &a.config.Settings }

// Tenancy is the address and where the numbers come from: the courier has no
// list, so that several accounts may ask it, each for its own numbers.
func (a *account) Tenancy() extract.Tenancy {
	only := []string{}
	for _, pattern := range a.config.Register {
		only = append(only, "register "+pattern)
	}
	if s := a.config.FromSOMS; s != nil {
		for _, carrier := range s.Carriers {
			only = append(only, "from_soms "+s.Account+" "+carrier)
		}
	}
	return extract.Tenancy{Address: extract.Address(a.config.BaseURL), Only: only}
}

// Plan collects the numbers to ask for: those of the register, those of
// Plan.Known and those of notifications, without the settled ones unless they
// were notified since the last night. There is no filter by time, so Since
// does not apply.
func (a *account) Plan(ctx context.Context, p extract.Plan) ([]extract.Window, error) {
	if p.Due != nil {
		return nil, nil // no stream is asked by id: status asks for every number
	}
	a.mu.Lock()
	clear(a.answers)
	a.shop = unproven(p.Known, p.Settled)
	a.notShown = p.NotShown
	a.mu.Unlock()
	var n numbers
	if err := a.eachLine(func(l line) error {
		w, err := l.read()
		if err == nil && !w.refused() && !l.open {
			// Cloned, for a number shares the memory of its line.
			n.add(strings.Clone(w.OrderNo.Plain()), strings.Clone(w.SourceOrderNo.Plain()))
		}
		return nil // a damaged line is told when it is decoded
	}); err != nil {
		return nil, err
	}
	for _, k := range p.Known {
		if a.config.FromSOMS != nil && a.config.FromSOMS.As == asOrderNo {
			n.add(k.Number, "")
		} else {
			n.add("", k.Number)
		}
	}
	var windows []extract.Window
	if len(a.config.Register) > 0 {
		windows = append(windows, extract.Window{Stream: streamRegister})
	}
	// Notifications come before the queries, so that a query's answer is
	// younger than all of them.
	news := p.Until
	if w, ok := a.notifiedWindow(p); ok {
		windows, news = append(windows, w), w.Start
	}
	told, err := a.addNotified(ctx, &n, news, p.Until)
	if err != nil {
		return nil, err
	}
	if ask := n.unsettled(p.Settled, told); len(ask) > 0 {
		for _, stream := range []string{streamStatus, streamFeed, streamTips} {
			windows = append(windows, extract.Window{Stream: stream, Due: ask})
		}
	}
	return windows, nil
}

// Fetch reads the register, or asks one query for each number of the window.
// In a window's Due, OrderID is the orderNo and OrderNo the sourceOrderNo,
// each "" where it is not known.
func (a *account) Fetch(ctx context.Context, w extract.Window, yield extract.Yield) error {
	switch w.Stream {
	case streamRegister:
		return a.fetchRegister(ctx, yield)
	case streamNotified:
		return a.fetchNotified(ctx, w, yield)
	}
	ask := w.Due
	if w.Stream != streamStatus {
		ask = a.known(ask)
	}
	due := slices.Clone(ask)
	for i, d := range ask {
		due[i].Again = a.notShown[d.Name()]
	}
	orders := extract.ByID{Stream: w.Stream, Due: due, Workers: a.config.Concurrency, Ask: func(ctx context.Context, one []extract.Due) (*extract.Page, error) {
		page, _, err := a.query(ctx, w.Stream, one[0])
		return page, err
	}}
	err := orders.Fetch(ctx, func(page *extract.Page) (extract.Facts, error) {
		facts, err := yield(page)
		if err == nil {
			err = a.Remember(page)
		}
		return facts, err
	})
	if err == nil && w.Stream == streamStatus {
		err = a.noneKnown(ask)
	}
	return err
}

// known are the orders that the courier knows, each once and with every
// number that is known by now. A number of which no status was asked in this
// run is kept as it is.
func (a *account) known(ask []extract.Due) []extract.Due {
	a.mu.Lock()
	defer a.mu.Unlock()
	var orders []extract.Due
	taken := map[string]bool{}
	for _, d := range ask {
		r, ok := a.answers[d]
		if r.unknown || r.refused {
			continue
		}
		if ok && r.orderNo != "" {
			d.OrderID = r.orderNo
		}
		if d.OrderID != "" && taken[d.OrderID] {
			continue
		}
		taken[d.OrderID] = true
		orders = append(orders, d)
	}
	return orders
}

// Remember notes what a status query said of its number, for the queries
// that follow.
func (a *account) Remember(page *extract.Page) error {
	if page.Stream != streamStatus {
		return nil
	}
	answer := statusAnswer{refused: true}
	if s, err := readStatus(page.Body); page.Refused == nil && err == nil {
		answer = statusAnswer{orderNo: strings.Clone(s.Data.OrderNo.Plain()), unknown: s.missing(a)}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answers[extract.Due{OrderID: page.Subject.OrderID, OrderNo: page.Subject.Number}] = answer
	return nil
}

// request is the body of the three queries. Whether one number suffices is
// not documented: all that is known is sent.
type request struct {
	OrderNo       string `json:"orderNo,omitempty"`
	SourceOrderNo string `json:"sourceOrderNo,omitempty"`
}

func (a *account) query(ctx context.Context, stream string, d extract.Due) (*extract.Page, *httpx.Answer, error) {
	op := "read the " + stream + " of order " + d.Name()
	body, err := json.Marshal(request{d.OrderID, d.OrderNo})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: encode the request: %w", op, err)
	}
	answer, err := a.client.Do(ctx, httpx.Call{Op: op, Method: "POST", Path: queryPaths[stream], Body: body, Shape: dataShape, One: true})
	if err != nil {
		return nil, nil, err
	}
	return answer.Page(stream), answer, nil
}

// nobodysNumber is asked for by check where no number is known.
const nobodysNumber = "nightaudit-check"

// errFound ends the search for a number.
var errFound = errors.New("found")

// Check asks for the status of the first number of the register. Where there
// is none it asks for a number that nobody has: whatever the courier answers
// to that in its envelope shows that it was reached.
func (a *account) Check(ctx context.Context) (extract.CheckResult, error) {
	ask := extract.Due{OrderNo: nobodysNumber}
	err := a.eachLine(func(l line) error {
		w, err := l.read()
		found := extract.Due{OrderID: w.OrderNo.Plain(), OrderNo: w.SourceOrderNo.Plain()}
		if err != nil || w.refused() || l.open || found == (extract.Due{}) {
			return nil
		}
		ask = found
		return errFound
	})
	if err != nil && !errors.Is(err, errFound) {
		return extract.CheckResult{}, err
	}
	notes, err := a.notificationNotes(ctx)
	if err != nil {
		return extract.CheckResult{}, err
	}
	r := extract.CheckResult{Orders: -1, Notes: notes}
	_, answer, err := a.query(ctx, streamStatus, ask)
	if err != nil {
		var e *extract.Error
		if ask.OrderNo == nobodysNumber && errors.Is(err, extract.ErrRefused) && errors.As(err, &e) {
			a.log.Info("the courier was reached, but no number is known yet that could be read",
				"code", e.Code)
			return r, nil
		}
		return r, err
	}
	if !answer.Date.IsZero() {
		r.ClockSkew = answer.Date.Sub(answer.At).Round(time.Second)
	}
	return r, nil
}

// notificationNotes says whether notifications come in: a courier that cannot
// reach the listener is noticed nowhere else.
func (a *account) notificationNotes(ctx context.Context) ([]string, error) {
	if a.journalDir() == "" {
		return nil, nil
	}
	until := a.env.Now()
	var n int
	var last time.Time
	err := a.eachNotified(ctx, until.Add(-notifiedOverlap), until, func(l notifiedLine) error {
		if !l.damaged {
			n++
			last = l.entry.At
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	refused := 0
	if err := a.eachLogged(ctx, extract.RefusedDir, until.Add(-notifiedOverlap), until, func(notifiedLine) error { refused++; return nil }); err != nil {
		return nil, err
	}
	var notes []string
	if refused > 0 {
		calls := "1 call of the courier was"
		if refused > 1 {
			calls = fmt.Sprintf("%d calls of the courier were", refused)
		}
		notes = append(notes, fmt.Sprintf("%s refused in the last 24 hours; see landing/notifications/%s/%s in data_dir", calls, a.config.Account, extract.RefusedDir))
	}
	if n == 0 {
		return append(notes, "no notification came in the last 24 hours"), nil
	}
	return append(notes, fmt.Sprintf("%d notifications in the last 24 hours, the latest %s", n, last.In(a.config.Calendar().Zone).Format("2006-01-02 15:04:05 -07:00"))), nil
}
