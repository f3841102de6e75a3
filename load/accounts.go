package load

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// AccountBasis is what the rows of an account rest on: the settings by which its
// answers are decoded (audit.accounts).
type AccountBasis struct {
	ledger.AccountID
	Calendar transform.Calendar
	Currency string // where the source states none
	MemoOnly bool   // its orders are billed by a PMS
	Privacy  string // name of the policy for personal data; "" is not known
	Since    string // first creation day that is loaded, yyyy-MM-dd; "" for all
	// WallZone is the zone of times that the vendor documents as UTC; "" is UTC.
	WallZone string
	// Address and Tenant say whose orders it reads, Address "" where no run has
	// entered it.
	Address, Tenant string
}

// The settings of a basis, as the configuration names them.
const (
	SettingTimezone = "timezone"
	SettingWallZone = "wall_zone"
	SettingDayStart = "business_day_start"
	SettingCurrency = "currency"
	SettingLinks    = "links"
	SettingPrivacy  = "pii"
	SettingSince    = "since"
	SettingAccount  = "account"    // it was renamed
	SettingSplit    = "split_from" // it took orders of another account
	SettingAddress  = "base_url"   // it was moved to another address
	SettingTenant   = "tenant"     // it was moved to another tenant
)

// BasisChange is a setting that is another one than that on which rows rest.
type BasisChange struct{ Setting, Before, After string }

func (c BasisChange) String() string {
	if c.Setting == SettingPrivacy {
		return "pii (the policy for personal data)"
	}
	return fmt.Sprintf("%s %s → %s", c.Setting, c.Before, c.After)
}

// ChangesTo lists the settings by which the rows of b would be other rows under
// the basis to. Since is not among them: it decides which orders are read.
func (b *AccountBasis) ChangesTo(to *AccountBasis) (changes []BasisChange) {
	compare := func(setting, before, after string) {
		if before != after {
			changes = append(changes, BasisChange{setting, before, after})
		}
	}
	compare(SettingTimezone, b.Calendar.Zone.String(), to.Calendar.Zone.String())
	compare(SettingWallZone, cmp.Or(b.WallZone, "UTC"), cmp.Or(to.WallZone, "UTC"))
	compare(SettingDayStart, clockText(b.Calendar), clockText(to.Calendar))
	compare(SettingCurrency, b.Currency, to.Currency)
	compare(SettingLinks, memoText(b.MemoOnly), memoText(to.MemoOnly))
	if b.Privacy != "" {
		compare(SettingPrivacy, b.Privacy, to.Privacy)
	}
	return changes
}

func clockText(c transform.Calendar) string { return time.Time{}.Add(c.DayStart).Format("15:04") }

func memoText(memo bool) string {
	if memo {
		return "billed by a PMS"
	}
	return "billed by itself"
}

// KnownBasis is the basis of an account of the database.
type KnownBasis struct {
	AccountBasis
	Rows bool // whether the account has any
}

// Bases gives what the rows of each account rest on.
func (w *Warehouse) Bases(ctx context.Context) (map[ledger.AccountID]*KnownBasis, error) {
	type row struct {
		KnownBasis
		zone, clock string
	}
	rows, err := scan.All(ctx, w.db, "ledger/account_bases", nil, func(r *row) []any {
		return []any{&r.Source, &r.Account, &r.zone, &r.clock, &r.Currency, &r.MemoOnly, &r.Privacy, &r.Since, &r.Address, &r.Tenant, &r.WallZone, &r.Rows}
	})
	if err != nil {
		return nil, fmt.Errorf("read what the rows of the accounts rest on: %w", err)
	}
	bases := map[ledger.AccountID]*KnownBasis{}
	for i := range rows {
		r := &rows[i]
		if r.Calendar, err = calendarOf(r.zone, r.clock); err != nil {
			return nil, fmt.Errorf("read what the rows of %s rest on: %w", r.AccountID, err)
		}
		bases[r.AccountID] = &r.KnownBasis
	}
	return bases, nil
}

func calendarOf(zone, clock string) (c transform.Calendar, err error) {
	if c.Zone, err = time.LoadLocation(zone); err != nil {
		return c, err
	}
	start, err := time.Parse(time.TimeOnly, clock)
	c.DayStart = start.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))
	return c, err
}

