// Package tuya reads the customer service orders of a Tuya cloud hotel
// project: room service, commodities and requests such as cleaning
// (docs/sources/tuya.md).
package tuya

import (
	_ "embed"
	"net/http"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// config is an account of tuya in nightaudit.yaml (docs/contract.md).
type config struct {
	extract.Settings `yaml:",inline"`

	ProjectID string           `yaml:"project_id" schema:"required"`
	Auth      httpx.AuthConfig `yaml:"auth" schema:"required"`
	ParamsIn  string           `yaml:"params_in" schema:"body|query"`
}

var defaults = extract.Defaults{
	Rate:        10,
	Concurrency: 4,
	PageSize:    100,
	MaxPageSize: 100, // of the document, page_size
	FirstPage:   1,
	Lookback:    45 * 24 * time.Hour,
}

// exampleConfig is the account of docs/contract.md for the command init.
const exampleConfig = `- account: hotel-a                # a name of your own, unique within tuya; it is in every row
  # China: openapi.tuyacn.com. America: openapi.tuyaus.com, openapi-ueaz.tuyaus.com.
  # Europe: openapi.tuyaeu.com, openapi-weaz.tuyaeu.com. India: openapi.tuyain.com.
  base_url: https://openapi.tuyacn.com # of your region
  project_id: "1160823965053000000" # of the hotel's project; in quotes: a text of many digits
  auth: {kind: tuya, client_id: "${TUYA_ID}", client_secret: "${TUYA_SECRET}"}
  params_in: body               # body, as documented, or query where a proxy drops the body of a GET
  # since: 2024-01-01           # first creation day to load; without it everything the vendor holds
  lookback: 45d                 # orders created this long before the last night are read again
  rate: 10/s
  # first_page: 1               # the vendor's number of the first page, 0 or 1: nightaudit probe finds out
  # business_day_start: "06:00" # when this hotel's business day begins
`

const (
	streamOrders = "orders"
	streamDetail = "detail"
)

// The values of order_biz_type: the list is scanned once for each.
const (
	bizMaterial = "MATERIAL"
	bizService  = "SERVICE"
)

//go:embed derive.sql
var deriveSQL string

// Driver is the source tuya.
func Driver() extract.Driver {
	return extract.Driver{
		Name:  "tuya",
		About: "Tuya cloud hotel: room service, commodities, requests",
		Role:  extract.RoomOrders,
		Streams: []extract.Stream{
			{Name: streamOrders, Carries: map[string][]string{
				"orders": orderFields.Carries("orders", "finished_at", "canceled_at"), "order_items": nil, // the list lacks the two times
			}},
			{Name: streamDetail, ByID: true, Carries: map[string][]string{
				"orders": orderFields.Carries("orders"), "order_items": nil, "guests": nil, "invoices": nil,
			}},
		},
		CreationFilter: true,
		ExampleConfig:  exampleConfig,
		DeriveSQL:      deriveSQL,
		Personal:       personal,
		Open:           open,
	}
}

func open(decode func(into any) error, env extract.Env) (extract.Source, error) {
	c := config{ParamsIn: "body", Auth: httpx.AuthConfig{Kinds: []httpx.Kind{kindTuya}}}
	if err := decode(&c); err != nil {
		return nil, err
	}
	if err := c.Complete(defaults, env); err != nil {
		return nil, err
	}
	if c.ProjectID == "" || strings.ContainsAny(c.ProjectID, "/?#") {
		return nil, extract.BadKey("project_id", "must be the hotel project's id, in quotes: it is a text of many digits")
	}
	if c.ParamsIn != "body" && c.ParamsIn != "query" {
		return nil, extract.BadKey("params_in", "must be body, as the vendor documents, or query")
	}
	client, err := c.Auth.Client(&c.Settings, env, httpx.Options{Check: checkEnvelope, Allow: []httpx.Read{
		{Method: http.MethodGet, Path: projectsPath + "*/server-order/page"},
		{Method: http.MethodGet, Path: projectsPath + "*/server-order/get"},
	}})
	if err != nil {
		return nil, err
	}
	return &account{config: c, client: client, now: env.Now}, nil
}
