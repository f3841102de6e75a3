package sim

import "time"

// ISOTime is an instant as the vendor writes created_at and updated_at:
// 2025-03-11T07:05:42.000000Z.
type ISOTime time.Time

// MarshalJSON writes the instant in UTC with six decimals.
func (t ISOTime) MarshalJSON() ([]byte, error) {
	return []byte(time.Time(t).UTC().Format(`"2006-01-02T15:04:05.000000Z"`)), nil
}

// Order is an order as pmsOrder/list answers it. Amounts are decimal texts
// in yuan ("3700.00"). Accoms are answered by getAccomOrderList only.
type Order struct {
	OrderID          int64    `json:"order_id"`
	PMSID            int64    `json:"pms_id"` // set by the vendor
	OrderNo          string   `json:"order_no"`
	Name             string   `json:"name"`
	Phone            string   `json:"phone"`
	TotalAmount      string   `json:"total_amount"`
	TotalPayedAmount string   `json:"total_payed_amount"`
	Remark           string   `json:"remark"`
	Images           []string `json:"images"`
	Color            string   `json:"color"`
	CreatorID        string   `json:"creator_id"` // documented int, sample "1"
	CreatorName      string   `json:"creator_name"`
	OrderStatus      int      `json:"order_status"` // 110, 120, 130, 140, 170, 180
	ServiceDate      int64    `json:"service_date"` // seconds since 1970
	CreatedAt        ISOTime  `json:"created_at"`
	UpdatedAt        ISOTime  `json:"updated_at"`

	Accoms []Accom `json:"-"`
}

// Accom is the stay of one room. Times are seconds since 1970; TotalAmount
// is the room's amount and what was consumed, Amount the room's alone.
type Accom struct {
	AccomID          int64  `json:"accom_id"`
	RoomID           int64  `json:"room_id"`
	RoomTypeName     string `json:"room_type_name"`
	RoomName         string `json:"room_name"`
	CheckinStartTime int64  `json:"checkin_start_time"`
	CheckinEndTime   int64  `json:"checkin_end_time"`
	TotalAmount      string `json:"total_amount"`
	Amount           string `json:"amount"`
	AccomStatus      int    `json:"accom_status"`    // 40, 50, 70, 80, 90, 100, 110
	CheckoutStatus   int    `json:"checkout_status"` // 10 open, 20 settled
	CreatorName      string `json:"creator_name"`
	CreatedDate      int64  `json:"created_date"`

	// Type is accom_types of the filter (10, 20, 30, 40); it is never
	// answered.
	Type int `json:"-"`
}

// accomOrder is an order as getAccomOrderList answers it.
type accomOrder struct {
	OrderID int64   `json:"order_id"`
	Name    string  `json:"name"`
	Phone   string  `json:"phone"`
	Accoms  []Accom `json:"accoms"`
}
