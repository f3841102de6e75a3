// Package akubela reads the stays of an Akubela / Akuvox hotel access system
// with their guests (docs/sources/akubela.md). It knows no money.
package akubela

import (
	"net/http"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// config is an account of akubela in nightaudit.yaml (docs/contract.md).
type config struct {
	extract.Settings `yaml:",inline"`

	Auth httpx.AuthConfig `yaml:"auth"`
}

// defaults: the document states neither a rate nor a greatest page size.
// What the vendor cuts off a page is found on the next one.
var defaults = extract.Defaults{Rate: 5, Concurrency: 4, PageSize: 100}

// exampleConfig is the account of docs/contract.md for the command init.
const exampleConfig = `- account: tower                  # a name of your own, unique within akubela; it is in every row
  base_url: https://akubela.example
  auth: {kind: oauth2, client_id: "${AKUBELA_ID}", client_secret: "${AKUBELA_SECRET}"}
  # auth: {kind: bearer, token: "${AKUBELA_TOKEN}"}   # a fixed token instead
  rate: 5/s
  # page_size: 100              # every night reads the whole list: the vendor has no filter
  # business_day_start: "06:00" # when this hotel's business day begins
`

const (
	streamOrders = "orders"
	streamDetail = "detail"
)

// The commands that are read. They share their address with commands that
// create, change and delete orders.
const (
	commandsPath = "/api/v1.0/invoke/open-ability/method/hotel-commands"
	commandList  = "get_order_list"
	commandInfo  = "get_order_info"
	tokenPath    = "/api/v1.0/invoke/open-ability/method/oauth2/token"
)

// Driver is the source akubela.
func Driver() extract.Driver {
	return extract.Driver{
		Name: "akubela",
		Streams: []extract.Stream{
			{Name: streamOrders, Carries: map[string][]string{
				"orders": {
					"order_no", "kind", "flow", "room_no", "status", "source_status",
					"service_at", "booked_date", "service_date", "business_date",
				},
				"stays":  nil,
				"guests": nil,
			}},
			{Name: streamDetail, ByID: true, Enriches: true, Carries: map[string][]string{"orders": {"channel"}}},
		},
		ExampleConfig: exampleConfig,
		Personal:      personal,
		Open:          open,
	}
}

func open(decode func(into any) error, env extract.Env) (extract.Source, error) {
	var c config
	if err := decode(&c); err != nil {
		return nil, err
	}
	if err := c.Complete(defaults, env); err != nil {
		return nil, err
	}
	auth, err := c.Auth.New(httpx.AuthOptions{
		BaseURL: c.BaseURL, Transport: env.Transport, Limits: env.HTTP, Tokens: env.Tokens,
		OAuthPath: tokenPath, OAuthScope: "hotel",
	}, httpx.KindOAuth2, httpx.KindBearer)
	if err != nil {
		return nil, err
	}
	return &account{config: c, log: env.Logger("akubela", c.Account), client: httpx.New(httpx.Options{
		BaseURL: c.BaseURL, Rate: c.Rate, Concurrency: c.Concurrency, Limits: env.HTTP, Transport: env.Transport,
		Auth: auth, Check: checkEnvelope, Log: env.Log,
		Allow: []httpx.Read{
			{Method: http.MethodPost, Path: commandsPath, Command: commandList},
			{Method: http.MethodPost, Path: commandsPath, Command: commandInfo},
		},
	})}, nil
}
