package pipeline

import (
	"context"
	"fmt"
	"slices"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// MovedError is an account that read other orders until now than the
// configuration has it read. Nothing was changed.
type MovedError struct {
	Account     ledger.AccountID // as it was called
	Before, Now extract.Tenancy
}

func (e *MovedError) Error() string {
	return fmt.Sprintf("%[1]s read the orders of %[2]s until now, and is to read those of %[3]s: what the one has and the other does not list would be taken as deleted. "+
		"If both are the same account, for the vendor moved, write moved_from: [%[2]q] beside its base_url, and it is read from its beginning once; "+
		"if the new one is another account, give it a name of its own and keep %[1]s with enabled: false, or write it under retired:", e.Account, e.Before, e.Now)
}

// tenancies are whose orders the accounts of the configuration read.
func (r *runner) tenancies() map[string]string {
	tenancies := map[string]string{}
	for i := range r.cfg.Accounts {
		a := &r.cfg.Accounts[i]
		tenancies[a.ID().String()] = a.Tenancy.String()
	}
	return tenancies
}

// sameTenancies refuses an account that reads other orders than its rows are of,
// unless the configuration says that they are the same.
func (r *runner) sameTenancies(ctx context.Context) error {
	known, err := r.warehouse.Bases(ctx)
	if err != nil {
		return err
	}
	for i := range r.cfg.Accounts {
		a := &r.cfg.Accounts[i]
		for _, name := range a.Names() {
			id := ledger.AccountID{Source: a.Driver.Name, Account: name}
			if k := known[id]; k != nil && k.Rows {
				if err := mayRead(a, id, tenancyOf(k)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func tenancyOf(k *load.KnownBasis) extract.Tenancy {
	return extract.Tenancy{Address: k.Address, Tenant: k.Tenant}
}

// mayRead says whether an account may go on from rows that were read elsewhere;
// id is its name there.
func mayRead(a *config.Account, id ledger.AccountID, before extract.Tenancy) error {
	switch {
	case before.Address == "": // a program that did not enter it
	case before.Same(a.Tenancy), slices.ContainsFunc(a.MovedFrom, before.Same):
	default:
		return &MovedError{id, before, a.Tenancy}
	}
	return nil
}

// noteMoves notes which accounts read other orders than before, and which took
// in another account: how far they were read holds no more. It comes before they are
// renamed, so that a run that dies between the two notes it all the same.
func (r *runner) noteMoves(ctx context.Context, known map[ledger.AccountID]*load.KnownBasis) error {
	for i := range r.cfg.Accounts {
		a := &r.cfg.Accounts[i]
		had := 0
		for _, name := range a.Names() {
			k := known[ledger.AccountID{Source: a.Driver.Name, Account: name}]
			if k == nil || !k.Rows {
				continue
			}
			had++
			if c := r.moveOf(a, tenancyOf(k), had > 1); c != nil {
				if err := r.change(ctx, *c); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// moveOf is the change of an account's tenancy, nil for none; merged says that
// another account's rows were there before.
func (r *runner) moveOf(a *config.Account, before extract.Tenancy, merged bool) *load.AccountChange {
	if !merged && (before.Address == "" || before.Same(a.Tenancy)) {
		return nil
	}
	c := &load.AccountChange{Run: r.run, Source: a.Driver.Name, Account: a.Name, Setting: load.SettingAddress, Before: before.String(), After: a.Tenancy.String()}
	if c.Before == "" {
		c.Before = "an address that no run has entered"
	}
	if before.Tenant != a.Tenancy.Tenant {
		c.Setting = load.SettingTenant
	}
	return c
}

// changesOfReplay are the changes that a replay carries out under the
// configuration and no run has yet: other names, and other tenancies, of which the
// last run that read an account tells. What may not be is refused.
func (r *runner) changesOfReplay(runs []landing.RunRecord) ([]load.AccountChange, error) {
	var changes []load.AccountChange
	seen := map[ledger.AccountID]bool{}
	for _, run := range slices.Backward(runs) {
		landed, err := r.landing.WindowLedgers(run)
		if err != nil {
			return nil, err
		}
		for _, was := range sortedIDs(landed) {
			id := r.nameNow(was, run.Run)
			a := r.cfg.FindLanded(id.Source, id.Account)
			if a == nil || seen[id] || !landed[was].Loaded {
				continue
			}
			seen[id] = true
			if id.Account != a.Name {
				changes = append(changes, load.AccountChange{
					Run: r.run, Source: id.Source, Account: a.Name, Setting: load.SettingAccount, Before: id.Account, After: a.Name,
				})
			}
			tenancy, known := run.Tenancies[was.String()]
			if !known || r.cfg.Find(id.Source, id.Account) == nil { // nobody asks it
				continue
			}
			before := extract.ParseTenancy(tenancy)
			if err := mayRead(a, id, before); err != nil {
				return nil, err
			}
			merged := slices.ContainsFunc(a.Names(), func(n string) bool {
				return n != id.Account && seen[ledger.AccountID{Source: id.Source, Account: n}]
			})
			if c := r.moveOf(a, before, merged); c != nil {
				changes = append(changes, *c)
			}
		}
	}
	return changes, nil
}

// recordAll keeps changes that a replay has carried out, before its database takes
// its place.
func (r *runner) recordAll(ctx context.Context, changes []load.AccountChange) error {
	for i := range changes {
		if err := r.record(ctx, entry{Account: &changes[i]}); err != nil {
			return err
		}
	}
	return nil
}

// renameBase gives the rows with which a replay begins the names that their
// accounts got later, and notes all that became of names and tenancies: the runs
// are replayed under the names of now.
func (r *runner) renameBase(ctx context.Context, applied map[string]bool) error {
	for i := range r.changes {
		c := &r.changes[i]
		if applied[c.EntryID()] {
			continue
		}
		carryOut := r.warehouse.NoteChange
		if c.Setting == load.SettingAccount {
			carryOut = r.warehouse.Change
		}
		if err := carryOut(ctx, c); err != nil {
			return err
		}
	}
	return nil
}
