// Package result reads the rows of a query as the database holds them: every
// digit of a decimal and of the numbers inside JSON, every type with its parts.
//
// Query asks for the rows, Rows gives them one after the other, Type says what
// a column holds and writes a value as text (Plain) or as JSON (AppendJSON):
// instants RFC 3339 in UTC, dates yyyy-MM-dd. Sums are sums of decimals: no
// amount is a float64 here.
//
// Of this module it imports sql.
package result
