package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
)

// query is a validated request.
type query struct {
	accoms bool

	OrderStatus    *int            `json:"order_status"`
	SearchType     int             `json:"search_type"`
	SearchStr      string          `json:"search_str"`
	DateSearchType int             `json:"date_search_type"`
	StartDate      json.RawMessage `json:"start_date"`
	EndDate        json.RawMessage `json:"end_date"`
	CashierStatus  *int            `json:"cashier_status"`
	CreatorIDs     []int64         `json:"creator_ids"`
	Page           *int            `json:"page"`
	PageSize       *int            `json:"page_size"`
	PMSID          *int64          `json:"pms_id"`
	RoomIDs        []int64         `json:"room_ids"`
	AccomTypes     []int           `json:"accom_types"`
	AccomStatus    []int           `json:"accom_status"`
	CheckoutStatus *int            `json:"checkout_status"`

	from, until time.Time // half-open; zero without a date filter
	none        bool      // it finds nothing
}

// parse reads a request and refuses what the document does not allow.
func (v *Vendor) parse(body []byte, accoms bool) (*query, error) {
	q := &query{accoms: accoms}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(q); err != nil {
		return nil, fmt.Errorf("parameters: %w", err)
	}
	searches, dates := 4, 2
	if accoms {
		searches, dates = 5, 4
	}
	switch {
	case q.PMSID == nil:
		return nil, errors.New("pms_id is required")
	case *q.PMSID != v.o.PMSID:
		return nil, errors.New("pms_id is not one of yours")
	case q.SearchStr != "" && (q.SearchType < 1 || q.SearchType > searches):
		return nil, errors.New("search_type is required with search_str")
	case q.DateSearchType < 0 || q.DateSearchType > dates:
		return nil, errors.New("date_search_type is unknown")
	case accoms && (q.OrderStatus != nil || q.CashierStatus != nil):
		return nil, errors.New("no such parameter of this interface")
	case !accoms && (q.RoomIDs != nil || q.AccomTypes != nil || q.AccomStatus != nil || q.CheckoutStatus != nil):
		return nil, errors.New("no such parameter of this interface")
	case q.Page != nil && v.o.Paging.Refuses(*q.Page), q.PageSize != nil && *q.PageSize < 1:
		return nil, errors.New("page and page_size start at 1")
	}
	if q.DateSearchType == 0 {
		return q, nil
	}
	var err, endErr error
	q.from, err = v.day(q.StartDate)
	q.until, endErr = v.day(q.EndDate)
	switch wrong := errors.Join(err, endErr); {
	case wrong != nil && v.o.WrongDates == "":
		return nil, fmt.Errorf("start_date and end_date: %w", wrong)
	case wrong != nil:
		q.none, q.DateSearchType = v.o.WrongDates == "empty", 0
		return q, nil
	}
	if q.until.Before(q.from) {
		return nil, errors.New("end_date must not be before start_date")
	}
	if v.o.AnyDay {
		q.DateSearchType = 0
	}
	if v.o.BeginExclusive {
		q.from = q.from.AddDate(0, 0, 1)
	}
	if !v.o.EndExclusive {
		q.until = q.until.AddDate(0, 0, 1)
	}
	return q, nil
}

// day reads a day of a filter in the one form that this vendor takes.
func (v *Vendor) day(raw json.RawMessage) (time.Time, error) {
	text := string(raw)
	if v.o.UnixDates {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || len(text) != 10 {
			return time.Time{}, errors.New("must be a timestamp of 10 digits")
		}
		y, m, d := time.Unix(n, 0).In(v.o.Zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, v.o.Zone), nil
	}
	t, err := time.ParseInLocation(`"2006-01-02"`, text, v.o.Zone)
	if err != nil {
		return time.Time{}, errors.New("must be of the form Y-m-d")
	}
	return t, nil
}

