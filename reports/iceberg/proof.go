package iceberg

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/apache/iceberg-go/table"

	"github.com/nightaudit/nightaudit/reports/lake"
	"github.com/nightaudit/nightaudit/reports/result"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// Proof is what a night of the lake was compared with, and what was found.
type Proof struct {
	Run         string        `json:"run"`
	Database    string        `json:"database_id"`
	PublishedAt string        `json:"published_at"`
	Tables      []ProvenTable `json:"tables"`
	Findings    []Finding     `json:"findings"`
	Notices     []string      `json:"notices"`
}

// ProvenTable is one table of a night: its rows and the sums of its money columns.
type ProvenTable struct {
	Table    string  `json:"table"`
	Snapshot int64   `json:"snapshot"`
	Files    int     `json:"files"`
	Bytes    int64   `json:"bytes"`
	Rows     Figure  `json:"rows"`
	Totals   []Total `json:"totals"`
}

// Figure is one figure as the snapshot states it, as DuckDB finds it in the files that the
// snapshot lists, as another engine finds it there, and as the published database has it;
// nil where that is not known.
type Figure struct {
	Stated    *json.Number `json:"stated"`
	Counted   *json.Number `json:"counted"`
	Engine    *json.Number `json:"engine,omitempty"`
	Published *json.Number `json:"published"`
}

// Total is the sum of a money column in one currency, "" where the table has none.
type Total struct {
	Column   string `json:"column"`
	Currency string `json:"currency"`
	Figure
}

// Finding is something that is not as it was committed.
type Finding struct {
	Kind  string `json:"kind"` // see docs/contract.md
	Table string `json:"table"`
	File  string `json:"file,omitempty"`
	Key   string `json:"key,omitempty"` // of a row: nothing of a person stands in it
	Text  string `json:"text"`
}

// What is wrong with a lake.
const (
	gone       = "gone"
	shorter    = "shorter"
	longer     = "longer"
	altered    = "altered"
	unreadable = "unreadable"
	foreign    = "foreign"
	misstated  = "misstated"
	misread    = "misread"
	differs    = "differs"
)

// Engine is another engine that reads the lake, as Spark does.
type Engine interface {
	// Read has the statements that follow read the tables as a night has them.
	Read(ctx context.Context, n Night) error
	// Query runs a SELECT of the SQL that all engines read.
	Query(ctx context.Context, text sqlfiles.Text, args ...any) (*result.Rows, error)
}

// ProveOptions say with what a night is compared beside its files.
type ProveOptions struct {
	Published bool   // the database is the one that was published that night
	Engine    Engine // whose totals are compared; nil for none
}

// proving is a night that is being compared.
type proving struct {
	lake      *Lake
	conn      *sql.Conn
	night     Night
	engine    Engine
	published map[string]*lake.Source // tables of the published database; nil for none
	proof     *Proof
}

