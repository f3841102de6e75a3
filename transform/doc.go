// Package transform decides what a vendor's text is worth.
//
// It owns three things and no input or output: the encodings in which the
// vendors write money, counts and instants (wire.go, money.go, currency.go,
// instant.go, calendar.go) with the declarations of a source's fields
// (fields.go, shape.go), the canonical rows of every table of the database
// with their Arrow schemas (rows.go, tables.go, columns.go), and the batch in
// which a source collects rows, findings and rejects of the pages it decodes
// (batch.go), where instants of one record are compared (clockshift.go).
//
// Nothing is rounded, corrected or dropped in silence: a text that does not
// fit its declared encoding costs its value (a finding) or, where nothing is
// left to know the row by, the row (a reject); both keep the raw text. An
// amount that cannot be read never costs its row: the null shows that a sum
// over it is not known, which a missing row would hide. What every encoding
// makes of almost 500 texts stands in testdata/money.txt and instants.txt.
package transform
