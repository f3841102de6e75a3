// Package sim is a guoxiaodi (裹小递) vendor in a box: an http.Handler built
// from the vendor's document (docs/sources/guoxiaodi.md), and the register that a
// merchant's ordering system would keep. It is for tests and the demo and
// shares no code with the source that reads it.
package sim
