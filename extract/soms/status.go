package soms

import "github.com/nightaudit/nightaudit/transform"

// orderStatus translates state (SOMS interface document, 2.40).
var orderStatus = transform.StatusMap{
	"confirmed":  transform.StatusConfirmed,
	"prepared":   transform.StatusConfirmed,
	"approved":   transform.StatusConfirmed,
	"delivering": transform.StatusInProgress,
	"delivered":  transform.StatusCompleted,
	"canceled":   transform.StatusCanceled,
}

// paymentStatus translates payment.state (SOMS interface document, 2.95).
var paymentStatus = transform.StatusMap{
	"notPay":  transform.PaymentUnpaid,
	"earnest": transform.PaymentPartial,
	"paid":    transform.PaymentPaid,
}

// carrierStatus translates delivery.carrier.state (SOMS interface document, 2.8).
var carrierStatus = transform.StatusMap{
	"initial":       transform.StatusPending,
	"created":       transform.StatusPending,
	"createdFailed": transform.StatusPending,
	"dispatched":    transform.StatusConfirmed,
	"arrived":       transform.StatusConfirmed,
	"pickup":        transform.StatusInProgress,
	"pickupFailed":  transform.StatusInProgress,
	"delivering":    transform.StatusInProgress,
	"delivered":     transform.StatusCompleted,
	"canceled":      transform.StatusCanceled,
}
