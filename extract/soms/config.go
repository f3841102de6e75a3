package soms

import (
	_ "embed"
	"net/http"
	"net/url"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
	"github.com/nightaudit/nightaudit/transform"
)

// The streams of the source.
const (
	streamOrders    = "orders"
	streamRefunded  = "refunded"
	streamReminders = "reminders"
	streamTraces    = "traces"
)

//go:embed derive.sql
var deriveSQL string

const exampleConfig = `- account: retail                 # a name of your own, unique within soms; it is in every row
  base_url: https://soms.example  # where its interface is
  tenant_id: "8560"               # yours at the vendor
  auth: {kind: basic, username: nightaudit, password: "${SOMS_PASSWORD}"}
  # since: 2024-01-01             # first creation day to load; without it everything the vendor holds
  # change_time: modified         # modified | index_modified: the time by which changed orders are asked for
  # overlap: 15m                  # how far each night reaches back behind the last one
  # lag: 60s                      # how long a change may take to reach the vendor's search index
  # max_window_rows: 10000        # the vendor's search answers no more rows than this at once
  # first_page: 0                 # the vendor's number of the first page, 0 or 1: nightaudit probe finds out
  # by_id: false                  # true: the search leaves parts of orders out, and each is asked for by its id too
  # index: true                   # false: the search refuses or does not heed index_modified, and is never asked by it
  # refunds: true                 # false: the search does not heed refund_state, and nothing is told of refunds
  # traces: false                 # true: ask where orders are that have a waybill and are not final, a call an order
  # rate: 10/s
  # concurrency: 4
  # page_size: 100                # 1 to 100
`

// Driver is the SOMS order service of 海鼎鼎力云 (docs/sources/soms.md).
func Driver() extract.Driver {
	return extract.Driver{
		Name:  "soms",
		About: "海鼎鼎力云 SOMS: retail orders, settlements, reminders",
		Streams: []extract.Stream{
			{Name: streamOrders, Carries: ordersCarry()},
			{Name: streamRefunded, Carries: map[string][]string{transform.TableOrders: {"refund_status"}}, Enriches: true},
			{Name: streamReminders, Carries: map[string][]string{transform.TableReminders: nil}},
			{Name: streamTraces, ByID: true, Carries: map[string][]string{
				transform.TableDeliveryEvents: traceDetailFields.Carries(transform.TableDeliveryEvents),
			}},
		},
		CreationFilter: true,
		SweepDays:      sweepDays,
		WallWindows:    true,
		ExampleConfig:  exampleConfig,
		DeriveSQL:      deriveSQL,
		Personal:       personal,
		Open:           open,
	}
}

// ordersCarry is everything that an order's answer states. Whether it was
// refunded is not among it: only the scan of refunded orders tells.
func ordersCarry() map[string][]string {
	return map[string][]string{
		transform.TableOrders:              orderFields.Carries(transform.TableOrders),
		transform.TableOrderItems:          nil,
		transform.TablePayments:            nil,
		transform.TableDiscounts:           nil,
		transform.TableSettlements:         nil,
		transform.TableSettlementDiscounts: nil,
		transform.TableDeliveries:          nil,
		transform.TableInvoices:            nil,
	}
}

// The times by which changed orders can be asked for, and filters of the
// vendor (SOMS interface document, 2.47).
const (
	changeModified = "modified"
	changeIndexed  = "index_modified"
)

type config struct {
	extract.Settings `yaml:",inline"`

	TenantID      string            `yaml:"tenant_id" schema:"required"`
	Auth          httpx.AuthConfig  `yaml:"auth" schema:"required"`
	ChangeTime    string            `yaml:"change_time" schema:"modified|index_modified"`
	Overlap       *extract.Duration `yaml:"overlap"`
	Lag           *extract.Duration `yaml:"lag"`
	MaxWindowRows *int              `yaml:"max_window_rows"`
	ByID          bool              `yaml:"by_id"`
	Index         *bool             `yaml:"index"`
	Refunds       *bool             `yaml:"refunds"`
	Traces        bool              `yaml:"traces"`
}

const (
	maxPageSize      = 100              // SOMS interface document, 1.1.33.2
	maxBatch         = 20               // ids in one call of v2/orders, as 1.1.9.2 advises
	defaultOverlap   = 15 * time.Minute // behind the cursor: the search index lags
	defaultLag       = time.Minute
	defaultMaxWindow = 10000
)

func (c *config) complete(env extract.Env) error {
	if err := c.Settings.Complete(extract.Defaults{
		Rate: 10, Concurrency: 4, PageSize: maxPageSize, MaxPageSize: maxPageSize,
	}, env); err != nil {
		return err
	}
	if c.TenantID == "" || url.PathEscape(c.TenantID) != c.TenantID {
		return extract.BadKey("tenant_id", "must be the tenant's id as it stands in the vendor's addresses, as \"8560\"")
	}
	switch c.ChangeTime {
	case "":
		c.ChangeTime = changeModified
	case changeModified, changeIndexed:
	default:
		return extract.BadKey("change_time", "must be modified or index_modified")
	}
	c.Overlap = orDefault(c.Overlap, extract.Duration(defaultOverlap))
	c.Lag = orDefault(c.Lag, extract.Duration(defaultLag))
	c.Refunds, c.Index = orDefault(c.Refunds, true), orDefault(c.Index, true)
	if !*c.Index && c.ChangeTime == changeIndexed {
		return extract.BadKey("index", "must not be false where change_time is index_modified, which asks by it")
	}
	c.MaxWindowRows = orDefault(c.MaxWindowRows, defaultMaxWindow)
	if *c.MaxWindowRows < c.PageSize {
		return extract.BadKey("max_window_rows", "must be at least page_size: it is the number of rows after which the vendor's search answers no more")
	}
	return nil
}

func orDefault[T any](v *T, fallback T) *T {
	if v == nil {
		return &fallback
	}
	return v
}

func open(decode func(into any) error, env extract.Env) (extract.Source, error) {
	c := config{Auth: httpx.AuthConfig{Kinds: []httpx.Kind{httpx.Basic}}}
	if err := decode(&c); err != nil {
		return nil, err
	}
	if err := c.complete(env); err != nil {
		return nil, err
	}
	a := newAccount(c, env)
	var err error
	a.client, err = c.Auth.Client(&c.Settings, env, httpx.Options{Check: succeeded, Allow: []httpx.Read{
		{Method: http.MethodPost, Path: a.prefix + pathQuery},
		{Method: http.MethodPost, Path: a.prefix + pathOrders},
		{Method: http.MethodPost, Path: a.prefix + pathReminds},
	}})
	if err == nil && c.Traces {
		a.traceClient, err = a.tracer(env)
	}
	return a, err
}
