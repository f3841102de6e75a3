package reportstest

import "strings"

// Escape is a statement of people's own, and what must become of it. In its text
// DB stands for the path of the published file and DIR for its folder.
type Escape struct {
	SQL string
	// Refused is in the message; "" where the statement is taken.
	Refused string
	// Want is its result as CSV, "" where any will do.
	Want string
	// InQuery is set where a query takes it, and a report does not.
	InQuery bool
}

// Escapes are statements that try to do more than read, and such as only read
// and look alike. Whoever runs them compares the folder before and after.
func Escapes(db, dir string) []Escape {
	list := append(wrappedWrites(), otherKinds...)
	list = append(list, functionsRefused...)
	list = append(list, hidden...)
	list = append(list, taken...)
	for i := range list {
		list[i].SQL = strings.NewReplacer("{DB}", db, "{DIR}", dir).Replace(list[i].SQL)
	}
	return list
}

// wrappedWrites are writes to every name that DuckDB allows beside a database,
// as they stand and behind each kind of statement that can hold them.
func wrappedWrites() []Escape {
	var list []Escape
	for _, target := range []string{"{DB}", "{DB}.wal", "{DB}.wal.checkpoint", "{DB}.wal.recovery", "{DIR}/other.csv", "{DB}.tmp/x"} {
		write := "COPY (SELECT 1 AS a) TO '" + target + "' (FORMAT csv, USE_TMP_FILE false)"
		list = append(list,
			Escape{SQL: write, Refused: "COPY is refused"},
			Escape{SQL: strings.Replace(write, "SELECT 1 AS a", "SELECT 'x'::BLOB AS a", 1), Refused: "COPY is refused"},
			Escape{SQL: strings.Replace(write, "FORMAT csv", "FORMAT blob", 1), Refused: "COPY is refused"},
			Escape{SQL: strings.Replace(write, "FORMAT csv", "FORMAT parquet", 1), Refused: "COPY is refused"},
			Escape{SQL: "PREPARE p AS " + write + "; EXECUTE p", Refused: "PREPARE is refused"},
			Escape{SQL: "EXPLAIN ANALYZE " + write, Refused: "COPY is refused"},
			Escape{SQL: "EXPLAIN " + write, Refused: "COPY is refused"},
			Escape{SQL: "SELECT 1; " + write, Refused: "COPY is refused"},
			Escape{SQL: "CREATE TEMP TABLE t AS " + write, Refused: "COPY is refused"},
			Escape{SQL: "SELECT * FROM (" + write + ")", Refused: "Parser Error"},
		)
	}
	return list
}

