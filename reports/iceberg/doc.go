// Package iceberg commits published databases to a lake of Apache Iceberg, format
// 2: a table for each published one, in the namespaces main, audit and recon.
//
// DuckDB writes the Parquet files, iceberg-go commits them: a snapshot a night of
// each table that has changed. A data file holds one cell: the whole table while
// that is not more than 8 MB, and then the rows of one source, account and business
// month. These three are columns of the files; business_month is the month that
// reports/lake gives a row. A file is named UUID-DATABASE-DIGEST.parquet, by whose rows it
// holds and by their digest, so that the lake itself says which cells are unchanged, and
// several databases can share one: a writer takes away its own files alone.
//
// All tables of a night become visible together where the catalog has transactions
// over tables (REST). Elsewhere audit.runs is committed last. Either way its snapshot says
// which snapshot of each table belongs to the night (nightaudit.snapshots): who reads the
// tables by that, as Nights gives it, sees one night whole. In a lake that several
// databases share that holds for the rows of the database whose night it is.
//
// Writers of the same database wait for each other by a lock in the warehouse, where that
// is a folder; those of different ones meet in the catalog, which lets one commit
// win, and the other compares anew and commits again.
package iceberg
