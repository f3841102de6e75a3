package starhotel_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/starhotel"
	"github.com/nightaudit/nightaudit/extract/starhotel/sim"
)

const (
	rateCode    = `{"error_code":429,"description":"fail","error_msg":"too many requests"}`
	wrongShape  = `{"error_code":0,"description":"success","data":{"list":{},"total":0}}`
	unknownCode = `{"error_code":4711,"description":"fail","error_msg":""}`
)

func TestConformance(t *testing.T) {
	extracttest.Conformance(t, extracttest.Subject{
		Driver: starhotel.Driver(),
		Lists:  []string{"orders", "accoms"},
		// 20 pages of orders and 20 of accommodations, twice, and once the empty
		// one behind each: the last is full.
		Requests:    2*20 + 1 + 2*20 + 1,
		RateCode:    rateCode,
		WrongShape:  wrongShape,
		UnknownCode: unknownCode,
		New:         func(_ testing.TB, n int) *extracttest.Vendor { return newVendor(n, sim.Options{}) },
		One: func(testing.TB) extracttest.One {
			v := newVendor(0, sim.Options{})
			var due []extract.Due
			for i := range 12 { // too old for the lists
				o := booked(int64(7000+i), until.AddDate(-1, 0, 0))
				v.Handler.(*sim.Vendor).Put(o)
				due = append(due, extract.Due{OrderID: strconv.Itoa(7000 + i), OrderNo: o.OrderNo})
			}
			v.Plan = extract.Plan{Until: until, State: extract.State{Due: due}}
			return extracttest.One{
				Vendor: v,
				Order:  due[5].OrderID,
				Of: func(r *http.Request, body string) bool {
					return strings.HasSuffix(r.URL.Path, "/pmsOrder/list") && strings.Contains(body, due[5].OrderNo)
				},
			}
		},
	})
}

// A vendor that ignores the page number: the lists are cut by days, and a
// small answer by status, for a day has 48 orders.
func TestConformanceWithoutPaging(t *testing.T) {
	extracttest.Conformance(t, extracttest.Subject{
		Driver:      starhotel.Driver(),
		Lists:       []string{"orders", "accoms"},
		EndlessMax:  100,
		SpareFaults: true,
		Unpaged:     true,
		RateCode:    rateCode,
		WrongShape:  wrongShape,
		UnknownCode: unknownCode,
		New: func(_ testing.TB, n int) *extracttest.Vendor {
			return newVendor(n, sim.Options{IgnorePaging: true, IgnoreListPaging: true, AnswerRows: max(20, n/8)})
		},
	})
}

// newVendor sorts by id, the newest first; ids are given so that an order
// that is put late appears on any page.
func newVendor(n int, o sim.Options) *extracttest.Vendor {
	id := func(i int) int64 { return int64(i*7919%100003 + 1) }
	numbered := func(i int) sim.Order {
		o := booked(id(i), until.Add(-time.Duration(1+i%2000)*30*time.Minute))
		o.OrderStatus = []int{110, 130, 180}[i%3]
		o.Accoms[0].AccomStatus = []int{40, 90, 80}[i%3]
		return o
	}
	touched := func(i int) sim.Order {
		o := numbered(i)
		o.OrderStatus, o.Accoms[0].AccomStatus = 170, 70
		return o
	}
	o.Token, o.Zone = "t0ken", shanghai
	v := sim.New(o)
	for i := range n {
		v.Put(numbered(i))
	}
	return &extracttest.Vendor{
		Handler: v,
		Depart:  v.Depart,
		Config:  "pms_id: 2\nauth: {kind: bearer, token: t0ken}",
		Plan:    extract.Plan{Since: until.AddDate(0, 0, -45), Until: until},
		ID:      func(i int) string { return strconv.FormatInt(id(i), 10) },
		Put:     func(i int) { v.Put(numbered(i)) },
		Touch:   func(i int) bool { v.Put(touched(i)); return true },
		Delete:  func(i int) { v.Delete(id(i)) },
		IsRead:  func(r *http.Request) bool { return true },
	}
}
