// Package scratch has the private folders in which files are written before they
// take their place: rows with personal data wait there, so nobody else can read
// them, and what a process that died left behind is swept.
//
// Of this module it imports load/disk.
package scratch
