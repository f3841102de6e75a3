package guoxiaodi

import "github.com/nightaudit/nightaudit/transform"

// reassign is an event only: a change of courier leaves the order's state as
// it was.
const reassign = "REASSIGN"

const refunded = "REFUNDED"

// expressStatus translates expressStatus (docs/mapping.md, Status).
var expressStatus = transform.StatusMap{
	"WAIT_PAY":     transform.StatusPending,
	"WAIT_TAKE":    transform.StatusConfirmed,
	"WAIT_PICKUP":  transform.StatusInProgress,
	"PICKING":      transform.StatusInProgress,
	"DISTRIBUTION": transform.StatusInProgress,
	"RECEIVED":     transform.StatusCompleted,
	"CANCELED":     transform.StatusCanceled,
	refunded:       transform.StatusRefunded,
}

// status is the state that code stands for: "" for REASSIGN, whose order's
// state derive.sql takes from the event before.
func status(r *transform.Record, code string) string {
	if code == reassign {
		return ""
	}
	return expressStatus.Status(r, "expressStatus", code)
}

// refundStatus is refunded or null: the courier never says that nothing was
// refunded.
func refundStatus(code string) string {
	if code == refunded {
		return transform.RefundRefunded
	}
	return ""
}
