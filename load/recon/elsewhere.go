package recon

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Facts are the tables of a whole database that another engine reads, as Spark reads a
// lake. Its statements are in the SQL that all engines read.
type Facts interface {
	// Show makes the rows of a SELECT visible there, under a name without a schema.
	Show(ctx context.Context, name string, text sqlfiles.Text) error
	// Write writes the rows of a SELECT to a Parquet file, which it makes.
	Write(ctx context.Context, text sqlfiles.Text, file string) error
}

// elsewhere is where the facts are that a check compares. What an engine is asked for are
// the SELECTs of the checks and of the ways of matching; their rows come into a database of
// ours, and reason, sentence and id are given to them here, by the same words.
type elsewhere struct {
	facts  Facts
	folder string // a private one, for the rows on their way
}

// CheckElsewhere runs every check anew over all that another engine has, at the moment of
// its last night. tx is of a database of ours without rows; recon.breaks becomes that of
// the night, brought up to date with what was found, and recon.unlike names the breaks in
// which the two are not the same.
func CheckElsewhere(ctx context.Context, tx Tx, facts Facts, folder string) (Result, error) {
	rules, err := Rules()
	if err != nil {
		return Result{}, err
	}
	far := &elsewhere{facts, folder}
	run, zone, err := far.night(ctx, tx)
	if err != nil {
		return Result{}, err
	}
	return checkFrom(ctx, tx, run, Options{Zone: zone}, rules, far)
}

// selectOf is a SELECT of sql/recon, its names filled in.
func selectOf(name string, names any) (sqlfiles.Text, error) {
	statement, err := sqlfiles.Statement(sqlfiles.Recon+"/"+name, names)
	return sqlfiles.Text{Name: name, Path: sqlfiles.Recon + "/" + name + ".sql", SQL: statement}, err
}

// night reads what the last night was.
func (e *elsewhere) night(ctx context.Context, tx Tx) (run ledger.Run, zone string, err error) {
	const table = "recon_night"
	t, err := selectOf("elsewhere_night", nil)
	if err == nil {
		err = e.fetch(ctx, tx, table, t)
	}
	if err == nil {
		err = scan.One(ctx, tx, "recon/all_of", table, nil, &run.ID, &run.At, &zone)
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = errors.New("no night was published into it")
	}
	if err != nil {
		return run, "", fmt.Errorf("find the last night: %w", err)
	}
	run.At = run.At.In(time.UTC)
	return run, zone, nil
}

// open makes visible there what checks see, and takes over what the night kept.
func (e *elsewhere) open(ctx context.Context, tx Tx) error {
	shown, err := e.shown()
	if err != nil {
		return err
	}
	for _, t := range shown {
		if err := e.facts.Show(ctx, t.Name, t); err != nil {
			return fmt.Errorf("show %s to the checks: %w", t.Name, err)
		}
	}
	if err := e.keptBreaks(ctx, tx); err != nil {
		return fmt.Errorf("read the breaks that the night kept: %w", err)
	}
	return nil
}

// keptBreaks takes over recon.breaks.
func (e *elsewhere) keptBreaks(ctx context.Context, tx Tx) error {
	const table = "recon.breaks"
	columns, err := scan.All(ctx, tx, "recon/describe", table, columnPlaces)
	if err != nil {
		return err
	}
	var names []string
	for _, c := range columns {
		names = append(names, c.name)
	}
	t, err := selectOf("elsewhere_breaks", names)
	if err != nil {
		return err
	}
	return e.take(ctx, tx, table, t, nil)
}

// shown are the names that checks use without a schema, each after those that it reads.
func (e *elsewhere) shown() ([]sqlfiles.Text, error) {
	var all []sqlfiles.Text
	var failed error
	add := func(name, file string, names any) {
		t, err := selectOf(file, names)
		t.Name = name
		all, failed = append(all, t), errors.Join(failed, err)
	}
	for _, table := range factTables() {
		add(table, "elsewhere_table", map[string]string{"Schema": schemaOf(table), "Table": table})
	}
	add("recon_run", "elsewhere_night", nil)
	add("recon_currencies", "elsewhere_currencies", transform.Currencies())
	rooms, err := sqlfiles.Files(sqlfiles.Recon + "/rooms")
	ways, err2 := sqlfiles.Files(linksFolder)
	all = append(all, rooms...)
	add("links", "elsewhere_links", ways)
	return all, errors.Join(failed, err, err2)
}

// compared fetches the rows of a check that do not agree, and gives the SELECT of them.
func (e *elsewhere) compared(ctx context.Context, tx Tx, r *Rule) (string, error) {
	const table = "recon_given"
	t, err := selectOf("elsewhere_compared", r.written)
	if err == nil {
		err = e.fetch(ctx, tx, table, t)
	}
	return "SELECT * FROM " + table, err
}

// orders fetches what keep_small.sql reads of the orders of a check.
func (e *elsewhere) orders(ctx context.Context, tx Tx, r *Rule) error {
	t, err := selectOf("elsewhere_orders", r.written)
	if err != nil {
		return err
	}
	var database string // the view orders of the checks hides main.orders
	if err := scan.One(ctx, tx, "recon/database", nil, nil, &database); err != nil {
		return err
	}
	return e.take(ctx, tx, sqlfiles.Identifier(database)+".main.orders", t, []string{"source", "account", "order_id"})
}

// fetch makes a temporary table of the rows of a SELECT, with the types that DuckDB gives
// its columns.
func (e *elsewhere) fetch(ctx context.Context, tx Tx, table string, t sqlfiles.Text) error {
	local, err := sqlfiles.Expand(sqlfiles.DuckDB, t)
	if err != nil {
		return err
	}
	if err := scan.Exec(ctx, tx, "recon/shape", map[string]string{"Table": table, "Text": local}); err != nil {
		return err
	}
	return e.take(ctx, tx, table, t, nil)
}

// take adds the rows of a SELECT to a table; with a key, those that it does not have.
func (e *elsewhere) take(ctx context.Context, tx Tx, table string, t sqlfiles.Text, key []string) (err error) {
	file := filepath.Join(e.folder, "rows.parquet")
	if err := e.facts.Write(ctx, t, file); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(file)) }()
	if err := exact(ctx, tx, table, file); err != nil {
		return err
	}
	return scan.Exec(ctx, tx, "recon/take", map[string]any{"Table": table, "Key": key}, file)
}

// exact refuses rows with more decimals than the table has: they would be rounded.
func exact(ctx context.Context, tx Tx, table, file string) error {
	have, err := scan.All(ctx, tx, "recon/describe", table, columnPlaces)
	if err != nil {
		return err
	}
	given, err := scan.All(ctx, tx, "recon/describe", "read_parquet("+sqlfiles.Literal(file)+")", columnPlaces)
	if err != nil {
		return err
	}
	wanted := map[string]int{}
	for _, c := range have {
		wanted[c.name] = c.decimals()
	}
	for _, c := range given {
		if c.decimals() > wanted[c.name] {
			return fmt.Errorf("the column %s came with %d decimals, and has %d here: the rows would be rounded", c.name, c.decimals(), wanted[c.name])
		}
	}
	return nil
}

// decimals are how many places behind the point a column has.
func (c column) decimals() int {
	_, scale, _ := strings.Cut(strings.TrimSuffix(c.typ, ")"), ",")
	n, _ := strconv.Atoi(scale) // no other type has a comma and a number
	return n
}
