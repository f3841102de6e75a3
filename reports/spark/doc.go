// Package spark runs the reports on a Spark server, over Spark Connect, and reads their
// rows as DuckDB's are read: the same types, every digit of a decimal, instants in UTC.
//
// Connect begins a session of a server, Open takes the lake in one of its catalogs, as it
// was after one run: what it gives is a catalogue.Engine.
//
// Of this module it imports reports/result, reports/spark/wire, load/disk and sql.
package spark
