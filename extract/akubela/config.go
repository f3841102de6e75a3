// Package akubela reads the stays of an Akubela / Akuvox hotel access system
// with their guests (docs/sources/akubela.md). It knows no money.
package akubela

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// config is an account of akubela in nightaudit.yaml (docs/contract.md).
type config struct {
	extract.Settings `yaml:",inline"`

	Auth httpx.AuthConfig `yaml:"auth" schema:"required"`
	// Zone is that of the vendor's times; "" is UTC, as documented.
	Zone string `yaml:"wall_zone"`
}

// defaults: the document states neither a rate nor a greatest page size.
// What the vendor cuts off a page is found on the next one.
var defaults = extract.Defaults{Rate: 5, Concurrency: 4, PageSize: 100, FirstPage: 1}

// exampleConfig is the account of docs/contract.md for the command init.
const exampleConfig = `- account: tower                  # a name of your own, unique within akubela; it is in every row
  base_url: https://akubela.example # where its interface is
  auth: {kind: oauth2, client_id: "${AKUBELA_ID}", client_secret: "${AKUBELA_SECRET}"}
  # auth: {kind: bearer, token: "${AKUBELA_TOKEN}"}   # a fixed token instead
  rate: 5/s
  # page_size: 100              # every night reads the whole list: the vendor has no filter
  # first_page: 1               # the vendor's number of the first page, 0 or 1: nightaudit probe finds out
  # wall_zone: UTC              # the zone of the vendor's times, which it documents as UTC
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
		Name:  "akubela",
		About: "Akubela / Akuvox access system: who stayed in which room",
		Streams: []extract.Stream{
			{Name: streamOrders, Carries: map[string][]string{
				"orders": orderFields.Carries("orders"),
				"stays":  nil,
				"guests": nil,
			}},
			{Name: streamDetail, ByID: true, Enriches: true, Carries: map[string][]string{"orders": detailFields.Carries("orders")}},
		},
		ExampleConfig: exampleConfig,
		Personal:      personal,
		Open:          open,
	}
}

func open(decode func(into any) error, env extract.Env) (extract.Source, error) {
	c := config{Auth: httpx.AuthConfig{Kinds: []httpx.Kind{kindOAuth2, httpx.Bearer}}}
	if err := decode(&c); err != nil {
		return nil, err
	}
	if err := c.Complete(defaults, env); err != nil {
		return nil, err
	}
	wall, err := time.LoadLocation(c.Zone) // of no name: UTC
	if err != nil || c.Zone == "Local" {
		return nil, extract.BadKey("wall_zone", "is no time zone: use UTC, or a name such as Asia/Shanghai")
	}
	client, err := c.Auth.Client(&c.Settings, env, httpx.Options{Check: checkEnvelope, Allow: []httpx.Read{
		{Method: http.MethodPost, Path: commandsPath, Command: commandList},
		{Method: http.MethodPost, Path: commandsPath, Command: commandInfo},
	}})
	if err != nil {
		return nil, err
	}
	return &account{config: c, client: client, wall: wall}, nil
}

// kindOAuth2 is the log-in (docs/sources/akubela.md, Auth).
var kindOAuth2 = httpx.OAuth2(httpx.OAuth2Vendor{Path: tokenPath, Scope: "hotel", Member: "result", Check: checkLogIn})

// checkLogIn finds the refusals that come with status 200.
func checkLogIn(body []byte) error {
	var answer struct {
		Success *bool `json:"success"`
	}
	if json.Unmarshal(body, &answer) == nil && answer.Success != nil && !*answer.Success {
		return httpx.LogInRefused()
	}
	return nil
}
