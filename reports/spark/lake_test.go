package spark

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"google.golang.org/grpc"

	"github.com/nightaudit/nightaudit/reports/spark/wire"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// lakeServer is a scripted server with a lake: audit.meta, audit.runs, main.orders, and
// main.stays, which has no rows. Its answers to what Open asks can be changed.
type lakeServer struct {
	version, snapshots string // as JSON, "" for none
	nights, databases  []string
	foreign            string // a file that another program wrote
	recon              string // a table of recon; "" for none
}

func (l lakeServer) script() *scripted {
	text := func(names ...string) *arrow.Schema {
		var fields []arrow.Field
		for _, name := range names {
			fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
		}
		return arrow.NewSchema(fields, nil)
	}
	tables := arrow.NewSchema([]arrow.Field{{Name: "namespace", Type: arrow.BinaryTypes.String}, {Name: "tableName", Type: arrow.BinaryTypes.String}, {Name: "isTemporary", Type: arrow.FixedWidthTypes.Boolean}}, nil)
	moments := arrow.NewSchema([]arrow.Field{{Name: "database_id", Type: arrow.BinaryTypes.String}, {Name: "snapshot_id", Type: arrow.PrimitiveTypes.Int64}, {Name: "snapshots", Type: arrow.BinaryTypes.String}}, nil)
	return &scripted{answer: func(statement string, out grpc.ServerStreamingServer[wire.ExecutePlanResponse]) error {
		send := func(schema *arrow.Schema, rows string) error {
			return out.Send(batchOf(schema, record(schema, rows)))
		}
		switch {
		case strings.Contains(statement, "version()"):
			return send(text("version", "catalog"), `[{"version": "`+l.version+` 123abc", "catalog": "own"}]`)
		case strings.Contains(statement, `SHOW TABLES IN "own"."main"`):
			return send(tables, `[{"namespace": "main", "tableName": "orders", "isTemporary": false}, {"namespace": "main", "tableName": "stays", "isTemporary": false}, {"namespace": "", "tableName": "na_arguments", "isTemporary": true}]`)
		case strings.Contains(statement, `SHOW TABLES IN "own"."audit"`):
			return send(tables, `[{"namespace": "audit", "tableName": "runs", "isTemporary": false}, {"namespace": "audit", "tableName": "meta", "isTemporary": false}]`)
		case strings.Contains(statement, `"recon"`) && strings.Contains(statement, "SHOW TABLES") && l.recon != "":
			return send(tables, `[{"namespace": "recon", "tableName": "`+l.recon+`", "isTemporary": false}]`)
		case strings.Contains(statement, "SHOW TABLES"):
			return send(tables, `[]`)
		case strings.Contains(statement, ".snapshots s"):
			var rows []string
			for _, database := range l.nights {
				rows = append(rows, `{"database_id": "`+database+`", "snapshot_id": 40, "snapshots": "`+strings.ReplaceAll(l.snapshots, `"`, `\"`)+`"}`)
			}
			return send(moments, "["+strings.Join(rows, ", ")+"]")
		case strings.Contains(statement, "SELECT database_id FROM"):
			var rows []string
			for _, database := range l.databases {
				rows = append(rows, `{"database_id": "`+database+`"}`)
			}
			return send(text("database_id"), "["+strings.Join(rows, ", ")+"]")
		case strings.Contains(statement, "file_path"):
			if l.foreign == "" {
				return send(text("file_path"), `[]`)
			}
			return send(text("file_path"), `[{"file_path": "`+l.foreign+`"}]`)
		case strings.HasPrefix(statement, "--"), strings.HasPrefix(statement, "CREATE"):
			return nil
		}
		return send(numbers, `[{"n": 1}, {"n": 2}]`)
	}}
}

var wholeLake = lakeServer{version: "4.0.5", snapshots: `{"main.orders": 7, "audit.meta": 8}`, nights: []string{"db-1"}, databases: []string{"db-1"}}

