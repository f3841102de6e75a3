package extract

// KnownQuery says which numbers of another source's orders an account asks
// its vendor for. The pipeline answers it from the warehouse (Plan.Known).
type KnownQuery struct {
	Source, Account string   // whose orders: "soms", "retail"
	Carriers        []string // orders with a delivery of one of these carriers
	Key             KnownKey // which of the order's numbers
}

// KnownKey is the column that holds the number.
type KnownKey string

// The numbers of an order that another vendor may know it by.
const (
	KnownOrderID KnownKey = "order_id"   // orders.order_id
	KnownOrderNo KnownKey = "order_no"   // orders.order_no
	KnownWaybill KnownKey = "waybill_no" // deliveries.waybill_no of that carrier
)

// KnowsFrom is implemented by accounts that have no list of their own and
// take numbers from another source. ok is false where the account is not
// configured to.
type KnowsFrom interface {
	KnownFrom() (q KnownQuery, ok bool)
}
