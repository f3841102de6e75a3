// Package query opens a published database for reading and runs people's own
// SQL on it.
//
// Open locks the session down before anybody's statement runs: no change to the
// database, no file, no network, no extension, no setting. Run looks at each
// statement before it is run, and refuses those that are none of a query's
// business.
//
// Of this module it imports format, result, scratch and sql.
package query
