package load

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Alias is an earlier name of an account.
type Alias struct{ Source, Earlier, Name string }

// accountColumn is a column that names an account, and the one that names its
// source.
type accountColumn struct{ Schema, Table, Source, Account string }

// Rename gives everything that stands under an account's earlier name its name:
// facts, versions, ledger, cursors, links, breaks with what people wrote about
// them. Of an order that stands under both names, for the vendor was read under
// the new one too, that one's rows stay: they were read later. It is one
// transaction.
func (w *Warehouse) Rename(ctx context.Context, run ledger.Run, a Alias) (err error) {
	w.commit.Lock()
	defer w.commit.Unlock()
	fail := func(err error) error {
		return explain(w.path, fmt.Errorf("rename %s/%s to %s: %w", a.Source, a.Earlier, a.Name, err))
	}
	conn, err := w.connect(ctx, run, a.Source, a.Name)
	if err != nil {
		return fail(err)
	}
	defer func() { // it holds temporary tables
		if ended := conn.Raw(func(any) error { return driver.ErrBadConn }); !errors.Is(ended, driver.ErrBadConn) {
			err = errors.Join(err, ended)
		}
	}()
	if err := setVariables(ctx, conn, map[string]any{"earlier": a.Earlier}); err != nil {
		return fail(err)
	}
	columns, err := scan.All(ctx, conn, "ledger/account_columns", nil, func(c *accountColumn) []any {
		return []any{&c.Schema, &c.Table, &c.Source, &c.Account}
	})
	if err != nil {
		return fail(err)
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fail(err)
	}
	if err := rename(ctx, tx, run, a, columns); err != nil {
		return fail(errors.Join(err, tx.Rollback()))
	}
	if err := tx.Commit(); err != nil {
		return fail(err)
	}
	return nil
}

func rename(ctx context.Context, tx *sql.Tx, run ledger.Run, a Alias, columns []accountColumn) error {
	if err := ensureRun(ctx, tx, run); err != nil {
		return err
	}
	var orders int64
	if err := scan.One(ctx, tx, "ledger/rename_count", nil, nil, &orders); err != nil {
		return err
	}
	if err := scan.Exec(ctx, tx, "ledger/rename_twice", nil); err != nil {
		return err
	}
	for _, def := range transform.Facts {
		keys := def.Keys[2:]
		if keys[0] == "order_id" { // an order is one, whatever rows it has
			keys = keys[:1]
		}
		names := map[string]any{"Table": def.Name, "Keys": keys, "Twice": keys[0] == "order_id"}
		if err := scan.Exec(ctx, tx, "ledger/rename_drop", names); err != nil {
			return fmt.Errorf("main.%s: %w", def.Name, err)
		}
	}
	if err := scan.Exec(ctx, tx, "ledger/rename_breaks", nil); err != nil {
		return err
	}
	for _, c := range columns {
		if err := scan.Exec(ctx, tx, "ledger/rename_account", c, a.Source, a.Earlier, a.Name); err != nil {
			return fmt.Errorf("%s.%s: %w", c.Schema, c.Table, err)
		}
	}
	id := ledger.AccountID{Source: a.Source, Account: a.Name}
	return noteChange(ctx, tx, run, id, BasisChange{SettingAccount, a.Earlier, a.Name}, orders, "")
}

// EarlierBreaks gives, by the id that a break had while an account of it had an
// earlier name, the id that it has.
func (w *Warehouse) EarlierBreaks(ctx context.Context, aliases []Alias) (map[string]string, error) {
	if len(aliases) == 0 {
		return nil, nil
	}
	var sources, earlier, names []string
	for _, a := range aliases {
		sources, earlier, names = append(sources, a.Source), append(earlier, a.Earlier), append(names, a.Name)
	}
	ids, err := scan.Map[string, string](ctx, w.db, "ledger/earlier_breaks", nil, sources, earlier, names)
	if err != nil {
		return nil, fmt.Errorf("look for breaks of accounts that were renamed: %w", err)
	}
	return ids, nil
}

// HasRows reports whether anything stands under the name of an account.
func (w *Warehouse) HasRows(ctx context.Context, source, account string) (has bool, err error) {
	if err := scan.One(ctx, w.db, "ledger/has_account", nil, []any{source, account}, &has); err != nil {
		return false, fmt.Errorf("look for %s/%s: %w", source, account, err)
	}
	return has, nil
}
