// Package sheets makes the reconciliation workbook: the summary with its verdict,
// and eleven sheets behind it. A sheet is a function in a file of its own, one or
// two reports of sql/reports, and a line in tabs.
//
// Most sheets are tallies (tally.go): rows, and above them their live sums, each
// compared with the database's own. All reports run in one transaction, so that
// the figures of a workbook are of one moment.
//
// Of this module it imports catalogue, figure, filled, labels, result, scratch
// and workbook.
package sheets
