package starhotel

import (
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// config is an account of sources.starhotel (docs/contract.md).
type config struct {
	extract.Settings `yaml:",inline"`

	PMSID      int64            `yaml:"pms_id" schema:"required"`
	Auth       httpx.AuthConfig `yaml:"auth" schema:"required"`
	DateFormat string           `yaml:"date_format" schema:"date|unix"`
}

// The forms in which days are sent: the document's tables type them as
// timestamps, its notes demand Y-m-d.
const (
	datesAsDay  = "date"
	datesAsUnix = "unix"
)

// defaults are safe guesses: the vendor states no rate and no largest page,
// its default page is 15.
var defaults = extract.Defaults{Rate: 5, Concurrency: 4, PageSize: 50, FirstPage: 1, Lookback: 90 * 24 * time.Hour}

const exampleConfig = `- account: inn                    # a name of your own, unique within starhotel; it is in every row
  base_url: https://pms.example   # where its interface is
  pms_id: 2                       # the hotel's id in the PMS
  auth: {kind: bearer, token: "${STARHOTEL_TOKEN}"}         # or {kind: header, name: "…", value: "…"}
  date_format: date               # date (yyyy-MM-dd) | unix (seconds): how filters are sent
  lookback: 90d                   # orders created in this span are read again every night
  # since: 2025-01-01             # first creation day to load; without it everything the PMS holds
  # rate: 5/s
  # page_size: 50
  # first_page: 1                 # the vendor's number of the first page, 0 or 1: nightaudit probe finds out
`

// open validates an account's configuration; it calls nobody.
func open(decode func(into any) error, env extract.Env) (extract.Source, error) {
	a := &account{env: env, seen: map[string]bool{}}
	c := &a.config
	c.Auth.Kinds = []httpx.Kind{httpx.Bearer, httpx.Header}
	if err := decode(c); err != nil {
		return nil, err
	}
	if err := c.Complete(defaults, env); err != nil {
		return nil, err
	}
	if c.PMSID <= 0 {
		return nil, extract.BadKey("pms_id", "is missing: give the hotel's id in the PMS, a whole number above 0")
	}
	switch c.DateFormat {
	case "":
		c.DateFormat = datesAsDay
	case datesAsDay, datesAsUnix:
	default:
		return nil, extract.BadKey("date_format", "must be "+datesAsDay+" or "+datesAsUnix)
	}
	var err error
	a.client, err = c.Auth.Client(&c.Settings, env, httpx.Options{Check: checkEnvelope, Allow: []httpx.Read{
		{Method: "POST", Path: pathOrders},
		{Method: "POST", Path: pathAccoms},
	}})
	return a, err
}
