// Package judge says whether a statement only reads: people's own SQL, in a query
// or in a report, runs when it is one SELECT whose functions do nothing but
// read.
//
// DuckDB's own parser takes the statement apart (json_serialize_sql, which knows
// SELECT alone), so what stands behind PREPARE, EXECUTE, EXPLAIN or COPY is never
// asked for, and DuckDB's own list of functions tells which have side effects.
//
// Of this module it imports sql.
package judge
