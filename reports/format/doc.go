// Package format writes the rows of a query in the formats of Names: for a
// terminal and a page (table, markdown), for programs (csv, json, jsonl,
// parquet), and for a spreadsheet (xlsx).
//
// Of this module it imports result, labels, workbook and scratch.
package format
