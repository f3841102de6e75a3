// Package lake exports a published database as Parquet, for readers that are no
// DuckDB: a file for each table and business month.
//
//	DIR/orders/business_month=2026-03/part-0.parquet
//	DIR/audit/order_versions/business_month=2026-03/part-0.parquet
//	DIR/audit/runs/part-0.parquet                   no order, so no month
//	DIR/manifest.json                               what belongs to the lake
//
// Where such a file would hold more than 8 MB (gatheredMost), each account has
// one of its own beside the others:
//
//	DIR/orders/business_month=2026-04/part-soms-retail.parquet
//	DIR/orders/business_month=2026-04/part-tuya-lakeside.parquet
//
// The month is that of business_date. main.orders, audit.order_versions and
// recon.breaks go by their own, every other table that names an order by its
// order's, so that an order and its lines are in one month. What has none is in
// __HIVE_DEFAULT_PARTITION__, which readers of Hive partitions take for null.
// business_month stands in the path and not in the file: a reader that finds a
// column in both is confused, or refuses. All else, source and account among it,
// stands in the files.
//
// An export writes only the files whose rows have changed since the last
// one. Files are written aside and take their places by rename, so that a
// reader sees whole files only; while they do, a few of them may be of the new
// night and a few of the old. Who must not see that reads manifest.json, which
// is replaced last, and the files that it names.
//
// Of this module it imports load/disk and sql.
package lake
