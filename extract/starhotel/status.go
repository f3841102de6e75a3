package starhotel

import "github.com/nightaudit/nightaudit/transform"

// orderStatus translates order_status (docs/mapping.md, Status).
var orderStatus = transform.StatusMap{
	"130": transform.StatusPending,
	"110": transform.StatusConfirmed,
	"170": transform.StatusInProgress,
	"180": transform.StatusCompleted,
	"120": transform.StatusCanceled,
	"140": transform.StatusClosed,
}

// accomStatus translates accom_status; its 110 is closed, not booked.
var accomStatus = transform.StatusMap{
	"90":  transform.StatusPending,
	"40":  transform.StatusConfirmed,
	"70":  transform.StatusInProgress,
	"80":  transform.StatusCompleted,
	"50":  transform.StatusCanceled,
	"100": transform.StatusCanceled,
	"110": transform.StatusClosed,
}

// paymentStatus compares what was paid with the total, exactly. Nothing due
// is paid.
func paymentStatus(total, paid transform.Money) string {
	switch {
	case !total.Valid || !paid.Valid:
		return ""
	case paid.Units == total.Units:
		return transform.PaymentPaid
	case paid.Units > total.Units:
		return transform.PaymentOverpaid
	case paid.Units == 0:
		return transform.PaymentUnpaid
	}
	return transform.PaymentPartial
}
