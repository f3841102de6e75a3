// Package sheets makes the reconciliation workbook: the summary with its verdict,
// and eleven sheets behind it. A sheet is a function in a file of its own, one or
// two reports of sql/reports, and a line in tabs.
//
// Most sheets are tallies (tally.go): rows, and above them their live sums, each
// compared with the database's own. All reports run in one transaction, so that
// the figures of a workbook are of one moment.
//
// The page beside the workbook (morning.go) is made of the same rows, and each of
// its figures names the cell that it stands in.
//
// Of this module it imports catalogue, figure, filled, labels, page, result,
// scratch, shelf and workbook.
package sheets
