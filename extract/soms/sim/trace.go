package sim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// Trace is what the vendor can tell of an order's way (SOMS interface document,
// 2.19, 2.61).
type Trace struct {
	Details     []TraceDetail
	WaybillID   string
	State       string // of the carrier, of an express parcel
	Deliveryman string
	Phone       string // the deliveryman's
	// Express is set for a parcel that only the call for express parcels tells of.
	Express bool
	// Refused is the code with which both calls answer that they tell nothing;
	// the document lists none.
	Refused string
}

// TraceDetail is an entry of a trace (SOMS interface document, 2.62).
type TraceDetail struct {
	Time    string `json:"time,omitempty"`
	Address string `json:"address,omitempty"`
	Message string `json:"message,omitempty"`
	Status  string `json:"status,omitempty"`
}

// PutTrace says what is told of an order from now on.
func (v *Vendor) PutTrace(orderID string, t Trace) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.traces[orderID] = t
}

// orderOf is the id in the path of a trace.
func orderOf(path, end string) (id string, ok bool) {
	segment, begins := strings.CutPrefix(path, "orderservice/order/")
	segment, ends := strings.CutSuffix(segment, end)
	if !begins || !ends || segment == "" || strings.Contains(segment, "/") {
		return "", false
	}
	id, err := url.PathUnescape(segment)
	return id, err == nil
}

// traceOf is what is told of an order; a refusal, with status 200 as the
// document shows it, where nothing is.
func (v *Vendor) traceOf(id string) (Trace, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	t := v.traces[id]
	switch {
	case v.orders[id] == nil:
		return t, &failure{http.StatusOK, "order_not_found", "no such order"}
	case t.Refused != "":
		return t, &failure{http.StatusOK, t.Refused, "nothing is told of the parcel of " + t.Deliveryman}
	}
	return t, nil
}

func (v *Vendor) getTrace(id string) handler {
	return func(w http.ResponseWriter, _ *http.Request) error {
		t, err := v.traceOf(id)
		if err != nil {
			return err
		}
		details := t.Details
		if t.Express || details == nil {
			details = []TraceDetail{}
		}
		return v.answerTrace(w, map[string]any{
			"order_id": id, "waybill_id": t.WaybillID, "deliveryman": t.Deliveryman, "deliveryman_phone": t.Phone,
			"longitude": 118.1, "latitude": 24.5, "traces": details,
		})
	}
}

func (v *Vendor) getExpressTrace(id string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.URL.Query().Get("operator") == "" {
			return bad("operator is required")
		}
		t, err := v.traceOf(id)
		if err == nil && !t.Express {
			err = &failure{http.StatusOK, "not_express", "no express parcel"}
		}
		if err != nil {
			return err
		}
		return v.answerTrace(w, map[string]any{
			"state": t.State, "carrier": IDName{ID: "kd", Name: "快递"}, "waybill_id": t.WaybillID, "details": t.Details,
		})
	}
}

func (v *Vendor) answerTrace(w http.ResponseWriter, members map[string]any) error {
	members["success"], members["code"], members["message"] = true, "0", "成功"
	out, err := json.Marshal(members)
	if err != nil {
		return err
	}
	return write(w, out)
}
