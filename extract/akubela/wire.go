package akubela

import "github.com/nightaudit/nightaudit/transform"

// wireOrder is an order as list or detail answer it: the documented fields
// that are loaded (docs/mapping.md).
type wireOrder struct {
	transform.Object

	OrderID     transform.Text    `json:"order_id"`
	OrderNumber transform.Text    `json:"order_number" orders:"order_no"`
	RoomNo      transform.Private `json:"residence_no" orders:"room_no" stays:"room_no"`
	RoomType    transform.Text    `json:"room_type_name" stays:"room_type"`
	StartTime   transform.UTCTime `json:"start_time" orders:"service_at" stays:"arrival_at"`
	FinishTime  transform.UTCTime `json:"finish_time"` // of the tables
	EndTime     transform.UTCTime `json:"end_time"`    // of every example
	State       transform.Text    `json:"order_state" orders:"source_status status" stays:"source_status status"`

	Guests transform.List[wireGuest] `json:"guests" options:"private"`

	_ transform.Computed `orders:"kind flow" stays:"departure_at"`
}

type wireGuest struct {
	transform.Object

	Name     transform.Private `json:"guest_name" guests:"name"`
	Email    transform.Private `json:"email" guests:"email"` // its row in the tables lost its name
	Phone    transform.Private `json:"phone" guests:"phone"`
	IDCard   transform.Private `json:"id_card" guests:"id_card"`
	Passport transform.Private `json:"passport" guests:"passport"`
}

// wireDetail is what of the detail is loaded; the rest is the list's.
type wireDetail struct {
	transform.Object

	OrderID     transform.Text `json:"order_id"` // of which the document's detail has none
	OrderNumber transform.Text `json:"order_number"`
	Source      transform.Text `json:"source" orders:"channel"`
}

var (
	orderFields  = transform.Declare[wireOrder](transform.Words{"status": statuses})
	guestFields  = transform.Declare[wireGuest](nil)
	detailFields = transform.Declare[wireDetail](nil)
)