// otherKinds are statements that are no SELECT.
var otherKinds = []Escape{
	{SQL: "EXECUTE p", Refused: "EXECUTE is refused"},
	{SQL: "DEALLOCATE p", Refused: "DEALLOCATE is refused"},
	{SQL: "PREPARE p AS SELECT 1", Refused: "PREPARE is refused"},
	{SQL: "PREPARE p AS SET threads = 1", Refused: "Parser Error"},
	{SQL: "EXPLAIN PREPARE p AS SELECT 1", Refused: "PREPARE is refused"},
	{SQL: "EXPLAIN ANALYZE EXECUTE p", Refused: "EXECUTE is refused"},
	{SQL: "EXPLAIN ANALYZE INSERT INTO orders (order_id) VALUES ('x')", Refused: "INSERT is refused"},
	{SQL: "EXPLAIN ANALYZE DELETE FROM orders", Refused: "DELETE is refused"},
	{SQL: "EXPLAIN ANALYZE CREATE TABLE x AS SELECT 1", Refused: "CREATE is refused"},
	{SQL: "EXPLAIN EXPLAIN SELECT 1", Refused: "EXPLAIN is refused"},
	{SQL: "EXPLAIN (ANALYZE) COPY (SELECT 1) TO '{DB}.wal'", Refused: "Parser Error"},
	{SQL: "EXPLAIN CALL enable_logging()", Refused: "CALL or CHECKPOINT is refused"},
	{SQL: "EXPLAIN ANALYZE SET threads = 1", Refused: "SET, RESET or USE is refused"},
	{SQL: "COPY orders TO '{DIR}/o.csv'", Refused: "COPY is refused"},
	{SQL: "COPY orders FROM '{DB}'", Refused: "COPY is refused"},
	{SQL: "COPY FROM DATABASE nightaudit TO memory", Refused: "COPY is refused"},
	{SQL: "EXPORT DATABASE '{DIR}/all'", Refused: "EXPORT is refused"},
	{SQL: "IMPORT DATABASE '{DIR}/all'", Refused: "IMPORT is refused"},
	{SQL: "ATTACH '{DB}' AS again", Refused: "ATTACH is refused"},
	{SQL: "ATTACH '{DB}.wal' AS log", Refused: "ATTACH is refused"},
	{SQL: "ATTACH ':memory:' AS m", Refused: "ATTACH is refused"},
	{SQL: "ATTACH OR REPLACE '{DB}' AS nightaudit (READ_WRITE)", Refused: "ATTACH is refused"},
	{SQL: "DETACH nightaudit", Refused: "DETACH is refused"},
	{SQL: "INSTALL httpfs", Refused: "INSTALL or LOAD is refused"},
	{SQL: "FORCE INSTALL httpfs", Refused: "FORCE is refused"},
	{SQL: "LOAD httpfs", Refused: "INSTALL or LOAD is refused"},
	{SQL: "LOAD '{DIR}/x.duckdb_extension'", Refused: "INSTALL or LOAD is refused"},
	{SQL: "UPDATE EXTENSIONS", Refused: "UPDATE is refused"},
	{SQL: "SET threads = 1", Refused: "SET, RESET or USE is refused"},
	{SQL: "SET GLOBAL enable_external_access = true", Refused: "SET, RESET or USE is refused"},
	{SQL: "SET SESSION profiling_output = '{DB}.wal'", Refused: "SET, RESET or USE is refused"},
	{SQL: "SET VARIABLE a = 1", Refused: "SET, RESET or USE is refused"},
	{SQL: "RESET lock_configuration", Refused: "SET, RESET or USE is refused"},
	{SQL: "RESET VARIABLE a", Refused: "SET, RESET or USE is refused"},
	{SQL: "USE temp", Refused: "SET, RESET or USE is refused"},
	{SQL: "PRAGMA enable_profiling", Refused: "PRAGMA is refused"},
	{SQL: "PRAGMA profiling_output = '{DB}.wal'", Refused: "PRAGMA is refused"},
	{SQL: "PRAGMA table_info('orders')", Refused: "PRAGMA is refused"},
	{SQL: "PRAGMA json_execute_serialized_sql('{}')", Refused: "PRAGMA is refused"},
	{SQL: "PRAGMA import_database('{DIR}')", Refused: "PRAGMA is refused"},
	{SQL: "PRAGMA copy_database('a', 'b')", Refused: "PRAGMA is refused"},
	{SQL: "PRAGMA force_checkpoint", Refused: "PRAGMA is refused"},
	{SQL: "PRAGMA add_parquet_key('k', '0123456789112345')", Refused: "PRAGMA is refused"},
	{SQL: "CALL enable_logging('QueryLog', storage = 'file', storage_path = '{DIR}')", Refused: "CALL or CHECKPOINT is refused"},
	{SQL: "CALL enable_profiling('json', save_location = '{DB}.wal')", Refused: "CALL or CHECKPOINT is refused"},
	{SQL: "CALL pragma_version()", Refused: "CALL or CHECKPOINT is refused"},
	{SQL: "CHECKPOINT", Refused: "CALL or CHECKPOINT is refused"},
	{SQL: "FORCE CHECKPOINT nightaudit", Refused: "FORCE is refused"},
	{SQL: "VACUUM", Refused: "VACUUM is refused"},
	{SQL: "ANALYZE", Refused: "ANALYZE is refused"},
	{SQL: "BEGIN", Refused: "BEGIN is refused"},
	{SQL: "COMMIT", Refused: "COMMIT is refused"},
	{SQL: "ROLLBACK", Refused: "ROLLBACK is refused"},
	{SQL: "INSERT INTO orders (source, account, order_id) VALUES ('a', 'b', 'c')", Refused: "INSERT is refused"},
	{SQL: "INSERT OR REPLACE INTO orders BY NAME SELECT 'x' AS order_id", Refused: "INSERT is refused"},
	{SQL: "UPDATE orders SET net_amount = 1000", Refused: "UPDATE is refused"},
	{SQL: "DELETE FROM orders", Refused: "DELETE is refused"},
	{SQL: "TRUNCATE orders", Refused: "TRUNCATE is refused"},
	{SQL: "MERGE INTO orders USING (SELECT 1) s ON false WHEN MATCHED THEN DELETE", Refused: "MERGE is refused"},
	{SQL: "CREATE TABLE x (a INT)", Refused: "CREATE is refused"},
	{SQL: "CREATE TABLE x AS SELECT 1", Refused: "CREATE is refused"},
	{SQL: "CREATE TEMP TABLE x (a INT)", Refused: "CREATE is refused"},
	{SQL: "CREATE TEMP TABLE main.x AS SELECT 1", Refused: "CREATE is refused"},
	{SQL: "CREATE OR REPLACE VIEW orders_by_day AS SELECT 1", Refused: "CREATE is refused"},
	{SQL: "CREATE SCHEMA s", Refused: "CREATE is refused"},
	{SQL: "CREATE SEQUENCE s", Refused: "CREATE is refused"},
	{SQL: "CREATE INDEX i ON orders (order_id)", Refused: "CREATE is refused"},
	{SQL: "CREATE TYPE mood AS ENUM ('a')", Refused: "CREATE is refused"},
	{SQL: "CREATE SECRET (TYPE http)", Refused: "CREATE is refused"},
	{SQL: "CREATE PERSISTENT SECRET s (TYPE http)", Refused: "CREATE is refused"},
	{SQL: "CREATE TEMP MACRO f() AS TABLE SELECT * FROM enable_logging()", Refused: "CREATE is refused"},
	{SQL: "CREATE TEMP TABLE x AS EXECUTE p", Refused: "EXECUTE is refused"},
	{SQL: "CREATE TEMP TABLE x AS INSERT INTO orders (order_id) VALUES ('x') RETURNING *", Refused: "INSERT is refused"},
	{SQL: "DROP TABLE orders", Refused: "DROP is refused"},
	{SQL: "DROP SCHEMA audit CASCADE", Refused: "DROP is refused"},
	{SQL: "ALTER TABLE orders ADD COLUMN x INT", Refused: "ALTER is refused"},
	{SQL: "COMMENT ON TABLE orders IS 'x'", Refused: "COMMENT is refused"},
	{SQL: "WITH x AS (INSERT INTO orders (order_id) VALUES ('x') RETURNING *) SELECT * FROM x", Refused: "A CTE needs a SELECT"},
	{SQL: "WITH x AS (DELETE FROM orders RETURNING *) SELECT * FROM x", Refused: "A CTE needs a SELECT"},
	{SQL: "WITH x AS (SELECT 1) INSERT INTO orders (order_id) FROM x", Refused: "cannot be judged"},
	{SQL: "WITH x AS (SELECT 1) DELETE FROM orders", Refused: "cannot be judged"},
	{SQL: "WITH x AS (COPY (SELECT 1) TO '{DB}.wal') SELECT 1", Refused: "Parser Error"},
	{SQL: "FROM orders INSERT INTO orders", Refused: "Parser Error"},
	{SQL: "SELECT 1 INTO x", Refused: "SELECT INTO not supported"},
	{SQL: "PIVOT orders ON source USING sum(net_amount)", Refused: "PIVOT needs its values"},
}

