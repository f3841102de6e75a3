// Package reports turns the database into what people read: tables on a
// terminal, files in five formats, and the reconciliation workbook.
//
// A report is a .sql file under sql/reports or in the user's own folder: a
// header of "-- key: value" lines and one SELECT, see Catalogue. Values are
// bound to its parameters, never spliced into its text.
//
// Everything here only reads. Amounts travel as DECIMAL from the database to
// the file; the only place where one becomes a float64 is excelNumber, which
// says why that changes no digit.
package reports
