package transform

// The closed vocabularies of main.orders (docs/contract.md).
const (
	KindCommodity      = "commodity"
	KindRoomService    = "room_service"
	KindServiceRequest = "service_request"
	KindStay           = "stay"
	KindRetail         = "retail"
	KindDelivery       = "delivery"

	FlowRevenue = "revenue"
	FlowCost    = "cost"
	FlowMemo    = "memo"

	StatusPending    = "pending"
	StatusConfirmed  = "confirmed"
	StatusInProgress = "in_progress"
	StatusCompleted  = "completed"
	StatusCanceled   = "canceled"
	StatusClosed     = "closed"
	StatusRefunded   = "refunded"

	PaymentUnpaid   = "unpaid"
	PaymentPartial  = "partial"
	PaymentPaid     = "paid"
	PaymentOverpaid = "overpaid"

	RefundNone     = "none"
	RefundRefunded = "refunded"
)

// StatusMap is a source's table of statuses, from the vendor's code to the
// canonical status.
type StatusMap map[string]string

// Status translates a vendor's code. A code that is not in the table is a
// finding and the status null; source_status keeps the code.
func (m StatusMap) Status(r *Record, field, code string) string {
	if code == "" {
		return ""
	}
	status, ok := m[code]
	if !ok {
		r.Finding(field, "a status that the vendor's document does not name", code)
	}
	return status
}

// Revenue is the flow of the account's revenue orders: memo where a PMS of
// the same place already holds their amounts (docs/contract.md, links).
func (o *Origin) Revenue() string {
	if o.MemoOnly {
		return FlowMemo
	}
	return FlowRevenue
}
