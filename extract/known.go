package extract

import "github.com/nightaudit/nightaudit/transform/ledger"

// KnownKey is the column that holds a number of an order that another vendor
// may know it by.
type KnownKey = ledger.KnownKey

// The columns.
const (
	KnownOrderID = ledger.KnownOrderID
	KnownOrderNo = ledger.KnownOrderNo
	KnownWaybill = ledger.KnownWaybill
)

// KnowsFrom is implemented by accounts that have no list of their own and
// take numbers from another source. ok is false where the account is not
// configured to.
type KnowsFrom interface {
	KnownFrom() (q KnownQuery, ok bool)
}
