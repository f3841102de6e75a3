package guoxiaodi

import "github.com/nightaudit/nightaudit/transform"

const refunded = "REFUNDED"

// expressStatus translates expressStatus (docs/mapping.md, Status). REASSIGN is
// an event only: a change of courier leaves the order's state as it was, which
// derive.sql takes from the event before.
var expressStatus = transform.StatusMap{
	"WAIT_PAY":     transform.StatusPending,
	"WAIT_TAKE":    transform.StatusConfirmed,
	"REASSIGN":     "",
	"WAIT_PICKUP":  transform.StatusInProgress,
	"PICKING":      transform.StatusInProgress,
	"DISTRIBUTION": transform.StatusInProgress,
	"RECEIVED":     transform.StatusCompleted,
	"CANCELED":     transform.StatusCanceled,
	refunded:       transform.StatusRefunded,
}

// refundStatus is refunded or null: the courier never says that nothing was
// refunded.
func refundStatus(code string) string {
	if code == refunded {
		return transform.RefundRefunded
	}
	return ""
}