// EnterAccounts enters the accounts of the configuration, and notes that others
// are no longer in it. Rows that rest on another basis have been restated.
func (w *Warehouse) EnterAccounts(ctx context.Context, run ledger.Run, accounts []AccountBasis) error {
	w.commit.Lock()
	defer w.commit.Unlock()
	err := w.inTx(ctx, func(tx *sql.Tx) error {
		names := make([]string, 0, len(accounts))
		for i := range accounts {
			if err := enterAccount(ctx, tx, run, &accounts[i]); err != nil {
				return fmt.Errorf("%s: %w", accounts[i].AccountID, err)
			}
			names = append(names, accounts[i].String())
		}
		return scan.Exec(ctx, tx, "ledger/retire_accounts", nil, names)
	})
	if err != nil {
		return fmt.Errorf("enter the accounts of the configuration: %w", err)
	}
	return nil
}

func enterAccount(ctx context.Context, q scan.Querier, run ledger.Run, a *AccountBasis) error {
	return scan.Exec(ctx, q, "ledger/enter_account", nil, a.Source, a.Account,
		a.Calendar.Zone.String(), clockText(a.Calendar), a.Currency, a.MemoOnly, a.Privacy, a.Since, run.ID, a.Address, a.Tenant, a.WallZone)
}

// NoteChange enters that a setting of an account has changed, how many of its
// orders that moved, and what of it fell into closed periods.
func noteChange(ctx context.Context, q scan.Querier, run ledger.Run, id ledger.AccountID, c BasisChange, orders int64, closed string) error {
	err := scan.Exec(ctx, q, "ledger/insert_basis_change", nil, run.ID, id.Source, id.Account, c.Setting, c.Before, c.After, orders, closed, run.At)
	if err != nil {
		return fmt.Errorf("note that %s of %s has changed: %w", c.Setting, id, err)
	}
	return nil
}

// NoteSince enters that an account is to be loaded from another day on.
func (w *Warehouse) NoteSince(ctx context.Context, run ledger.Run, id ledger.AccountID, before, after string) error {
	return w.inTx(ctx, func(tx *sql.Tx) error {
		if err := ensureRun(ctx, tx, run); err != nil {
			return err
		}
		return noteChange(ctx, tx, run, id, BasisChange{SettingSince, before, after}, 0, "")
	})
}

// NotedChange is a change of a setting that a run has carried out.
type NotedChange struct {
	Run string // its id
	ledger.AccountID
	BasisChange
	Orders int64  // that it moved
	Closed string // of them in closed periods, as "2025-04: 12"; "" for none
}

// NotedChanges are the changes of settings that a run has carried out.
func (w *Warehouse) NotedChanges(ctx context.Context, run ledger.Run) ([]NotedChange, error) {
	all, err := w.basisChanges(ctx, run.ID)
	if err != nil {
		return nil, fmt.Errorf("read which settings run %s has carried out: %w", run.ID, err)
	}
	return all, nil
}

// ChangesOfBasis are those that any run has carried out and that a replay does not: under
// the settings of now from its first run on, it has nothing to change. Names, addresses
// and tenants it follows.
func (w *Warehouse) ChangesOfBasis(ctx context.Context) ([]NotedChange, error) {
	all, err := w.basisChanges(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("read which settings runs have carried out: %w", err)
	}
	return slices.DeleteFunc(all, func(c NotedChange) bool {
		return slices.Contains([]string{SettingAccount, SettingSplit, SettingAddress, SettingTenant}, c.Setting)
	}), nil
}

// basisChanges are those of a run; "" is any.
func (w *Warehouse) basisChanges(ctx context.Context, run string) ([]NotedChange, error) {
	return scan.All(ctx, w.db, "ledger/basis_changes", nil, func(c *NotedChange) []any {
		return []any{&c.Run, &c.Source, &c.Account, &c.Setting, &c.Before, &c.After, &c.Orders, &c.Closed}
	}, run)
}

// OrdersOf is an account and how many living orders it has.
type OrdersOf struct {
	ledger.AccountID
	Orders int64
}

func (o OrdersOf) String() string {
	return o.AccountID.String() + " " + strconv.FormatInt(o.Orders, 10)
}

// LivingOrders counts the orders of each account that are not deleted.
func (w *Warehouse) LivingOrders(ctx context.Context) ([]OrdersOf, error) {
	all, err := scan.All(ctx, w.db, "ledger/living_orders", nil, func(o *OrdersOf) []any {
		return []any{&o.Source, &o.Account, &o.Orders}
	})
	if err != nil {
		return nil, fmt.Errorf("count the orders of each account: %w", err)
	}
	return all, nil
}

// RunsOf are the runs that loaded anything of an account, under one of its
// names.
func (w *Warehouse) RunsOf(ctx context.Context, source string, names []string) (map[string]bool, error) {
	runs, err := scan.Set[string](ctx, w.db, "ledger/runs_of_account", nil, source, names)
	if err != nil {
		return nil, fmt.Errorf("list the runs that loaded %s/%s: %w", source, names[0], err)
	}
	return runs, nil
}
