// Package soms reads the SOMS order service of 海鼎鼎力云: retail orders with
// their items, payments, discounts, settlements, deliveries and invoices,
// which of them were refunded, and the customers' reminders.
//
// Orders are asked for by the time of their last change. Where the search
// answers an order without its items, they are asked for by id. The vendor's
// document contradicts itself in places; what is survived and how is told
// beside the fields, in wire.go and decode.go.
package soms
