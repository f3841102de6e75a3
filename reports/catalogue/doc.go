// Package catalogue holds the reports. A report is a .sql file under sql/reports
// or in the user's own folder: a header of "-- key: value" lines and one SELECT.
// Load reads them, Session runs them with their parameters bound, Export writes
// one to a file, Standings tells in which of them an order stands.
//
// Of this module it imports format, labels, result, scratch, shelf, workbook, sql
// and load/disk.
package catalogue
