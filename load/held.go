package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/load/disk"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Held is a thing that a database holds and that one which is made anew from the
// landing must hold as well: see ledger/holdings.sql.
type Held struct {
	Kind    string `json:"kind"`
	Run     string `json:"run,omitempty"`
	Source  string `json:"source,omitempty"`
	Account string `json:"account,omitempty"`
	Item    string `json:"item,omitempty"`
	From    string `json:"from,omitempty"` // business dates, yyyy-MM-dd
	To      string `json:"to,omitempty"`
	Count   int64  `json:"count,omitempty"`
	Answers int64  `json:"answers,omitempty"`
	Records int64  `json:"records,omitempty"`
	Exact   string `json:"exact,omitempty"`
	Words   string `json:"words,omitempty"`
}

// The kinds of Held that are asked for by name.
const (
	heldDatabase = "database"
	heldRun      = "run"
	heldWindows  = "windows"
	heldFailed   = "failed"
	heldEntry    = "entry"
	heldOrders   = "orders"
	heldStanding = "standing"
	heldTotals   = "totals"
	heldClosed   = "closed"
	heldBasis    = "basis"
	heldChanged  = "changed"
	heldHead     = "head"
)

type heldKey struct{ kind, run, source, account, item string }

func (h *Held) key() heldKey { return heldKey{h.Kind, h.Run, h.Source, h.Account, h.Item} }

func (h *Held) of() ledger.AccountID { return ledger.AccountID{Source: h.Source, Account: h.Account} }

// Holding is all that a database holds.
type Holding struct {
	Name string // what people are told that it is
	rows map[heldKey]Held
	keys []heldKey        // in the order of the statement
	read map[heldKey]bool // what runs read: run, source and account
	// parts are accounts that were taken out of others since: what of their orders
	// was whose, this database does not know.
	parts []Alias
}

// Holding lists what the database holds.
func (w *Warehouse) Holding(ctx context.Context, name string) (*Holding, error) {
	rows, err := scan.All(ctx, w.db, "ledger/holdings", nil, func(h *Held) []any {
		return []any{&h.Kind, &h.Run, &h.Source, &h.Account, &h.Item, &h.From, &h.To, &h.Count, &h.Answers, &h.Records, &h.Exact, &h.Words}
	})
	if err != nil {
		return nil, fmt.Errorf("list what %s holds: %w", w.path, explain(w.path, err))
	}
	return newHolding(name, rows), nil
}

func newHolding(name string, rows []Held) *Holding {
	h := &Holding{Name: name, rows: make(map[heldKey]Held, len(rows)), read: map[heldKey]bool{}}
	for _, row := range rows {
		h.add(row)
	}
	return h
}

// add adds a row to what has the same key.
func (h *Holding) add(row Held) {
	if row.Kind == heldWindows {
		h.read[heldKey{run: row.Run, source: row.Source, account: row.Account}] = true
	}
	have, there := h.rows[row.key()]
	if !there {
		h.keys = append(h.keys, row.key())
		h.rows[row.key()] = row
		return
	}
	if row.Kind == heldOrders { // an order may stand under both names of an account
		have.Count = max(have.Count, row.Count)
	} else {
		have.Count, have.Answers, have.Records = have.Count+row.Count, have.Answers+row.Answers, have.Records+row.Records
	}
	h.rows[row.key()] = have
}

// HoldingOf lists what the database in a file holds, whichever program of this
// schema or an earlier one wrote it. The file is left as it is: a copy of it, at
// o.Path, is brought up to date and read. withLog says that the log beside it is
// its own, which of a published file it is not.
func HoldingOf(ctx context.Context, file, name string, withLog bool, o Options) (h *Holding, err error) {
	defer func() { err = errors.Join(err, removeDatabase(o.Path)) }()
	if err := CopyClosed(file, o.Path, withLog); err != nil {
		return nil, err
	}
	w, err := Open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	return w.Holding(ctx, name)
}

// CopyClosed copies a database file that nobody has open for writing. withLog says that
// the log beside it is its own, which of a published file it is not.
func CopyClosed(file, to string, withLog bool) error {
	if _, err := copyFile(file, to); err != nil {
		return fmt.Errorf("copy %s: %w", file, err)
	}
	if !withLog {
		return nil
	}
	if _, err := copyFile(file+logSuffix, to+logSuffix); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("copy the log of %s: %w", file, err)
	}
	return nil
}

// logSuffix is what DuckDB calls the log beside a database.
const logSuffix = ".wal"

// removeDatabase removes a copy of a database, if there is one, with its logs.
func removeDatabase(path string) error {
	for _, file := range append(disk.Logs(path), path) {
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove a copy: %w", err)
		}
	}
	return nil
}

// Named is the holding with the names that accounts have now. parts are accounts
// that were split from others since, both by their names of now.
func (h *Holding) Named(aliases, parts []Alias) *Holding {
	now := map[ledger.AccountID]string{}
	for _, a := range aliases {
		now[ledger.AccountID{Source: a.Source, Account: a.Earlier}] = a.Name
	}
	named := newHolding(h.Name, nil)
	named.parts = parts
	for _, key := range h.keys {
		row := h.rows[key]
		if name, ok := now[row.of()]; ok {
			row.Account = name
			named.add(Held{Kind: heldChanged, Source: row.Source, Account: name, Count: 1})
		}
		named.add(row)
	}
	return named
}

