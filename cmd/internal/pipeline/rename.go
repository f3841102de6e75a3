package pipeline

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/extract/wal"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// What runs did to the names of accounts stands in the journal of what people
// added, before the database changes: the landing keeps the names that accounts
// had, and a name may be another account's by now.

// change carries a change of an account out, into the journal first. One that the
// run had carried out before it was cut short is not made again.
func (r *runner) change(ctx context.Context, c load.AccountChange) error {
	if slices.ContainsFunc(r.changes, func(o load.AccountChange) bool { return o.EntryID() == c.EntryID() }) {
		return nil
	}
	if err := r.record(ctx, entry{Account: &c}); err != nil {
		return err
	}
	r.changes = append(r.changes, c)
	return r.warehouse.Change(ctx, &c)
}

// readChanges reads what runs did to names, in order.
func (r *runner) readChanges(damaged func(error) error) error {
	entries, _, err := r.journal(damaged)
	r.changes = nil
	for _, e := range entries {
		if e.Account != nil {
			r.changes = append(r.changes, *e.Account)
		}
	}
	return err
}

// nameNow is the name that an account has which had another one in a run.
func (r *runner) nameNow(id ledger.AccountID, in ledger.Run) ledger.AccountID {
	for i := range r.changes {
		c := &r.changes[i]
		if c.Setting == load.SettingAccount && c.Source == id.Source && c.Before == id.Account && ranBefore(in, c.Run) {
			id.Account = c.After
		}
	}
	return id
}

// called is nameNow by the configuration, whose aliases no run may have carried out
// yet.
func (r *runner) called(id ledger.AccountID, in ledger.Run) ledger.AccountID {
	id = r.nameNow(id, in)
	if a := r.cfg.FindLanded(id.Source, id.Account); a != nil {
		return a.ID()
	}
	return id
}

// ranBefore says whether a run came before another: those of one recorded time go by
// their ids.
func ranBefore(a, b ledger.Run) bool {
	return a.At.Before(b.At) || a.At.Equal(b.At) && a.ID < b.ID
}

// windowLedgers are what a run has landed, by the names that accounts have now:
// several may have become one.
func (r *runner) windowLedgers(run landing.RunRecord) (map[ledger.AccountID][]*landing.WindowLedger, error) {
	landed, err := r.landing.WindowLedgers(run)
	if err != nil {
		return nil, err
	}
	byName := map[ledger.AccountID][]*landing.WindowLedger{}
	for _, id := range sortedIDs(landed) {
		now := r.called(id, run.Run)
		byName[now] = append(byName[now], landed[id])
	}
	return byName, nil
}

// aliases are the earlier names of the configuration's accounts, of disabled ones
// too.
func aliases(cfg *config.Config) (all []load.Alias) {
	for _, a := range slices.Concat(cfg.Accounts, cfg.Idle) {
		for _, earlier := range a.Aliases {
			all = append(all, load.Alias{Source: a.Driver.Name, Earlier: earlier, Name: a.Name})
		}
	}
	return all
}

