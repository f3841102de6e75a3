package spark

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/iceberg"
	"github.com/nightaudit/nightaudit/reports/result"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// oldest is the version of Spark from which on its SQL has what the statements use.
const oldest = 4

// schemas are the namespaces of the lake.
var schemas = []string{"main", "audit", "recon"}

// Lake answers the statements of reports on a Spark server, all from the tables as they
// were after one night: a catalogue.Engine.
type Lake struct {
	client  *Client
	catalog string
	tables  map[string]bool          // schema.table
	nights  []iceberg.Night          // of which the tables are: the last of one database, or of each
	shared  bool                     // rows of other databases lie in the same tables
	views   map[string]sqlfiles.Text // schema.view, of the program's own
	made    map[string]bool          // temporary views that stand for either
	bound   map[string]any           // what the session's variables hold
	spool   string                   // the private folder of what is kept; "" while nothing is
}

// Open takes the lake of a catalog, "" for the one that the server takes by itself. Last or
// Read says of which night its tables are. It owns the client from then on, also where it
// fails.
func Open(ctx context.Context, client *Client, catalog string) (_ *Lake, err error) {
	l := &Lake{client: client, catalog: catalog, tables: map[string]bool{}, made: map[string]bool{}, bound: map[string]any{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, client.Close())
		}
	}()
	if err := l.server(ctx); err != nil {
		return nil, err
	}
	for _, schema := range schemas {
		if err := l.list(ctx, schema); err != nil {
			return nil, err
		}
	}
	l.views, err = viewTexts()
	return l, err
}

// Close ends the session and removes what was kept.
func (l *Lake) Close() error {
	var err error
	if l.spool != "" {
		err = os.RemoveAll(l.spool)
	}
	return errors.Join(err, l.client.Close())
}

// server sees that the server is new enough, and which catalog it takes.
func (l *Lake) server(ctx context.Context) error {
	rows, err := l.ask(ctx, "spark_server", nil)
	if err != nil {
		return err
	}
	version, _ := rows[0][0].(string)
	version, _, _ = strings.Cut(version, " ")
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err != nil || n < oldest {
		return fmt.Errorf("the server %s is Spark %s: the reports need Spark %d.0 or newer", l.client.address, version, oldest)
	}
	if l.catalog == "" {
		l.catalog, _ = rows[0][1].(string)
	}
	return nil
}

// list takes the names of a schema's tables.
func (l *Lake) list(ctx context.Context, schema string) error {
	rows, err := l.ask(ctx, "spark_tables", map[string]any{"Catalog": l.catalog, "Schema": schema})
	switch f, ok := errors.AsType[*Failure](err); {
	case ok && (strings.HasSuffix(f.Class, "NOT_FOUND") || strings.Contains(f.Class, ".NoSuch") || f.Class == "MISSING_CATALOG_ABILITY"):
		return fmt.Errorf("the catalog %s of the Spark server has no schema %s: --catalog names the catalog of the lake, and nightaudit must have written it (%w)", l.catalog, schema, err)
	case err != nil:
		return fmt.Errorf("list the tables of %s.%s: %w", l.catalog, schema, err)
	}
	for _, r := range rows { // namespace, tableName, isTemporary
		if temporary, _ := r[2].(bool); !temporary {
			l.tables[schema+"."+fmt.Sprint(r[1])] = true
		}
	}
	return nil
}

// Last has the statements that follow read the tables as the database of that id left them
// after its last night; the id may be "" where the lake has nights of one.
func (l *Lake) Last(ctx context.Context, database string) error {
	nights, err := l.lastNights(ctx)
	if err != nil {
		return err
	}
	var ids []string
	for i := range nights {
		ids = append(ids, nights[i].Database)
	}
	i := slices.Index(ids, database)
	if database == "" && len(ids) == 1 {
		i = 0
	}
	if i < 0 {
		return fmt.Errorf("the lake in the catalog %s holds nights of %s: name one of them with --database-id", l.catalog, strings.Join(ids, ", "))
	}
	return l.Read(ctx, nights[i])
}

// All has them read the tables with the rows of all databases, each as its last night left
// them. What is of a database as a whole, such as its runs, is there once for each. One
// that has rows in the lake and whose nights have expired is an error: its rows would be
// left out.
func (l *Lake) All(ctx context.Context) error {
	nights, err := l.lastNights(ctx)
	if err != nil {
		return err
	}
	for i := range nights {
		ids, err := l.databases(ctx, &nights[i])
		if err != nil {
			return err
		}
		for _, id := range ids {
			if !slices.ContainsFunc(nights, func(n iceberg.Night) bool { return n.Database == id }) {
				return fmt.Errorf("the lake in the catalog %s holds rows of the database %s and none of its nights, which have expired: its next night brings it back, and lake.keep or lake.expire_after keeps nights for longer", l.catalog, id)
			}
		}
	}
	l.nights, l.shared = nights, len(nights) > 1
	clear(l.made)
	return nil
}

