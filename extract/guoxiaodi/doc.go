// Package guoxiaodi reads same-city courier orders from 裹小递
// (docs/sources/guoxiaodi.md).
//
// The vendor has no list: an order is asked for by a number that the
// merchant's register, another source's order or a notification gave. The
// register also holds the fees, which no query returns, and notifications
// what a canceled order cost. Status, feed and tips are asked for each number
// that is not yet settled.
package guoxiaodi