// find answers a query, newest order first, as the samples do, unless Options say
// otherwise.
func (v *Vendor) find(q *query) list {
	var orders []Order
	var withAccoms []accomOrder
	ids := make([]int64, 0, len(v.orders))
	for id := range v.orders {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	if !v.o.OldestFirst {
		slices.Reverse(ids)
	}
	if v.o.Moves && len(ids) > 0 {
		v.moved++
		first := v.moved % len(ids)
		ids = slices.Concat(ids[first:], ids[:first])
	}
	for _, id := range ids {
		o := v.orders[id]
		if !q.matches(o) {
			continue
		}
		if !q.accoms {
			orders = append(orders, *o)
			continue
		}
		a := accomOrder{OrderID: o.OrderID, Name: o.Name, Phone: o.Phone}
		for i := range o.Accoms {
			if q.matchesAccom(&o.Accoms[i]) {
				a.Accoms = append(a.Accoms, o.Accoms[i])
			}
		}
		if len(a.Accoms) > 0 {
			withAccoms = append(withAccoms, a)
		}
	}
	if q.accoms {
		return cut(v, q, withAccoms, v.o.IgnorePaging)
	}
	return cut(v, q, orders, v.o.IgnoreListPaging)
}

// cut takes the page that was asked for, or where that is ignored the first one.
func cut[T any](v *Vendor, q *query, rows []T, ignore bool) list {
	paging, page, size := v.o.Paging, 1, 15
	if q.PageSize != nil {
		size = *q.PageSize
	}
	if ignore {
		paging.Single, size = true, v.o.AnswerRows
	}
	if q.Page != nil && !ignore {
		page = *q.Page
	}
	from, to := paging.Cut(page, size, v.PageSize(size), len(rows))
	part := rows[from:to]
	if part == nil {
		part = []T{}
	}
	return list{List: part, Total: v.Total(len(rows)+v.o.ExtraTotal, len(part), page), PageNo: page, PageSize: size, rows: len(rows)}
}

func (q *query) within(t time.Time) bool { return !t.Before(q.from) && t.Before(q.until) }

func (q *query) matches(o *Order) bool {
	if q.none {
		return false
	}
	if q.OrderStatus != nil && *q.OrderStatus != o.OrderStatus {
		return false
	}
	if q.SearchStr != "" {
		text := map[int]string{1: o.OrderNo, 2: o.Name, 3: o.Phone, 4: o.Remark}[q.SearchType]
		if q.SearchType < 5 && !strings.Contains(text, q.SearchStr) {
			return false
		}
	}
	if len(q.CreatorIDs) > 0 {
		id, err := strconv.ParseInt(o.CreatorID, 10, 64)
		if err != nil || !slices.Contains(q.CreatorIDs, id) {
			return false
		}
	}
	if q.CashierStatus != nil && *q.CashierStatus != cashier(o) {
		return false
	}
	if q.accoms {
		return true
	}
	switch q.DateSearchType {
	case 1:
		return q.within(time.Time(o.CreatedAt))
	case 2:
		return q.within(time.Unix(o.ServiceDate, 0))
	}
	return true
}

// cashier is 100 underpaid, 110 settled, 120 overpaid.
func cashier(o *Order) int {
	total, ok1 := new(big.Rat).SetString(o.TotalAmount)
	paid, ok2 := new(big.Rat).SetString(o.TotalPayedAmount)
	if !ok1 || !ok2 {
		return 0
	}
	return 110 + 10*paid.Cmp(total)
}

func (q *query) matchesAccom(a *Accom) bool {
	switch {
	case q.SearchStr != "" && q.SearchType == 5 && !strings.Contains(a.RoomName, q.SearchStr),
		len(q.RoomIDs) > 0 && !slices.Contains(q.RoomIDs, a.RoomID),
		len(q.AccomTypes) > 0 && !slices.Contains(q.AccomTypes, a.Type),
		len(q.AccomStatus) > 0 && !slices.Contains(q.AccomStatus, a.AccomStatus),
		q.CheckoutStatus != nil && *q.CheckoutStatus != a.CheckoutStatus:
		return false
	}
	in, out := time.Unix(a.CheckinStartTime, 0), time.Unix(a.CheckinEndTime, 0)
	switch q.DateSearchType {
	case 1:
		return q.within(in)
	case 2:
		return q.within(out)
	case 3:
		return q.within(time.Unix(a.CreatedDate, 0))
	case 4:
		return in.Before(q.until) && out.After(q.from)
	}
	return true
}