// Read has them read the tables as they are of a night. Rows of other databases that lie
// in the lake then are left out, by the names of the files.
func (l *Lake) Read(ctx context.Context, night iceberg.Night) error {
	ids, err := l.databases(ctx, &night)
	if err != nil {
		return err
	}
	l.nights, l.shared = []iceberg.Night{night}, len(ids) != 1
	clear(l.made)
	return nil
}

// databases are those that had rows in the lake after a night.
func (l *Lake) databases(ctx context.Context, night *iceberg.Night) (ids []string, err error) {
	rows, err := l.ask(ctx, "spark_databases", map[string]any{"Catalog": l.catalog, "Snapshot": night.Snapshots["audit.meta"]})
	if err != nil {
		return nil, fmt.Errorf("list the databases in the lake: %w", err)
	}
	for _, r := range rows {
		ids = append(ids, fmt.Sprint(r[0]))
	}
	return ids, nil
}

// lastNights are the last night of each database, and which snapshot of each table belongs
// to it.
func (l *Lake) lastNights(ctx context.Context) (nights []iceberg.Night, err error) {
	const unwritten = "--catalog names the catalog of the lake, and nightaudit must have written it"
	if !l.tables["audit.runs"] || !l.tables["audit.meta"] {
		return nil, fmt.Errorf("the catalog %s of the Spark server has no tables audit.runs and audit.meta: %s", l.catalog, unwritten)
	}
	rows, err := l.ask(ctx, "spark_moment", map[string]any{"Catalog": l.catalog})
	if f, ok := errors.AsType[*Failure](err); ok && f.Class == "TABLE_OR_VIEW_NOT_FOUND" {
		return nil, fmt.Errorf("%s.audit.runs is no table of Iceberg, so that it cannot be told which figures are of one night: %s (%w)", l.catalog, unwritten, err)
	}
	if err != nil {
		return nil, fmt.Errorf("find the last night in the lake: %w", err)
	}
	for _, r := range rows { // database_id, snapshot_id, snapshots
		night := iceberg.Night{Database: fmt.Sprint(r[0])}
		snapshot, _ := r[1].(int64)
		list, _ := r[2].(string)
		if err := json.Unmarshal([]byte(list), &night.Snapshots); err != nil {
			return nil, fmt.Errorf("the snapshot %d of audit.runs does not say which snapshots belong to it: %w", snapshot, err)
		}
		night.Snapshots["audit.runs"] = snapshot
		nights = append(nights, night)
	}
	if len(nights) == 0 {
		return nil, fmt.Errorf("the lake in the catalog %s holds no whole night: no snapshot of audit.runs says which snapshots of the other tables belong to it (nightaudit.snapshots); %s", l.catalog, unwritten)
	}
	return nights, nil
}

// ask holds all rows of a statement of the program's own.
func (l *Lake) ask(ctx context.Context, name string, names any) (all [][]any, err error) {
	text, err := sqlfiles.Statement(sqlfiles.Queries+"/"+name, names)
	if err != nil {
		return nil, err
	}
	rows, err := l.client.Query(ctx, text)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for values, err := range rows.All() {
		if err != nil {
			return nil, err
		}
		all = append(all, slices.Clone(values))
	}
	return all, nil
}

// Admit refuses what is not the program's own, which nothing here can judge and which is
// written for DuckDB.
func (l *Lake) Admit(_ context.Context, _ sqlfiles.Text, extra bool) error {
	if extra {
		return errors.New("a report of your own folder is written for DuckDB: it runs without --engine spark")
	}
	return nil
}

// Query runs a SELECT of the common SQL.
func (l *Lake) Query(ctx context.Context, text sqlfiles.Text, args ...any) (*result.Rows, error) {
	statement, err := l.statement(ctx, text, args)
	if err != nil {
		return nil, err
	}
	return l.client.Query(ctx, statement)
}

// statement is the text as the server can run it: its tables there, its parameters bound.
func (l *Lake) statement(ctx context.Context, text sqlfiles.Text, args []any) (string, error) {
	statement, err := l.resolved(ctx, text)
	if err != nil {
		return "", err
	}
	named := make([]sql.NamedArg, len(args))
	for i, a := range args {
		var ok bool
		if named[i], ok = a.(sql.NamedArg); !ok {
			return "", fmt.Errorf("%s: a value without a name is not bound on Spark", text.Path)
		}
	}
	return statement, l.client.bind(ctx, l.bound, named)
}

// Keep runs a SELECT and keeps its rows in a private folder, as they came: run twice, it
// could give equal rows in another order. The next that is kept takes its place.
func (l *Lake) Keep(ctx context.Context, text sqlfiles.Text, args ...any) (*result.Kept, error) {
	statement, err := l.statement(ctx, text, args)
	if err != nil {
		return nil, err
	}
	if l.spool == "" {
		if l.spool, err = disk.Own("", "nightaudit-spark-"); err != nil {
			return nil, fmt.Errorf("make a private folder for the rows of Spark: %w; TMPDIR names another place", err)
		}
	}
	s, err := l.client.rows(ctx, statement)
	if err != nil {
		return nil, err
	}
	return keep(l.spool, s)
}