// renameAll gives what stands under earlier names of accounts their names;
// carryOut is how.
func (r *runner) renameAll(ctx context.Context, carryOut func(context.Context, load.AccountChange) error) error {
	for _, alias := range aliases(r.cfg) {
		has, err := r.warehouse.HasRows(ctx, alias.Source, alias.Earlier)
		if err != nil {
			return err
		}
		if !has {
			continue
		}
		r.observer.Stage("rename " + alias.Source + "/" + alias.Earlier)
		c := load.AccountChange{Run: r.run, Source: alias.Source, Account: alias.Name, Setting: load.SettingAccount, Before: alias.Earlier, After: alias.Name}
		if c.Orders, err = r.warehouse.OrdersUnder(ctx, alias.Source, alias.Earlier, ""); err != nil {
			return err
		}
		if err := carryOut(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// split gives an account those orders of the accounts that it was split from which
// it has read itself. The others have not been read yet: what moves is not missing
// there.
func (r *runner) split(ctx context.Context, a config.Account) error {
	r.splitting.Lock()
	defer r.splitting.Unlock()
	for _, from := range a.SplitFrom {
		orders, err := r.warehouse.OrdersUnder(ctx, a.Driver.Name, from, a.Name)
		if err != nil {
			return err
		}
		if orders == 0 {
			continue
		}
		r.observer.Stage("split " + a.Driver.Name + "/" + from)
		c := load.AccountChange{Run: r.run, Source: a.Driver.Name, Account: a.Name, Setting: load.SettingSplit, Before: from, After: a.Name, Orders: orders}
		if err := r.change(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// splitAgain does in a replay what the run did to accounts.
func (r *runner) splitAgain(ctx context.Context, accounts []config.Account) error {
	for i := range r.changes {
		c := r.changes[i]
		if c.Setting != load.SettingSplit || c.Run.ID != r.run.ID {
			continue
		}
		// Both may have other names by now, and be one.
		from := r.called(ledger.AccountID{Source: c.Source, Account: c.Before}, r.run)
		to := r.called(ledger.AccountID{Source: c.Source, Account: c.After}, r.run)
		if from == to || !slices.ContainsFunc(accounts, func(a config.Account) bool { return a.ID() == to }) {
			continue
		}
		c.Before, c.After, c.Account = from.Account, to.Account, to.Account
		if err := r.warehouse.Move(ctx, &c); err != nil {
			return err
		}
	}
	return nil
}

// pushedLogs are the accounts whose vendors push something, each with the folder of
// the log in which that is kept.
func pushedLogs(accounts []config.Account) iter.Seq2[config.Account, string] {
	return func(yield func(config.Account, string) bool) {
		for _, a := range accounts {
			source, ok := a.Source.(extract.Notified)
			if !ok {
				continue
			}
			if pushed, ok := source.Notifications(); ok && !yield(a, pushed.LogDir) {
				return
			}
		}
	}
}

// renameLogs moves what vendors have pushed for an account under an earlier name
// to what a listener may have begun under the new one.
func (r *runner) renameLogs() error {
	for a, logDir := range pushedLogs(r.cfg.Accounts) {
		for _, earlier := range a.Aliases {
			old := filepath.Join(filepath.Dir(logDir), earlier)
			for _, within := range []string{extract.RefusedDir, ""} { // the inner one first
				renamed, err := wal.Merge(filepath.Join(old, within), filepath.Join(logDir, within))
				if err != nil {
					return fmt.Errorf("rename what was pushed for %s: %w", a.ID(), err)
				}
				if within == "" {
					r.noteMoved(old, logDir, renamed)
				}
			}
		}
	}
	return nil
}

// noteMoved remembers for the seal which segments of a log have another name.
func (r *runner) noteMoved(from, to string, renamed map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(renamed)) {
		was, err := filepath.Rel(r.landingDir(), filepath.Join(from, name))
		now, errNow := filepath.Rel(r.landingDir(), filepath.Join(to, renamed[name]))
		if err == nil && errNow == nil {
			r.moved = append(r.moved, landing.Moved{From: filepath.ToSlash(was), To: filepath.ToSlash(now)})
		}
	}
}

// breakIDs are, by the ids that breaks had while their accounts had earlier
// names, the ids that they have.
type breakIDs map[string]string

// breakIDs are those of breaks as they were named after an instant.
func (r *runner) breakIDs(ctx context.Context, since time.Time) (breakIDs, error) {
	return r.warehouse.EarlierBreaks(ctx, r.namesSince(since))
}

// namesSince are the names that accounts had at an instant, each with those under
// which their orders stand now: a part of them may stand under another one.
func (r *runner) namesSince(since time.Time) []load.Alias {
	var names []load.Alias // Earlier: the name at that instant, Name: one that it became
	begin := func(source, name string) {
		known := func(a load.Alias) bool { return a.Source == source && (a.Name == name || a.Earlier == name) }
		if !slices.ContainsFunc(names, known) { // else it is a newer one, or of an account that came later
			names = append(names, load.Alias{Source: source, Earlier: name, Name: name})
		}
	}
	for i := range r.changes {
		c := &r.changes[i]
		if !c.Run.At.After(since) || c.Setting != load.SettingAccount && c.Setting != load.SettingSplit {
			continue
		}
		begin(c.Source, c.Before)
		for k := range names {
			if names[k].Source != c.Source || names[k].Name != c.Before {
				continue
			}
			if c.Setting == load.SettingAccount {
				names[k].Name = c.After
			} else {
				names = append(names, load.Alias{Source: c.Source, Earlier: names[k].Earlier, Name: c.After})
			}
		}
	}
	// Of what a program renamed that kept no journal of it, the configuration tells.
	for _, a := range aliases(r.cfg) {
		names = append(names, a)
		for k := range names {
			if names[k].Source == a.Source && names[k].Name == a.Earlier {
				names[k].Name = a.Name
			}
		}
	}
	return slices.DeleteFunc(names, func(a load.Alias) bool { return a.Earlier == a.Name })
}

// now is the id that a break has.
func (ids breakIDs) now(id string) string {
	if has, ok := ids[id]; ok {
		return has
	}
	return id
}

// named gives annotations the ids that their breaks have now.
func (r *runner) named(ctx context.Context, a load.Annotations) (load.Annotations, error) {
	ids, err := r.breakIDs(ctx, a.At)
	if err != nil || len(ids) == 0 {
		return a, err
	}
	a.Rows = slices.Clone(a.Rows)
	for i := range a.Rows {
		a.Rows[i].BreakID = ids.now(a.Rows[i].BreakID)
	}
	return a, nil
}
