// Package recon checks what is loaded: it runs every rule of sql/checks over
// the database and keeps recon.breaks, one row for each thing that does not
// add up.
//
// A rule only selects what is expected and what is stated. This package does
// what all rules have in common: which orders are looked at in this run, which
// order of one system is which of another (recon.links), the difference, the
// tolerance, the reason out of a closed list, the explanation in two
// languages, the break's id, and its life from the run that first sees it to
// the one in which it no longer holds.
//
// Amounts are compared as DECIMAL by the database; none passes through Go.
package recon