// functionsRefused are SELECTs whose functions do more than read.
var functionsRefused = []Escape{
	{SQL: "SELECT * FROM enable_logging()", Refused: "enable_logging is refused"},
	{SQL: "FROM enable_logging('QueryLog', storage = 'file', storage_path = '{DIR}')", Refused: "enable_logging is refused"},
	{SQL: "FROM system.main.enable_logging()", Refused: "enable_logging is refused"},
	{SQL: `FROM "ENABLE_LOGGING"()`, Refused: "enable_logging is refused"},
	{SQL: "FROM disable_logging()", Refused: "disable_logging is refused"},
	{SQL: "FROM truncate_duckdb_logs()", Refused: "truncate_duckdb_logs is refused"},
	{SQL: "FROM enable_profiling('json', save_location = '{DB}.wal')", Refused: "enable_profiling is refused"},
	{SQL: "FROM disable_profiling()", Refused: "disable_profiling is refused"},
	{SQL: "FROM checkpoint()", Refused: "checkpoint is refused"},
	{SQL: "FROM force_checkpoint()", Refused: "force_checkpoint is refused"},
	{SQL: "FROM enable_peg_parser()", Refused: "enable_peg_parser is refused"},
	{SQL: "FROM check_peg_parser('SELECT 1')", Refused: "check_peg_parser is refused"},
	{SQL: "FROM query('SELECT 1')", Refused: "query is refused"},
	{SQL: "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))", Refused: "json_execute_serialized_sql is refused"},
	{SQL: "SELECT json_serialize_plan('SELECT write_log(1)', optimize := true)", Refused: "json_serialize_plan is refused"},
	{SQL: "SELECT write_log('x')", Refused: "write_log is refused"},
	{SQL: "SELECT ('x').write_log()", Refused: "write_log is refused"},
	{SQL: "SELECT count(*) FROM orders WHERE write_log(order_id) IS NULL", Refused: "write_log is refused"},
	{SQL: "SELECT list_transform([1], lambda x: write_log('x'))", Refused: "write_log is refused"},
	{SQL: "SELECT setseed(0.5)", Refused: "setseed is refused"},
	{SQL: "SELECT nextval('s')", Refused: "nextval is refused"},
	{SQL: "SELECT sleep_ms(1)", Refused: "sleep_ms is refused"},
	{SQL: "FROM arrow_scan(1::UBIGINT::POINTER, 2::UBIGINT::POINTER, 3::UBIGINT::POINTER)", Refused: "arrow_scan is refused"},
	{SQL: "FROM seq_scan()", Refused: "seq_scan is refused"},
	{SQL: "FROM which_secret('x', 'y')", Refused: "which_secret is refused"},
	{SQL: "FROM sql_auto_complete('SEL')", Refused: "sql_auto_complete is refused"},
	{SQL: "SELECT * FROM read_csv('{DIR}/x.csv')", Refused: "read_csv is refused"},
	{SQL: "SELECT * FROM read_blob('{DB}')", Refused: "read_blob is refused"},
	{SQL: "SELECT * FROM read_text('/etc/hostname')", Refused: "read_text is refused"},
	{SQL: "SELECT * FROM read_json('{DIR}/x.json')", Refused: "read_json is refused"},
	{SQL: "SELECT * FROM read_parquet('{DIR}/*.parquet')", Refused: "read_parquet is refused"},
	{SQL: "SELECT * FROM parquet_metadata('{DIR}/x.parquet')", Refused: "parquet_metadata is refused"},
	{SQL: "SELECT * FROM read_duckdb('{DB}', table_name = 'orders')", Refused: "read_duckdb is refused"},
	{SQL: "SELECT * FROM glob('{DIR}/*')", Refused: "glob is refused"},
	{SQL: "SELECT * FROM sniff_csv('{DIR}/x.csv')", Refused: "sniff_csv is refused"},
	{SQL: "SELECT * FROM '{DIR}/x.csv'", Refused: "Permission Error"},
	{SQL: "SELECT * FROM '{DB}'", Refused: "Error"},
	{SQL: "SELECT * FROM 'https://example.com/x.parquet'", Refused: "Permission Error"},
	{SQL: "WITH a AS (SELECT * FROM enable_logging()) SELECT 1", Refused: "enable_logging is refused"},
	{SQL: "SELECT (SELECT count(*) FROM enable_logging())", Refused: "enable_logging is refused"},
	{SQL: "SELECT 1 WHERE EXISTS (FROM enable_logging())", Refused: "enable_logging is refused"},
	{SQL: "SELECT 1 UNION ALL SELECT 2 FROM enable_logging()", Refused: "enable_logging is refused"},
	{SQL: "SELECT * FROM orders o, LATERAL (FROM enable_logging())", Refused: "enable_logging is refused"},
	{SQL: "SELECT * FROM orders JOIN enable_logging() ON true", Refused: "enable_logging is refused"},
	{SQL: "SELECT 1 ORDER BY (SELECT count(*) FROM enable_logging())", Refused: "enable_logging is refused"},
	{SQL: "SELECT 1 LIMIT (SELECT count(*) FROM enable_logging())", Refused: "enable_logging is refused"},
	{SQL: "SELECT count(*) FILTER (write_log('x') IS NULL) FROM orders", Refused: "write_log is refused"},
	{SQL: "SELECT sum(1) OVER (ORDER BY write_log('x')) FROM orders", Refused: "write_log is refused"},
	{SQL: "PIVOT (SELECT * FROM enable_logging()) ON a IN (1) USING count(*)", Refused: "enable_logging is refused"},
	{SQL: "UNPIVOT (SELECT 1 AS a FROM enable_logging()) ON a", Refused: "enable_logging is refused"},
	{SQL: "SUMMARIZE SELECT * FROM enable_logging()", Refused: "enable_logging is refused"},
	{SQL: "DESCRIBE FROM enable_logging()", Refused: "enable_logging is refused"},
	{SQL: "VALUES (write_log('x'))", Refused: "write_log is refused"},
	{SQL: "WITH RECURSIVE r AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM r, enable_logging()) FROM r", Refused: "enable_logging is refused"},
	{SQL: "EXPLAIN ANALYZE SELECT * FROM enable_logging()", Refused: "enable_logging is refused"},
	{SQL: "CREATE TEMP VIEW v AS SELECT * FROM enable_logging(); FROM v", Refused: "enable_logging is refused"},
	{SQL: "CREATE TEMP TABLE t AS SELECT write_log('x')", Refused: "write_log is refused"},
}

