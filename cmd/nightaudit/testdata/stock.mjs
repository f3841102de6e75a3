// Reads a published database and its lake with a stock DuckDB: prints what a
// test compares. Arguments: folder of node_modules, database, lake.
import { createRequire } from "node:module";

const [modules, database, lake] = process.argv.slice(2);
const { DuckDBInstance, version } = createRequire(modules + "/")("@duckdb/node-api");
const instance = await DuckDBInstance.create(database, { access_mode: "READ_ONLY" });
const connection = await instance.connect();
const rows = async (sql) => (await connection.runAndReadAll(sql)).getRowsJson();

const tables = await rows(`SELECT schema_name || '.' || table_name, comment FROM duckdb_tables() WHERE NOT internal ORDER BY 1`);
const views = await rows(`SELECT schema_name || '.' || view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY 1`);
const bare = await rows(`SELECT schema_name || '.' || table_name || '.' || column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL ORDER BY 1`);
for (const [view] of views) {
  await connection.run(`FROM ${view}`);
}
const sums = (from) => `SELECT source, count(*)::VARCHAR, sum(net_amount)::VARCHAR, epoch_ms(min(created_at))::VARCHAR FROM ${from} GROUP BY source ORDER BY source`;
const parquet = (folder) => `read_parquet('${lake}/${folder}/**/*.parquet')`;
const apart = {};
for (const [table] of tables.filter(([name]) => name.startsWith("main."))) {
  const read = `(SELECT * EXCLUDE (business_month) FROM ${parquet(table.slice(5))})`;
  const kept = `(FROM ${table})`;
  const [[n]] = await rows(`SELECT ((SELECT count(*) FROM (FROM ${read} EXCEPT ALL FROM ${kept})) + (SELECT count(*) FROM (FROM ${kept} EXCEPT ALL FROM ${read})))::VARCHAR`);
  apart[table] = n;
}
console.log(JSON.stringify({
  engine: (await rows("SELECT version()"))[0][0],
  tables, views, bare, apart,
  published: await rows(sums("orders")),
  lake: await rows(sums(parquet("orders"))),
  asOf: await rows("SELECT count(*)::VARCHAR FROM orders_as_of(now())"),
}));
