// Package sim is a simulator of Akubela's hotel function API, built from the
// vendor's document (docs/sources/akubela.md) and from
// nothing of the source that reads it. Tests and the demo use it.
package sim

import (
	"encoding/json"
	"time"
)

// Order is an order as the vendor holds it: the fields of its document, in
// its spelling. Source, Remark and EnableBooking are answered by the detail
// only, which in turn lacks order_id.
type Order struct {
	OrderID      string  `json:"order_id"`
	OrderNumber  string  `json:"order_number"` // 20 digits
	ResidenceID  string  `json:"residence_id"`
	ResidenceNo  string  `json:"residence_no"` // the room
	RoomTypeID   string  `json:"room_type_id"`
	RoomTypeName string  `json:"room_type_name"`
	StartTime    string  `json:"start_time"` // yyyy-MM-dd HH:mm:ss, UTC
	EndTime      string  `json:"end_time"`   // see Options.FinishKey
	OrderState   string  `json:"order_state"`
	Guests       []Guest `json:"guests"`

	Source        string `json:"source"`
	Remark        string `json:"remark"`
	EnableBooking bool   `json:"enable_booking"`
}

// Guest is a guest of an order.
type Guest struct {
	GuestID   string `json:"guest_id"`
	GuestName string `json:"guest_name"`
	Email     string `json:"email"`
	Phone     string `json:"phone"`
	IDCard    string `json:"id_card"`
	Passport  string `json:"passport"`
}

// layout is the form of the vendor's times.
const layout = "2006-01-02 15:04:05"

// UTC writes t as the vendor does.
func UTC(t time.Time) string { return t.UTC().Format(layout) }

// row is an order as an answer shows it.
type row struct {
	OrderID      string  `json:"order_id,omitempty"`
	OrderNumber  string  `json:"order_number"`
	ResidenceID  string  `json:"residence_id"`
	ResidenceNo  string  `json:"residence_no"`
	RoomTypeID   string  `json:"room_type_id"`
	RoomTypeName string  `json:"room_type_name"`
	StartTime    string  `json:"start_time"`
	EndTime      *string `json:"end_time,omitempty"`
	FinishTime   *string `json:"finish_time,omitempty"`
	OrderState   string  `json:"order_state"`
	*detail
	Guests []Guest `json:"guests"`
}

type detail struct {
	Source        string `json:"source"`
	Remark        string `json:"remark"`
	EnableBooking bool   `json:"enable_booking"`
}

func newRow(o *Order, finishKey string) row {
	r := row{
		OrderID: o.OrderID, OrderNumber: o.OrderNumber, ResidenceID: o.ResidenceID, ResidenceNo: o.ResidenceNo,
		RoomTypeID: o.RoomTypeID, RoomTypeName: o.RoomTypeName, StartTime: o.StartTime, OrderState: o.OrderState,
		Guests: o.Guests,
	}
	if finishKey != "finish_time" {
		r.EndTime = &o.EndTime
	}
	if finishKey != "end_time" {
		r.FinishTime = &o.EndTime
	}
	if t, err := time.Parse(layout, o.EndTime); err == nil && finishKey == "differ" {
		later := UTC(t.AddDate(0, 0, 1))
		r.FinishTime = &later
	}
	return r
}

// MarshalList writes orders as a list's answer: for tests and benchmarks
// that need a page's bytes without a server.
func MarshalList(orders []Order) ([]byte, error) {
	rows := make([]row, len(orders))
	for i := range orders {
		rows[i] = newRow(&orders[i], "end_time")
	}
	return json.Marshal(map[string]any{"success": true, "timestamp": 1724816274618, "result": rows})
}