// hidden try to have a statement taken for another one.
var hidden = []Escape{
	{SQL: "/* SELECT */ COPY (SELECT 1) TO '{DB}.wal'", Refused: "COPY is refused"},
	{SQL: "-- SELECT\nCOPY (SELECT 1) TO '{DB}.wal'", Refused: "COPY is refused"},
	{SQL: "-- a\rCOPY (SELECT 1) TO '{DB}.wal' (USE_TMP_FILE false);\nEXPLAIN SELECT 1", Refused: "refused"},
	{SQL: "--\rCOPY (SELECT 1) TO '{DB}.wal' (USE_TMP_FILE false); SELECT 1", Refused: "refused"},
	{SQL: "/* a */ COPY (SELECT 1) TO '{DB}.wal' /* b */", Refused: "COPY is refused"},
	{SQL: "/* /* */ */ COPY (SELECT 1) TO '{DB}.wal'", Refused: "refused"},
	{SQL: "EXPLAIN /* */ COPY (SELECT 1) TO '{DB}.wal'", Refused: "COPY is refused"},
	{SQL: "CREATE /* x */ TEMP TABLE t AS COPY (SELECT 1) TO '{DB}.wal'", Refused: "Parser Error"},
	{SQL: "CREATE /* x */ TEMP TABLE t AS SELECT 1", Refused: "CREATE is refused"},
	{SQL: "SELECT 'a;b'; COPY (SELECT 1) TO '{DB}.wal'", Refused: "COPY is refused"},
	{SQL: "SELECT $$;$$; COPY (SELECT 1) TO '{DB}.wal'", Refused: "COPY is refused"},
	{SQL: "SELECT E'\\'; COPY (SELECT 1) TO ''{DB}.wal'''; DELETE FROM orders", Refused: "refused"},
	{SQL: "SELECT 1) TO '{DB}.wal'; --", Refused: "Parser Error"},
	{SQL: "SELECT 1); COPY (SELECT 1) TO '{DB}.wal' (USE_TMP_FILE false); SELECT (1", Refused: "Parser Error"},
	{SQL: "\u00a0COPY (SELECT 1) TO '{DB}.wal'", Refused: "SELECT"},
	{SQL: "\ufeffCOPY (SELECT 1) TO '{DB}.wal'", Refused: "Only SELECT statements"},
	{SQL: "copy (select 1) to '{DB}.wal'", Refused: "COPY is refused"},
	{SQL: `CREATE TEMP TABLE "t AS SELECT 1; COPY (SELECT 1) TO '{DB}.wal'`, Refused: "Parser Error"},
	{SQL: `CREATE TEMP TABLE "t" AS SELECT 1; DROP TABLE "t"`, Refused: "DROP is refused"},
	{SQL: "EXPLAIN SELECT 1; EXECUTE p", Refused: "EXECUTE is refused"},
	{SQL: "SELECT 1;;; SET threads = 1; SELECT 2", Refused: "SET, RESET or USE is refused"},
}

