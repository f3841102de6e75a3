// Package sim is a starhotel vendor in a box: an http.Handler built from the
// vendor's document (docs/sources/starhotel.md), for tests and the demo. It shares no code
// with the source that reads it.
package sim
