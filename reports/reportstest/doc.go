// Package reportstest holds what tests of the rooms under reports share: the
// database of a small hotel group (fixture.sql), and a look into workbooks.
//
// It imports sql and nothing else of this module.
package reportstest
