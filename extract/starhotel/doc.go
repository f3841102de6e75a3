// Package starhotel reads orders and stays from the Star-Lock starhotel PMS
// (docs/sources/starhotel.md).
//
// The vendor filters by creation date, not by change: every night reads a
// trailing window of orders and accommodations, and asks by order number for
// the older orders that are not yet final.
package starhotel
