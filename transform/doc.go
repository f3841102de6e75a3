// Package transform decides what a vendor's text is worth.
//
// It owns three things and no input or output: the encodings in which the
// vendors write money, counts and instants (wire.go, money.go, instant.go),
// the canonical rows of every table of the database with their Arrow schemas
// (rows_*.go, columns.go), and the batch in which a source collects rows,
// findings and rejects of the pages it decodes (batch.go).
//
// Nothing is rounded, corrected or dropped in silence: a text that does not
// fit its declared encoding costs its value (a finding) or, where the row is
// meaningless without it, the row (a reject); both keep the raw text.
package transform
