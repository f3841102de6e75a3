package recon

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform"
)

// A check sees the facts under the names of their tables. Where everything is
// checked, these names are views; where a run checks what changed, they are
// temporary tables of the orders in scope:
//
//	hop 0     changed since the last check, or a side of a break that another side
//	          of has, or that the clock alone may change
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

// scope is how much one check looks at, and the temporary relations that it
// made and must drop.
type scope struct {
	full    bool
	empty   bool // nothing can have changed: nothing is looked at
	numbers bool // whether the next hop follows numbers
	orders  int  // looked at for their own sake; 0 where everything is
	views   []string
	tables  []string
	far     *elsewhere // where the facts are; nil where they are in the database
}

// open makes the relations that rules and links read. texts are those of all
// that reads them: a table that nobody names is not made.
func (s *scope) open(ctx context.Context, tx Tx, texts []string, rules []Rule) error {
	clock, rooms := namesOf(rules, Rule.readsClock), namesOf(rules, Rule.readsRooms)
	if err := scan.Exec(ctx, tx, "recon/scope", nil, clock, rooms); err != nil {
		return err
	}
	s.tables = []string{"scope"}
	if !s.full {
		if err := s.spread(ctx, tx); err != nil || s.empty {
			return err
		}
	}
	var database string
	if err := scan.One(ctx, tx, "recon/database", nil, nil, &database); err != nil {
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
		if err := scan.One(ctx, tx, "recon/count_asked", nil, nil, &s.orders); err != nil {
			return err
		}
	}
	s.tables = append(s.tables, "room_stays", "room_orders")
	return s.run(ctx, tx, "rooms")
}

// spread finds the orders in scope, from those that changed outward.
func (s *scope) spread(ctx context.Context, tx Tx) error {
	before := -1
	for hop := 1; hop <= roomHops; hop++ {
		var reached int
		if err := scan.One(ctx, tx, "recon/count_scope", nil, nil, &reached); err != nil {
			return err
		}
		s.empty = reached == 0
		if s.empty || before == reached {
			break
		}
		before, s.numbers = reached, hop <= numberHops
		if err := s.run(ctx, tx, "scope_hop"); err != nil {
			return err
		}
	}
	s.tables = append(s.tables, "scope_edge", "scope_fringe", "scope_number", "scope_payment", "scope_reference", "scope_room", "scope_asked")
	return s.run(ctx, tx, "scope_asked")
}

// factTables are the names under which checks see the facts, the versions of
// orders, and what of the answers could not be taken.
func factTables() []string {
	var names []string
	for _, def := range transform.Facts {
		names = append(names, def.Name)
	}
	return append(names, audited...)
}

// audited are the tables of audit that checks see beside the facts.
var audited = []string{"order_versions", "exceptions"}

// show makes one table visible to the checks.
func (s *scope) show(ctx context.Context, tx Tx, database, table string) error {
	if s.full {
		s.views = append(s.views, table)
	} else {
		s.tables = append(s.tables, table)
	}
	return scan.Exec(ctx, tx, "recon/show", map[string]any{"Scoped": !s.full, "Database": database, "Schema": schemaOf(table), "Table": table})
}

// schemaOf is the schema of a table that checks see.
func schemaOf(table string) string {
	if slices.Contains(audited, table) {
		return "audit"
	}
	return "main"
}

// close drops what open made.
func (s *scope) close(ctx context.Context, tx Tx) error {
	for _, made := range []struct {
		kind  string
		names []string
	}{{"VIEW", s.views}, {"TABLE", s.tables}} {
		for _, name := range made.names {
			if err := scan.Exec(ctx, tx, "recon/drop", map[string]any{"Kind": made.kind, "Name": name}); err != nil {
				return err
			}
		}
	}
	return nil
}

// run carries out a statement of sql/recon that is another one where the check
// is scoped.
func (s *scope) run(ctx context.Context, tx Tx, name string) error {
	err := scan.Exec(ctx, tx, "recon/"+name, s.names())
	if err != nil {
		return fmt.Errorf("sql/recon/%s.sql: %w", name, err)
	}
	return nil
}

// names are those by which a statement is another one where the check is scoped.
func (s *scope) names() any { return struct{ Scoped, Numbers bool }{!s.full, s.numbers} }

func mentions(text, name string) bool {
	return regexp.MustCompile(`\b` + name + `\b`).MatchString(text)
}
