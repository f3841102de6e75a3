package tuya

import "github.com/nightaudit/nightaudit/transform"

// wireOrder is an order as list or detail answer it: the documented fields
// that are loaded (docs/mapping.md). The detail lacks project_id; its request
// was for the account's project.
type wireOrder struct {
	transform.Object

	OrderID       transform.Text    `json:"order_id"`
	ProjectID     transform.Text    `json:"project_id"`
	Source        transform.Text    `json:"order_source" orders:"channel"`
	BizType       transform.Text    `json:"order_biz_type"`
	SecondBizType transform.Text    `json:"second_order_biz_type" orders:"service_type"`
	RoomNo        transform.Private `json:"room_no" orders:"room_no"`
	Status        transform.Text    `json:"order_status" orders:"source_status status"`
	Currency      transform.Text    `json:"currency" orders:"currency"`
	Amount        transform.Decimal `json:"order_amount" orders:"gross_amount net_amount"` // BigDecimal in major units of currency
	Quantity      transform.Integer `json:"quantity" orders:"quantity"`
	CreatedAt     transform.Millis  `json:"create_order_time" orders:"created_at"`
	CancelReason  transform.Text    `json:"cancel_reason" orders:"cancel_reason"`
	GroupID       transform.Text    `json:"checkin_order_group_id" orders:"link_ref"`

	Commodities transform.List[wireCommodity] `json:"commodity_list"`

	_ transform.Computed `orders:"kind flow store_id"`

	// The detail's own.
	FinishedAt transform.Millis             `json:"finish_order_time" orders:"finished_at"`
	CanceledAt transform.Millis             `json:"cancel_order_time" orders:"canceled_at"`
	Customers  transform.List[wireCustomer] `json:"customer_list" options:"private"`
	Invoice    wireInvoice                  `json:"invoice" options:"private"`
}

type wireCommodity struct {
	transform.Object

	ID        transform.Text    `json:"id" order_items:"item_id"`
	Name      transform.Text    `json:"commodity_name" order_items:"title"`
	Quantity  transform.Integer `json:"quantity" order_items:"quantity"`
	UnitPrice transform.Decimal `json:"unit_price" order_items:"unit_price"`
	Amount    transform.Decimal `json:"order_amount" order_items:"total_amount"`
	Currency  transform.Text    `json:"currency" order_items:"currency"`
}

// wireCustomer is a guest.
type wireCustomer struct {
	transform.Object

	Name    transform.Private `json:"customer_name" guests:"name"`
	Contact transform.Private `json:"customer_contact"` // a phone number with country code or an email address
}

// wireInvoice: of the invoice only the type is loaded, the rest is the
// buyer's personal data.
type wireInvoice struct {
	transform.Object
	transform.Filled

	Type transform.Integer `json:"invoice_type" invoices:"type"`
}

var (
	orderFields     = transform.Declare[wireOrder](transform.Words{"status": statuses})
	commodityFields = transform.Declare[wireCommodity](nil)
	customerFields  = transform.Declare[wireCustomer](nil)
	invoiceFields   = transform.Declare[wireInvoice](nil)
)
