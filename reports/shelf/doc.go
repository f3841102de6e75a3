// Package shelf keeps the folder in which reconciliation workbooks lie, and in
// which finance writes into them: it knows which of them somebody saved, and
// puts a new one in place without ever losing what somebody wrote.
//
// Of this module it imports page, workbook and load/disk.
package shelf
