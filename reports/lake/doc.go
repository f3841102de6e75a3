// Package lake exports a published database as Hive-partitioned Parquet, for
// readers that are no DuckDB: every table by source and business month.
//
//	DIR/orders/source=soms/business_month=2026-03/part-0.parquet
//	DIR/audit/order_versions/source=soms/business_month=2026-03/part-0.parquet
//	DIR/audit/extracts/source=soms/part-0.parquet   no order, so no month
//	DIR/audit/runs/part-0.parquet                   no source either
//	DIR/manifest.json                               what belongs to the lake
//
// The month is that of business_date. main.orders, audit.order_versions and
// recon.breaks go by their own, every other table that names an order by its
// order's, so that an order and its lines are in one month. What has none is in
// __HIVE_DEFAULT_PARTITION__, which readers of Hive partitions take for null.
// source and business_month stand in the path and not in the file: a reader
// that finds a column in both is confused, or refuses.
//
// An export writes only the partitions whose rows have changed since the last
// one. Files are written aside and take their places by rename, so that a
// reader sees whole files only; while they do, a few of them may be of the new
// night and a few of the old. Who must not see that reads manifest.json, which
// is replaced last, and the files that it names.
//
// Of this module it imports load/disk and sql.
package lake