// Prove compares a night, file by file and table by table: what its snapshots state with
// what DuckDB finds in the files that they list, and what another engine finds there. db
// must be able to read files; where it is the database that was published that night, rows are
// compared with its own, partition by partition. Nothing is held in memory but sums, and the
// files' names.
func (l *Lake) Prove(ctx context.Context, db *sql.DB, n Night, o ProveOptions) (_ *Proof, err error) {
	defer func() { err = l.hide(err) }()
	if strings.Contains(l.o.Warehouse, "://") {
		return nil, errors.New("its files are in a bucket, and only those in a folder can be compared yet")
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	defer conn.Close()
	p := &proving{lake: l, conn: conn, night: n, engine: o.Engine, proof: &Proof{
		Run: n.Run, Database: n.Database, PublishedAt: n.PublishedAt, Tables: []ProvenTable{}, Findings: []Finding{}, Notices: []string{},
	}}
	names := slices.Collect(maps.Keys(n.Snapshots))
	if o.Engine != nil {
		if err := o.Engine.Read(ctx, n); err != nil {
			return nil, err
		}
	}
	if o.Published {
		sources, err := lake.Sources(ctx, conn)
		if err != nil {
			return nil, err
		}
		p.published = map[string]*lake.Source{}
		for i := range sources {
			p.published[sources[i].Name()] = &sources[i]
			names = append(names, sources[i].Name())
		}
	}
	slices.Sort(names)
	for i, name := range slices.Compact(names) {
		l.o.Progress(Progress{Table: name, Number: i + 1, Tables: len(names)})
		if err := p.table(ctx, name); err != nil {
			return nil, fmt.Errorf("lake table %s: %w", name, err)
		}
	}
	return p.proof, nil
}

func (p *proving) find(f Finding) { p.proof.Findings = append(p.proof.Findings, f) }

// table compares one table; one without a snapshot is without rows.
func (p *proving) table(ctx context.Context, name string) error {
	proven := ProvenTable{Table: name, Snapshot: p.night.Snapshots[name], Totals: []Total{}}
	stated := map[string]string{}
	var held holding
	if proven.Snapshot == 0 {
		stated[propertyRows] = "0"
	} else {
		t, err := p.lake.catalog.LoadTable(ctx, strings.Split(name, "."))
		if err != nil {
			return err
		}
		if stated = statement(t, proven.Snapshot, p.night.Database); stated == nil {
			p.proof.Notices = append(p.proof.Notices, name+": the snapshot that states this database's totals has expired; the files are compared all the same")
		}
		if held, err = p.files(ctx, t, &proven); err != nil {
			return err
		}
	}
	counted, err := p.counted(ctx, name, &held)
	if err != nil {
		return err
	}
	asked, err := p.asked(ctx, name, &held)
	if err != nil {
		return err
	}
	published, err := p.publishedTotals(ctx, name)
	if err != nil {
		return err
	}
	p.figures(&proven, stated, counted, asked, published)
	p.proof.Tables = append(p.proof.Tables, proven)
	return p.rows(ctx, name, &held)
}

// statement is what a database's last snapshot of a table states, as of a snapshot that
// may be another's; nil where it is not kept.
func statement(t *table.Table, snapshot int64, database string) map[string]string {
	for s := t.SnapshotByID(snapshot); s != nil; {
		if s.Summary != nil && s.Summary.Properties[propertyDatabase] == database {
			return s.Summary.Properties
		}
		if s.ParentSnapshotID == nil {
			return nil
		}
		s = t.SnapshotByID(*s.ParentSnapshotID)
	}
	return nil
}

// publishedTotals are those of the table in the published database; nil where there is none.
func (p *proving) publishedTotals(ctx context.Context, name string) (map[string]string, error) {
	source, ok := p.published[name]
	if !ok {
		return nil, nil
	}
	sums, err := totals(ctx, p.conn, source)
	if err != nil {
		return nil, fmt.Errorf("add up the published database's money: %w", err)
	}
	return sums, nil
}

// asked are rows and sums as another engine finds them; nil where none is asked, or where
// DuckDB could not read the files.
func (p *proving) asked(ctx context.Context, name string, h *holding) (map[string]string, error) {
	if p.engine == nil || len(h.unread) > 0 {
		return nil, nil
	}
	ask := func(ctx context.Context, text sqlfiles.Text) (*result.Rows, error) { return p.engine.Query(ctx, text) }
	sums, err := addUp(ctx, ask, name, h.currency, h.money)
	if err != nil {
		return nil, fmt.Errorf("have the engine add it up: %w", err)
	}
	return sums, nil
}

// figures puts the four beside each other, and finds which differ.
func (p *proving) figures(t *ProvenTable, stated, counted, asked, published map[string]string) {
	names := map[string]bool{propertyRows: true}
	for _, from := range []map[string]string{stated, counted, asked, published} {
		for name := range from {
			if strings.HasPrefix(name, propertyTotal) {
				names[name] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		f := Figure{figure(stated, name), figure(counted, name), figure(asked, name), figure(published, name)}
		what := "rows"
		if total, ok := strings.CutPrefix(name, propertyTotal); ok {
			column, currency, _ := strings.Cut(total, ".")
			t.Totals = append(t.Totals, Total{column, currency, f})
			what = strings.TrimSpace(column + " " + currency)
		} else {
			t.Rows = f
		}
		if stated != nil && counted != nil && !same(f.Stated, f.Counted) {
			p.find(Finding{Kind: misstated, Table: t.Table, Text: fmt.Sprintf("%s: the snapshot states %s, and its files hold %s", what, shown(f.Stated), shown(f.Counted))})
		}
		if counted != nil && asked != nil && !same(f.Counted, f.Engine) {
			p.find(Finding{Kind: misread, Table: t.Table, Text: fmt.Sprintf("%s: the files hold %s, and the engine finds %s", what, shown(f.Counted), shown(f.Engine))})
		}
		if counted != nil && published != nil && !same(f.Counted, f.Published) {
			p.find(Finding{Kind: differs, Table: t.Table, Text: fmt.Sprintf("%s: the files hold %s, and the published database %s", what, shown(f.Counted), shown(f.Published))})
		}
	}
}

func figure(from map[string]string, name string) *json.Number {
	if text, ok := from[name]; ok {
		return new(json.Number(text))
	}
	return nil
}

func same(a, b *json.Number) bool { return a == b || a != nil && b != nil && *a == *b }

func shown(n *json.Number) string { return cmp.Or(string(deref(n)), "none") }

func deref(n *json.Number) json.Number {
	if n == nil {
		return ""
	}
	return *n
}