// joined is the holding with parts of accounts put back into these, as a database
// has them that was made before they were split.
func (h *Holding) joined(parts []Alias) *Holding {
	if len(parts) == 0 {
		return h
	}
	of := map[ledger.AccountID]ledger.AccountID{} // a part of a part is of the same whole
	whole := func(id ledger.AccountID) ledger.AccountID {
		for {
			next, part := of[id]
			if !part {
				return id
			}
			id = next
		}
	}
	for _, p := range parts {
		part, rest := whole(ledger.AccountID{Source: p.Source, Account: p.Earlier}), whole(ledger.AccountID{Source: p.Source, Account: p.Name})
		if part != rest {
			of[part] = rest
		}
	}
	joined := newHolding(h.Name, nil)
	for _, key := range h.keys {
		row := h.rows[key]
		if id := whole(row.of()); id != row.of() {
			row.Account = id.Account
			joined.add(Held{Kind: heldChanged, Source: row.Source, Account: row.Account, Count: 1})
		}
		if have, there := joined.rows[row.key()]; there && row.Kind == heldOrders { // no order is of both
			row.Count += have.Count
		}
		joined.add(row)
	}
	return joined
}

// Moved is the holding without the control totals of runs that stand at another time
// now: their windows end there, and have other names. What the windows brought is
// compared all the same.
func (h *Holding) Moved(runs map[string]time.Time) *Holding {
	moved := newHolding(h.Name, nil)
	moved.parts = h.parts
	for _, key := range h.keys {
		if _, is := runs[key.run]; !is || key.kind != heldTotals {
			moved.add(h.rows[key])
		}
	}
	return moved
}

// Runs says of each run of the holding whether it came to its end.
func (h *Holding) Runs() map[string]bool {
	runs := map[string]bool{}
	for key, row := range h.rows {
		if key.kind == heldRun {
			runs[key.run] = row.Exact != ""
		}
	}
	return runs
}

// Head is the last seal of the landing when the database was published, "" where
// it had none.
func (h *Holding) Head() string {
	for key := range h.rows {
		if key.kind == heldHead {
			return key.item
		}
	}
	return ""
}

// Loaded says whether a run has loaded something of an account.
func (h *Holding) Loaded(run string, id ledger.AccountID) bool {
	return h.read[heldKey{run: run, source: id.Source, account: id.Account}]
}

// ReadAll reads the whole database, whose damage DuckDB finds where it reads.
func (w *Warehouse) ReadAll(ctx context.Context) error {
	type table struct{ Schema, Name string }
	tables, err := scan.All(ctx, w.db, "database/tables", nil, func(t *table) []any { return []any{&t.Schema, &t.Name} })
	if err == nil {
		_, err = scan.Map[string, string](ctx, w.db, "database/read_all", tables)
	}
	if err != nil {
		return fmt.Errorf("read all of %s: %w", w.path, explain(w.path, err))
	}
	return nil
}

// Ledger is what a published database says of its past, in short.
type Ledger struct {
	ID            string
	Runs, Entries map[string]bool
}

// ErrOlderSchema is a published copy of an earlier program, whose ledger another schema
// has: a copy of it that is brought up to date says the same.
var ErrOlderSchema = errors.New("an earlier program published it")

// PublishedLedger reads what people see at this moment below a folder of
// publishing; nil where nothing is published. Errors are ErrOlderSchema, or what keeps it
// from being read.
func PublishedLedger(ctx context.Context, dir string) (l *Ledger, err error) {
	path := filepath.Join(dir, PublishedName)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	further, done, err := apart(path)
	if err != nil {
		return nil, fmt.Errorf("open %s apart from the log beside it: %w", path, err)
	}
	defer func() { err = errors.Join(err, done()) }()
	db, err := openReadOnly(further)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	known, err := sqlfiles.SchemaVersion()
	var version int
	if err == nil {
		err = scan.One(ctx, db, "database/schema_version", nil, nil, &version)
	}
	if err == nil && version < known {
		err = ErrOlderSchema
	}
	if err == nil {
		l, err = ledgerOf(ctx, db)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return l, nil
}

// Ledger is what the database says of its past.
func (w *Warehouse) Ledger(ctx context.Context) (*Ledger, error) {
	l, err := ledgerOf(ctx, w.db)
	if err != nil {
		return nil, fmt.Errorf("read the ledger of %s: %w", w.path, explain(w.path, err))
	}
	return l, nil
}

// LacksOf lists the runs and entries of l that have lacks.
func (l *Ledger) LacksOf(have *Ledger) (missing []string) {
	for id := range l.Runs {
		if !have.Runs[id] {
			missing = append(missing, id)
		}
	}
	for id := range l.Entries {
		if !have.Entries[id] {
			missing = append(missing, id)
		}
	}
	slices.Sort(missing)
	return missing
}

func ledgerOf(ctx context.Context, db *sql.DB) (*Ledger, error) {
	l := &Ledger{}
	err := scan.One(ctx, db, "database/database_id", nil, nil, &l.ID)
	if err == nil {
		l.Runs, err = scan.Set[string](ctx, db, "ledger/run_ids", nil)
	}
	if err == nil {
		l.Entries, err = scan.Set[string](ctx, db, "ledger/entry_ids", nil)
	}
	return l, err
}

// MayBeRead says of the error of HoldingOf whether the database can be read all
// the same: by another program, or with more room. Otherwise it is damaged.
func MayBeRead(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, ErrNewer) || disk.IsFull(err) || os.IsPermission(err)
}
