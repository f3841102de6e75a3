package starhotel

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// searchOrderNo is search_type for order numbers.
const searchOrderNo = 1

// request is the body of both reads (docs/sources/starhotel.md, Reads).
type request struct {
	PMSID          int64           `json:"pms_id"`
	OrderStatus    int             `json:"order_status,omitempty"`
	AccomStatus    []int           `json:"accom_status,omitempty"`
	SearchType     int             `json:"search_type,omitempty"`
	SearchStr      string          `json:"search_str,omitempty"`
	DateSearchType int             `json:"date_search_type,omitempty"`
	StartDate      json.RawMessage `json:"start_date,omitempty"`
	EndDate        json.RawMessage `json:"end_date,omitempty"`
	Page           int             `json:"page"`
	PageSize       int             `json:"page_size"`
}

// listing is one of the two lists.
type listing struct {
	stream   string
	path     string
	what     string // for errors
	created  int    // date_search_type of the creation date
	accoms   bool
	statuses []int // every documented status
}

func listingOf(stream string) listing {
	if stream == streamAccoms || stream == streamRefreshAccoms {
		return listing{stream, pathAccoms, "accommodations", 3, true, []int{40, 50, 70, 80, 90, 100, 110}}
	}
	return listing{stream, pathOrders, "orders", 1, false, []int{110, 120, 130, 140, 170, 180}}
}

// part is a part of a list: days of creation, from and to, and a status.
// Zero values do not filter.
type part struct {
	from, to time.Time
	status   int
}

func (p part) String() string {
	s := "all days"
	if !p.from.IsZero() {
		s = p.from.Format(time.DateOnly) + " to " + p.to.Format(time.DateOnly)
	}
	if p.status != 0 {
		s += ", status " + strconv.Itoa(p.status)
	}
	return s
}

// request is the first page of p.
func (l listing) request(a *account, p part) request {
	r := request{PMSID: a.config.PMSID, Page: a.config.PageNumber(1), PageSize: a.config.PageSize}
	if !p.from.IsZero() {
		r.DateSearchType, r.StartDate, r.EndDate = l.created, a.day(p.from), a.day(p.to)
	}
	switch {
	case p.status == 0:
	case l.accoms:
		r.AccomStatus = []int{p.status}
	default:
		r.OrderStatus = p.status
	}
	return r
}

// day writes midnight t in the configured form.
func (a *account) day(t time.Time) json.RawMessage {
	if a.config.DateFormat == datesAsUnix {
		return strconv.AppendInt(nil, t.Unix(), 10)
	}
	return t.AppendFormat(nil, `"`+time.DateOnly+`"`)
}

func (a *account) do(ctx context.Context, l listing, op string, r request) (*httpx.Answer, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("%s: encode the request: %w", op, err)
	}
	return a.client.Do(ctx, httpx.Call{Op: op, Method: "POST", Path: l.path, Body: body, Shape: listShape, One: r.SearchType == searchOrderNo})
}

func (a *account) ask(ctx context.Context, l listing, op string, r request) (*extract.Page, error) {
	answer, err := a.do(ctx, l, op, r)
	if err != nil {
		return nil, err
	}
	return answer.Page(l.stream), nil
}
