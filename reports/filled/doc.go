// Package filled reads a reconciliation workbook back after finance has written
// status, owner and comment into its sheet of breaks. The names by which the
// sheet and its database are found again are here too: package sheets writes
// them into the workbook.
//
// Of this module it imports catalogue, labels, scratch, workbook, sql and load/disk.
package filled
