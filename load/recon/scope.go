package recon

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"text/template"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/transform"
)

// A check sees the facts under the names of their tables. Where everything is
// checked, these names are views; where a night checks what changed, they are
// temporary tables of the orders in scope:
//
//	hop 0     changed since the last check, or a side of a break that holds
//	hop 1, 2  what rules compare with these, and what with that: the figures of
//	          all of them may have changed. A stay that moves to another room
//	          leaves its orders to the stay that remains: two hops. By numbers
//	          it is never more than one
//	hop 3, 4  what a rule needs beside these to judge them
//
// What a check finds of the outer orders is dropped, for their own
// counterparts may not be in sight.
const (
	numberHops = 2 // one to what may have changed, one to what is needed beside it
	roomHops   = 4 // two and two
)

const asked = `CREATE OR REPLACE TEMP TABLE scope_asked AS
	SELECT source, account, order_id FROM scope
	WHERE hop <= 1 OR hop = 2 AND (source, account) IN (SELECT (source, account) FROM recon.places)`

// scope is how much one check looks at, and the temporary relations that it
// made and must drop.
type scope struct {
	full    bool
	numbers bool // whether the next hop follows numbers
	orders  int  // looked at for their own sake; 0 where everything is
	views   []string
	tables  []string
	macros  []string
}

// open makes the relations that rules and links read. texts are those of all
// that reads them: a table that nobody names is not made.
func (s *scope) open(ctx context.Context, tx Tx, texts []string) error {
	if err := s.runFile(ctx, tx, "scope.sql"); err != nil {
		return err
	}
	s.macros, s.tables = []string{"stay_end"}, []string{"scope"}
	if !s.full {
		if err := s.spread(ctx, tx); err != nil {
			return err
		}
	}
	var database string
	if err := tx.QueryRowContext(ctx, "SELECT current_database()").Scan(&database); err != nil {
		return err
	}
	// The rooms of every place are looked at by the links themselves.
	read := strings.Join(texts, "\n")
	for _, table := range factTables() {
		if !mentions(read, table) {
			continue
		}
		if err := s.show(ctx, tx, database, table); err != nil {
			return fmt.Errorf("put %s into scope: %w", table, err)
		}
	}
	if !s.full {
		var err error
		if s.orders, err = count(ctx, tx, "orders SEMI JOIN scope_asked USING (source, account, order_id)"); err != nil {
			return err
		}
	}
	s.tables = append(s.tables, "room_stays", "room_orders")
	return s.runFile(ctx, tx, "rooms.sql")
}

// spread finds the orders in scope, from those that changed outward.
func (s *scope) spread(ctx context.Context, tx Tx) error {
	for hop := 1; hop <= roomHops; hop++ {
		before, err := count(ctx, tx, "scope")
		if err != nil {
			return err
		}
		s.numbers = hop <= numberHops
		if err := s.runFile(ctx, tx, "scope_hop.sql"); err != nil {
			return err
		}
		after, err := count(ctx, tx, "scope")
		if err != nil {
			return err
		}
		if before == after {
			break
		}
	}
	s.tables = append(s.tables, "scope_edge", "scope_fringe", "scope_number", "scope_reference", "scope_room", "scope_asked")
	_, err := tx.ExecContext(ctx, asked)
	return err
}

// factTables are the names under which checks see the facts, and the versions
// of orders.
func factTables() []string {
	var names []string
	for _, def := range transform.Facts {
		names = append(names, def.Name)
	}
	return append(names, versions)
}

// versions is the table of audit that checks see beside the facts.
const versions = "order_versions"

// show makes one table visible to the checks. A deleted order is not there.
func (s *scope) show(ctx context.Context, tx Tx, database, table string) error {
	schema, alive := "main", ""
	switch table {
	case versions:
		schema = "audit"
	case transform.TableOrders:
		alive = " WHERE t.deleted_at IS NULL"
	}
	// A temporary table hides the one of main even where the schema is named,
	// for its own schema is called main too.
	from := quoteName(database) + "." + schema + "." + quoteName(table) + " t"
	var statement string
	if s.full {
		s.views = append(s.views, table)
		statement = "CREATE OR REPLACE TEMP VIEW " + quoteName(table) + " AS SELECT * FROM " + from + alive
	} else {
		s.tables = append(s.tables, table)
		statement = "CREATE OR REPLACE TEMP TABLE " + quoteName(table) + " AS SELECT t.* FROM " + from +
			" SEMI JOIN scope s ON s.source = t.source AND s.account = t.account AND s.order_id = t.order_id" + alive
	}
	_, err := tx.ExecContext(ctx, statement)
	return err
}

// close drops what open made.
func (s *scope) close(ctx context.Context, tx Tx) error {
	for _, kind := range []struct {
		name  string
		names []string
	}{{"VIEW", s.views}, {"TABLE", s.tables}, {"MACRO", s.macros}} {
		for _, name := range kind.names {
			if _, err := tx.ExecContext(ctx, "DROP "+kind.name+" IF EXISTS temp."+quoteName(name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// runFile carries out a file of sql/recon.
func (s *scope) runFile(ctx context.Context, tx Tx, name string) error {
	text, err := sqlfiles.FS.ReadFile(sqlfiles.Recon + "/" + name)
	if err != nil {
		return err
	}
	t, err := template.New(name).Parse(string(text))
	if err != nil {
		return fmt.Errorf("sql/recon/%s: %w", name, err)
	}
	var b strings.Builder
	if err := t.Execute(&b, struct{ Scoped, Numbers bool }{!s.full, s.numbers}); err != nil {
		return fmt.Errorf("sql/recon/%s: %w", name, err)
	}
	if _, err := tx.ExecContext(ctx, b.String()); err != nil {
		return fmt.Errorf("sql/recon/%s: %w", name, err)
	}
	return nil
}

func mentions(text, name string) bool {
	return regexp.MustCompile(`\b` + name + `\b`).MatchString(text)
}

func count(ctx context.Context, tx Tx, from string) (n int, err error) {
	err = tx.QueryRowContext(ctx, "SELECT count(*) FROM "+from).Scan(&n)
	return n, err
}