// taken only read.
var taken = []Escape{
	{SQL: "SELECT 1 AS n", Want: "n\n1\n"},
	{SQL: "SELECT 1 AS n;", Want: "n\n1\n"},
	{SQL: "(SELECT 1 AS n)", Want: "n\n1\n"},
	{SQL: "VALUES (1), (2)", Want: "col0\n1\n2\n"},
	{SQL: "FROM range(2) t(n)", Want: "n\n0\n1\n"},
	{SQL: "TABLE audit.closes"},
	{SQL: "-- COPY\nSELECT 'COPY' AS copy", Want: "copy\nCOPY\n"},
	{SQL: "/* EXECUTE /* p */ */ SELECT 1 AS n", Want: "n\n1\n"},
	{SQL: "SELECT 'enable_logging()' AS t", Want: "t\nenable_logging()\n"},
	{SQL: "WITH copy AS (SELECT 1 AS n) FROM copy", Want: "n\n1\n"},
	{SQL: "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT max(n) AS n FROM r", Want: "n\n3\n"},
	{SQL: "SELECT count(*) AS n FROM orders WHERE order_id = 'S3'", Want: "n\n1\n"},
	{SQL: "SELECT net_amount FROM nightaudit.main.orders WHERE order_id = 'S3'", Want: "net_amount\n88.8888\n"},
	{SQL: "SELECT count(*) > 0 AS some FROM orders_as_of('2100-01-01'::TIMESTAMPTZ)", Want: "some\ntrue\n"},
	{SQL: "SELECT count(*) >= 0 AS some FROM recon.book_breaks('2026-03-01'::DATE, '2026-03-31'::DATE)", Want: "some\ntrue\n"},
	{SQL: "SELECT sum(net_amount) OVER (ORDER BY order_id) AS s FROM orders WHERE order_id = 'S3'", Want: "s\n88.8888\n"},
	{SQL: "SELECT list_transform([1, 2], lambda x: x + 1) AS l", Want: "l\n\"[2,3]\"\n"},
	{SQL: "SELECT random() < 1 AS r, uuid() IS NOT NULL AS u", Want: "r,u\ntrue,true\n"},
	{SQL: "PIVOT (SELECT 'a' AS k, 1 AS n) ON k IN ('a') USING sum(n)", Want: "a\n1\n"},
	{SQL: "UNPIVOT (SELECT 1 AS a, 2 AS b) ON a, b", Want: "name,value\na,1\nb,2\n"},
	{SQL: "SELECT unnest([1, 2]) AS n", Want: "n\n1\n2\n"},
	{SQL: "SELECT key FROM json_each('{\"a\": 1}')", Want: "key\na\n"},
	{SQL: "SELECT count(*) > 0 AS some FROM duckdb_tables()", Want: "some\ntrue\n"},
	{SQL: "SELECT count(*) > 0 AS some FROM pragma_table_info('orders')", Want: "some\ntrue\n"},
	{SQL: "SELECT count(*) > 0 AS some FROM information_schema.columns", Want: "some\ntrue\n"},
	{SQL: "DESCRIBE orders"},
	{SQL: "DESCRIBE SELECT 1 AS n"},
	{SQL: "SHOW TABLES"},
	{SQL: "SHOW ALL TABLES"},
	{SQL: "SUMMARIZE SELECT 1 AS n"},
	{SQL: "SELECT * FROM (DESCRIBE orders) LIMIT 1"},
	{SQL: "EXPLAIN SELECT 1", InQuery: true},
	{SQL: "EXPLAIN ANALYZE SELECT 1", InQuery: true},
	{SQL: "/* x */ EXPLAIN SELECT 1", InQuery: true},
	{SQL: "CREATE TEMP TABLE a1 AS SELECT 1 AS n; FROM a1", Want: "n\n1\n", InQuery: true},
	{SQL: "CREATE OR REPLACE TEMPORARY TABLE a2 AS (SELECT 1 AS n); FROM a2", Want: "n\n1\n", InQuery: true},
	{SQL: "CREATE TEMP VIEW a3 AS SELECT 1 AS n; FROM a3", Want: "n\n1\n", InQuery: true},
	{SQL: "CREATE TEMP TABLE IF NOT EXISTS \"a 4\" AS FROM range(1) t(n); FROM \"a 4\"", Want: "n\n0\n", InQuery: true},
	{SQL: "SELECT 1; SELECT 2 AS n", Want: "n\n2\n", InQuery: true},
}