func (l lakeServer) open(t *testing.T, database string) (*Lake, *scripted, error) {
	t.Helper()
	s := l.script()
	a, err := ParseAddress(s.listen(t))
	if err != nil {
		t.Fatal(err)
	}
	c, err := Connect(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	lake, err := Open(t.Context(), c, "")
	if err != nil {
		return nil, s, err
	}
	if err := lake.Last(t.Context(), database); err != nil {
		return nil, s, errors.Join(err, lake.Close())
	}
	t.Cleanup(func() { lake.Close() })
	return lake, s, nil
}

// Names of tables become temporary views of the snapshots that belong to the night, made
// once; one without a snapshot has no rows. What only looks like a name stays.
func TestNames(t *testing.T) {
	lake, s, err := wholeLake.open(t, "")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(text string) []string {
		t.Helper()
		s.statements = nil
		rows, err := lake.Query(t.Context(), sqlfiles.Text{Path: "x.sql", SQL: text})
		if err != nil {
			t.Fatal(err)
		}
		rows.Close()
		return s.statements
	}
	got := ask(`SELECT main.orders.n, o.main.x, 'main.stays', "main.stays" FROM main.orders o, main.stays -- main.runs`)
	want := []string{
		`SELECT t.* FROM "own"."main"."orders" VERSION AS OF 7 t`,
		`SELECT t.* FROM "own"."main"."stays" t WHERE false`,
		`SELECT main__orders.n, o.main.x, 'main.stays', "main.stays" FROM main__orders o, main__stays -- main.runs`,
	}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i := range want {
		if !strings.HasSuffix(strings.TrimSpace(got[i]), want[i]) {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
	if got := ask("SELECT count(*) FROM main.orders"); len(got) != 1 {
		t.Errorf("made again what was there: %q", got)
	}
	if _, err := lake.Query(t.Context(), sqlfiles.Text{Path: "x.sql", SQL: "SELECT 1\nFROM audit.nothing"}); err == nil || !strings.Contains(err.Error(), "x.sql:2") || !strings.Contains(err.Error(), "has no audit.nothing") {
		t.Errorf("%v", err)
	}
}

// Of a lake that two databases share a report is of one: that which is named, or the one
// that has nights; the rows of the other are left out.
func TestNamesOfOneDatabase(t *testing.T) {
	shared := wholeLake
	shared.databases = []string{"db-1", "db-2"}
	lake, s, err := shared.open(t, "")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := lake.Query(t.Context(), sqlfiles.Text{Path: "x.sql", SQL: "SELECT 1 FROM main.orders"})
	if err != nil {
		t.Fatal(err)
	}
	rows.Close()
	// By the SHA-256 of db-1.
	const want = `WHERE t._file RLIKE '-68150cfc45bd62a7-[0-9a-f]+[.]parquet$'`
	if !slices.ContainsFunc(s.statements, func(s string) bool { return strings.HasSuffix(strings.TrimSpace(s), want) }) {
		t.Errorf("%q, want one with %q", s.statements, want)
	}
	shared.foreign = "00000-1-b1.parquet"
	if lake, _, err = shared.open(t, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := lake.Query(t.Context(), sqlfiles.Text{Path: "x.sql", SQL: "SELECT 1 FROM main.orders"}); err == nil || !strings.Contains(err.Error(), "another program has written 00000-1-b1.parquet") {
		t.Errorf("a file of another program: %v", err)
	}
	shared.nights = shared.databases
	if _, _, err := shared.open(t, "db-3"); err == nil || !strings.Contains(err.Error(), "db-1, db-2") {
		t.Errorf("a database that is not there: %v", err)
	}
}

// The rows of all databases are those of the last night of each; what the configuration of
// each says is there once.
func TestNamesOfAllDatabases(t *testing.T) {
	shared := wholeLake
	shared.nights, shared.databases = []string{"db-1", "db-2"}, []string{"db-1", "db-2"}
	shared.snapshots = `{"main.orders": 7, "recon.places": 9}`
	shared.recon = "places"
	lake, s, err := shared.open(t, "db-1")
	if err != nil {
		t.Fatal(err)
	}
	if err := lake.All(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows, err := lake.Query(t.Context(), sqlfiles.Text{Path: "x.sql", SQL: "SELECT 1 FROM main.orders, recon.places"})
	if err != nil {
		t.Fatal(err)
	}
	rows.Close()
	// By the SHA-256 of db-1 and of db-2.
	const (
		first  = `VERSION AS OF %d t WHERE t._file RLIKE '-68150cfc45bd62a7-[0-9a-f]+[.]parquet$'`
		second = `VERSION AS OF %d t WHERE t._file RLIKE '-4a33b860cd197a6e-[0-9a-f]+[.]parquet$'`
	)
	for _, want := range []string{
		fmt.Sprintf("\nSELECT t.* FROM \"own\".\"main\".\"orders\" "+first+"\nUNION ALL\nSELECT t.* FROM \"own\".\"main\".\"orders\" "+second, 7, 7),
		fmt.Sprintf("\nSELECT DISTINCT * FROM (\nSELECT t.* FROM \"own\".\"recon\".\"places\" "+first+"\nUNION ALL\nSELECT t.* FROM \"own\".\"recon\".\"places\" "+second+"\n) u", 9, 9),
	} {
		if !slices.ContainsFunc(s.statements, func(s string) bool { return strings.HasSuffix(strings.TrimSpace(s), want) }) {
			t.Errorf("%q, want one with %q", s.statements, want)
		}
	}
}

// A database with rows in the lake whose nights have expired is not left out in silence.
func TestAllDatabasesHaveNights(t *testing.T) {
	shared := wholeLake
	shared.databases = []string{"db-1", "db-2"}
	lake, _, err := shared.open(t, "db-1")
	if err != nil {
		t.Fatal(err)
	}
	if err := lake.All(t.Context()); err == nil || !strings.Contains(err.Error(), "rows of the database db-2 and none of its nights") {
		t.Errorf("%v", err)
	}
}

// A view of the program's is made of its text, after what it names.
func TestViews(t *testing.T) {
	views, err := viewTexts()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"audit.last_complete", "main.classified_orders", "main.hotel_compared", "audit.closed_periods"} {
		if views[name].SQL == "" || strings.Contains(views[name].SQL, "CREATE") {
			t.Errorf("%s: %.80q", name, views[name].SQL)
		}
	}
}

// A server or a lake of which no report can be made is refused with what to do.
func TestLakesThatCannotBeUsed(t *testing.T) {
	for says, spoil := range map[string]func(l *lakeServer){
		"is Spark 3.5.1: the reports need Spark 4.0":                      func(l *lakeServer) { l.version = "3.5.1" },
		"holds no whole night":                                            func(l *lakeServer) { l.nights = nil },
		"does not say which snapshots":                                    func(l *lakeServer) { l.snapshots = "{" },
		"holds nights of db-1, db-2: name one of them with --database-id": func(l *lakeServer) { l.nights = []string{"db-1", "db-2"} },
	} {
		l := wholeLake
		spoil(&l)
		_, s, err := l.open(t, "")
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
		if s.released != 1 {
			t.Errorf("%s: the session was left", says)
		}
	}
}

// What is kept is asked for once and read as often as wanted, whole; nothing of it is
// left when the lake is closed.
func TestKeep(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	lake, s, err := wholeLake.open(t, "")
	if err != nil {
		t.Fatal(err)
	}
	kept, err := lake.Keep(t.Context(), sqlfiles.Text{SQL: "SELECT n FROM main.orders"})
	if err != nil {
		t.Fatal(err)
	}
	asked := len(s.statements)
	for range 2 {
		rows, err := kept.Read()
		if err != nil {
			t.Fatal(err)
		}
		got, err := lines(rows)
		rows.Close()
		if want := []string{"n", "1", "2"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	if len(s.statements) != asked {
		t.Errorf("asked again: %q", s.statements[asked:])
	}
	folder := lake.spool
	if err := lake.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(folder + "*"); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}
