package load

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// AccountChange is what a run did to an account's name, or noted of its tenancy. It
// is an entry of the journal of what people added, for the landing keeps the names
// and tenancies that were: what a replay makes of them follows from these.
type AccountChange struct {
	Run     ledger.Run `json:"run"`
	Source  string     `json:"source"`
	Account string     `json:"account"` // its name after the change
	Setting string     `json:"setting"` // SettingAccount, SettingSplit, SettingAddress or SettingTenant
	Before  string     `json:"before"`
	After   string     `json:"after"`
	Orders  int64      `json:"orders"` // that it moved
}

// EntryID names the change; sql/ledger/entry_ids.sql makes the same of its row.
func (c *AccountChange) EntryID() string {
	return strings.Join([]string{c.Setting, c.Run.ID, c.Source, c.Account, c.Before}, "/")
}

// Change carries a change out and notes it, in one transaction.
//
// SettingAccount gives everything that stands under an account's earlier name its
// name: facts, versions, ledger, cursors, links, breaks with what people wrote
// about them. Of an order that stands under both names, for the vendor was read
// under the new one too, that one's rows stay: they were read later.
//
// SettingSplit does so with the orders that stand under both names, and leaves
// the others. The other settings move nothing.
func (w *Warehouse) Change(ctx context.Context, c *AccountChange) error {
	return w.changing(ctx, c, func(tx *sql.Tx) error {
		return errors.Join(move(ctx, tx, c), note(ctx, tx, c))
	})
}

// Move is Change without the note.
func (w *Warehouse) Move(ctx context.Context, c *AccountChange) error {
	return w.changing(ctx, c, func(tx *sql.Tx) error { return move(ctx, tx, c) })
}

// NoteChange notes a change that needs nothing to be moved.
func (w *Warehouse) NoteChange(ctx context.Context, c *AccountChange) error {
	return w.changing(ctx, c, func(tx *sql.Tx) error { return note(ctx, tx, c) })
}

func move(ctx context.Context, tx *sql.Tx, c *AccountChange) error {
	switch c.Setting {
	case SettingAccount:
		return rename(ctx, tx, c)
	case SettingSplit:
		return split(ctx, tx)
	}
	return nil
}

func note(ctx context.Context, tx *sql.Tx, c *AccountChange) error {
	id := ledger.AccountID{Source: c.Source, Account: c.Account}
	return noteChange(ctx, tx, c.Run, id, BasisChange{c.Setting, c.Before, c.After}, c.Orders, "")
}

// changing does something in a transaction whose variables name the account and
// its earlier name.
func (w *Warehouse) changing(ctx context.Context, c *AccountChange, do func(*sql.Tx) error) (err error) {
	w.commit.Lock()
	defer w.commit.Unlock()
	conn, err := w.connect(ctx, c.Run, c.Source, c.Account)
	if err == nil {
		defer func() { // it holds temporary tables
			if ended := conn.Raw(func(any) error { return driver.ErrBadConn }); !errors.Is(ended, driver.ErrBadConn) {
				err = errors.Join(err, ended)
			}
		}()
		err = setVariables(ctx, conn, map[string]any{"earlier": c.Before})
	}
	var tx *sql.Tx
	if err == nil {
		tx, err = conn.BeginTx(ctx, nil)
	}
	if err == nil {
		if err = do(tx); err != nil {
			err = errors.Join(err, tx.Rollback())
		} else {
			err = tx.Commit()
		}
	}
	if err != nil {
		return explain(w.path, fmt.Errorf("%s of %s/%s, %s → %s: %w", c.Setting, c.Source, c.Account, c.Before, c.After, err))
	}
	return nil
}

// accountColumn is a column that names an account, and the one that names its
// source.
type accountColumn struct{ Schema, Table, Source, Account string }

// rename gives everything of the earlier name the new one.
func rename(ctx context.Context, tx *sql.Tx, c *AccountChange) error {
	columns, err := scan.All(ctx, tx, "ledger/account_columns", nil, func(c *accountColumn) []any {
		return []any{&c.Schema, &c.Table, &c.Source, &c.Account}
	})
	if err != nil {
		return err
	}
	if err := onePlace(ctx, tx, false); err != nil {
		return err
	}
	if err := scan.Exec(ctx, tx, "ledger/rename_basis", nil); err != nil {
		return err
	}
	for _, column := range columns {
		if err := scan.Exec(ctx, tx, "ledger/rename_account", column, c.Source, c.Before, c.After); err != nil {
			return fmt.Errorf("%s.%s: %w", column.Schema, column.Table, err)
		}
	}
	return nil
}

// onePlace takes away what stands under both names, under the earlier one, and
// gives breaks the ids that they have under the new one. part says that only
// the orders under both names move.
func onePlace(ctx context.Context, tx *sql.Tx, part bool) error {
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
	return scan.Exec(ctx, tx, "ledger/rename_breaks", map[string]any{"Part": part})
}

// split gives the orders that stand under both names the new one.
func split(ctx context.Context, tx *sql.Tx) error {
	if err := onePlace(ctx, tx, true); err != nil {
		return err
	}
	if err := scan.Exec(ctx, tx, "ledger/split_rows", nil); err != nil {
		return err
	}
	type closed struct{ id, from, to, at string }
	closes, err := scan.All(ctx, tx, "ledger/close_dates", nil, func(c *closed) []any { return []any{&c.id, &c.from, &c.to, &c.at} })
	if err != nil {
		return err
	}
	amounts := moneyColumns(transform.TableOrders)
	for _, c := range closes {
		if err := splitClose(ctx, tx, amounts, c.id, c.from, c.to, c.at); err != nil {
			return fmt.Errorf("the figures of the close %s: %w", c.id, err)
		}
	}
	return nil
}

// splitClose divides closed figures between the two names. What was closed as a
// whole stays what it was: where the two together would come to something else,
// for the month was closed with orders under both, nothing is touched.
func splitClose(ctx context.Context, tx *sql.Tx, amounts []string, id, from, to, at string) error {
	if err := scan.Exec(ctx, tx, "ledger/split_figures", amounts, from, to, at); err != nil {
		return err
	}
	var differ int
	if err := scan.One(ctx, tx, "ledger/split_differ", amounts, []any{id}, &differ); err != nil || differ > 0 {
		return err
	}
	if err := scan.Exec(ctx, tx, "ledger/split_close", nil, id); err != nil {
		return err
	}
	return scan.Exec(ctx, tx, "ledger/split_insert", nil, id)
}

// OrdersUnder counts the orders that stand under the name of an account, deleted
// ones included; where other is not "", those that stand under that name too.
func (w *Warehouse) OrdersUnder(ctx context.Context, source, account, other string) (n int64, err error) {
	if err := scan.One(ctx, w.db, "ledger/orders_under", nil, []any{source, account, other}, &n); err != nil {
		return 0, fmt.Errorf("count the orders of %s/%s: %w", source, account, err)
	}
	return n, nil
}
