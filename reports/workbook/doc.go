// Package workbook is the engine of .xlsx files: sheets written from top to
// bottom as a stream, cells from values of a database, styles, tables, charts,
// formulas with their values, pages for print, and a check of the file that was
// written. It knows no report and no statement.
//
// An amount becomes a float64 in excelNumber and nowhere else: that function
// says why it changes no digit.
//
// Of this module it imports labels and result.
package workbook
