package judge

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/nightaudit/nightaudit/sql/scan"
)

// readingTables are the table functions that read the database, or make rows of
// their arguments. DuckDB does not say which of its table functions change settings,
// write, or run the text that they are given, so those that do not are listed.
var readingTables = []string{
	"generate_series", "json_each", "json_tree", "query_table", "range", "repeat", "repeat_row", "summary", "unnest",
	"duckdb_columns", "duckdb_constraints", "duckdb_databases", "duckdb_dependencies", "duckdb_extensions", "duckdb_functions",
	"duckdb_indexes", "duckdb_keywords", "duckdb_memory", "duckdb_optimizers", "duckdb_schemas", "duckdb_sequences",
	"duckdb_settings", "duckdb_table_sample", "duckdb_tables", "duckdb_temporary_files", "duckdb_types", "duckdb_variables", "duckdb_views",
	"icu_calendar_names", "pg_timezone_names",
	"pragma_collations", "pragma_database_size", "pragma_metadata_info", "pragma_platform", "pragma_show", "pragma_storage_info",
	"pragma_table_info", "pragma_user_agent", "pragma_version",
}

// fileTables are those that read files.
var fileTables = []string{
	"glob", "parquet_bloom_probe", "parquet_file_metadata", "parquet_full_metadata", "parquet_kv_metadata", "parquet_metadata",
	"parquet_scan", "parquet_schema", "read_blob", "read_csv", "read_csv_auto", "read_duckdb", "read_json", "read_json_auto",
	"read_json_objects", "read_json_objects_auto", "read_ndjson", "read_ndjson_auto", "read_ndjson_objects", "read_parquet",
	"read_text", "sniff_csv",
}

// volatile are functions with what DuckDB calls side effects that only give
// another value each time.
var volatile = []string{
	"current_connection_id", "current_query", "current_query_id", "current_transaction_id", "error", "gen_random_uuid", "random",
	"stats", "uuid", "uuidv4", "uuidv7",
}

// planning has no side effects and yet evaluates the text that it is given.
const planning = "json_serialize_plan"

// use is a function that a statement names.
type use struct {
	name  string
	table bool // it stands where a table does
}

// readingFunctions refuses functions that do more than read.
func readingFunctions(ctx context.Context, q scan.Querier, statement json.RawMessage, files bool) error {
	var tree any
	if err := json.Unmarshal(statement, &tree); err != nil {
		return fmt.Errorf("read the parsed statement: %w", err)
	}
	uses := map[use]bool{}
	collect(tree, false, uses)
	if len(uses) == 0 {
		return nil
	}
	known, err := engineFunctions(ctx, q)
	if err != nil {
		return err
	}
	byName := func(a, b use) int { return strings.Compare(a.name, b.name) }
	for _, u := range slices.SortedFunc(maps.Keys(uses), byName) {
		if err := known.judge(u, files); err != nil {
			return err
		}
	}
	return nil
}

// collect finds the functions that a parsed statement names, at any depth.
func collect(node any, table bool, uses map[use]bool) {
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			collect(child, false, uses)
		}
	case map[string]any:
		if name, ok := node["function_name"].(string); ok {
			uses[use{strings.ToLower(name), table}] = true
		}
		for key, child := range node {
			collect(child, key == "function" && node["type"] == "TABLE_FUNCTION", uses)
		}
	}
}

// functions are what the engine says of those of its own.
type functions struct {
	tables, effects map[string]bool
}

// engine holds them once they are asked for: they are those of the library that
// is linked in, whatever the database, and listing them takes longer than parsing.
var engine struct {
	sync.Mutex
	functions *functions
}

func engineFunctions(ctx context.Context, q scan.Querier) (*functions, error) {
	engine.Lock()
	defer engine.Unlock()
	if engine.functions != nil {
		return engine.functions, nil
	}
	type row struct {
		name           string
		table, effects bool
	}
	rows, err := scan.All(ctx, q, "queries/functions", nil, func(r *row) []any { return []any{&r.name, &r.table, &r.effects} })
	if err != nil {
		return nil, fmt.Errorf("list the functions of the database engine: %w", err)
	}
	f := &functions{tables: map[string]bool{}, effects: map[string]bool{}}
	for _, r := range rows {
		f.tables[r.name], f.effects[r.name] = r.table, r.effects
	}
	engine.functions = f
	return f, nil
}

// judge lets a name pass that the engine does not know as a function of its
// own: the macros of the database are the program's, and of any other the engine
// says that there is none.
func (f *functions) judge(u use, files bool) error {
	switch {
	case u.table && slices.Contains(fileTables, u.name):
		if files {
			return nil
		}
		return &Refusal{What: u.name + " is refused: a statement reaches nothing but the published database", Hint: "in a query, --allow-files lets it read and write files"}
	case u.table && f.tables[u.name] && !slices.Contains(readingTables, u.name),
		!u.table && f.effects[u.name] && !slices.Contains(volatile, u.name),
		!u.table && u.name == planning:
		return &Refusal{What: "the function " + u.name + " is refused: it does more than read", Hint: "leave it out"}
	}
	return nil
}
