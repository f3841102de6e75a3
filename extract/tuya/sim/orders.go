// Package sim is a simulator of Tuya's customer service orders, built from
// the vendor's document (docs/sources/tuya.md) and
// from nothing of the source that reads it. Tests and the demo use it.
package sim

import (
	"encoding/json"
	"strconv"
	"time"
)

// Order is an order as the vendor holds it: the fields of its document, in
// its spelling. The list shows the fields up to DeliveryNo and the project;
// the others are answered by the detail only, which lacks the project.
type Order struct {
	SpaceID             string      `json:"space_id"`
	RoomNo              string      `json:"room_no"`
	OrderID             string      `json:"order_id"`
	OrderStatus         string      `json:"order_status"`          // created, producing, finished, canceled
	OrderBizType        string      `json:"order_biz_type"`        // MATERIAL, SERVICE
	SecondOrderBizType  Nullable    `json:"second_order_biz_type"` // FOOD_SERVICE, ROOM_CLEAN, …
	CommodityList       []Commodity `json:"commodity_list"`
	CheckinOrderGroupID Nullable    `json:"checkin_order_group_id"`
	Quantity            int         `json:"quantity"`
	OrderAmount         Amount      `json:"order_amount"` // major units of Currency
	Currency            Nullable    `json:"currency"`
	OrderSource         string      `json:"order_source"` // SMART_SPEAKER, APPLET_WX, APPLET_ALIPAY, APPLET_H5
	CreateOrderTime     Millis      `json:"create_order_time"`
	CancelReason        Nullable    `json:"cancel_reason"`
	DeliveryType        Nullable    `json:"delivery_type"` // robot, manualDelivery
	DeliveryNo          Nullable    `json:"delivery_no"`

	// The detail's own.
	CustomerList    []Customer `json:"customer_list"`
	CheckinStatus   int        `json:"checkin_status"`
	FinishOrderTime Millis     `json:"finish_order_time"`
	CancelOrderTime Millis     `json:"cancel_order_time"`
	Invoice         *Invoice   `json:"invoice"`
}

// Commodity is a line of an order.
type Commodity struct {
	ID            string `json:"id"`
	CommodityName string `json:"commodity_name"`
	UnitPrice     Amount `json:"unit_price"`
	Quantity      int    `json:"quantity"`
	OrderAmount   Amount `json:"order_amount"` // of the line: the document uses the same words as for the order
	Currency      string `json:"currency"`
	IconURL       string `json:"icon_url"`
}

// Customer is a guest of an order's detail.
type Customer struct {
	CustomerName    string `json:"customer_name"`
	CustomerContact string `json:"customer_contact"` // phone with country code, or email
	CheckStatus     int    `json:"check_status"`
}

// Invoice is what an order's detail says of its invoice. It has no amount.
type Invoice struct {
	InvoiceType int    `json:"invoice_type"` // 0 general, 1 VAT
	Name        string `json:"name"`
	TaxNo       string `json:"tax_no"`
	ToEmail     string `json:"to_email"`
	Address     string `json:"address"`
	Telephone   string `json:"telephone"`
	BankAccount string `json:"bank_account"`
	Bank        string `json:"bank"`
}

// Amount is a decimal in major units, written as a JSON number with exactly
// its digits ("10.00"); an empty one is null.
type Amount string

// MarshalJSON writes the digits as they are.
func (a Amount) MarshalJSON() ([]byte, error) {
	if a == "" {
		return []byte("null"), nil
	}
	return []byte(a), nil
}

// Cents is the amount of n hundredths: Cents(1050) is "10.50".
func Cents(n int64) Amount {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	frac := strconv.FormatInt(n%100, 10)
	if len(frac) == 1 {
		frac = "0" + frac
	}
	return Amount(sign + strconv.FormatInt(n/100, 10) + "." + frac)
}

// Nullable is a text that is null where it is empty.
type Nullable string

// MarshalJSON writes null for an empty text.
func (n Nullable) MarshalJSON() ([]byte, error) {
	if n == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(n))
}

// Millis is an instant in 13-digit milliseconds since 1970; 0 is null.
type Millis int64

// At is the instant t.
func At(t time.Time) Millis { return Millis(t.UnixMilli()) }

// MarshalJSON writes null for 0.
func (m Millis) MarshalJSON() ([]byte, error) {
	if m == 0 {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, int64(m), 10), nil
}

// absent hides a field of the embedded order.
type absent struct{}

// listRow is an order as the list shows it.
type listRow struct {
	ProjectID string `json:"project_id"`
	*Order
	CustomerList    *absent `json:"customer_list,omitempty"`
	CheckinStatus   *absent `json:"checkin_status,omitempty"`
	FinishOrderTime *absent `json:"finish_order_time,omitempty"`
	CancelOrderTime *absent `json:"cancel_order_time,omitempty"`
	Invoice         *absent `json:"invoice,omitempty"`
}

// MarshalList writes the orders as the list's data array: for tests and
// benchmarks that need a page's bytes without a server.
func MarshalList(projectID string, total int, orders []Order) ([]byte, error) {
	rows := make([]listRow, len(orders))
	for i := range orders {
		rows[i] = listRow{ProjectID: projectID, Order: &orders[i]}
	}
	return json.Marshal(map[string]any{
		"result":  map[string]any{"total": total, "page_no": 1, "page_size": len(orders), "data": rows},
		"success": true,
		"t":       1712736000234,
	})
}
