package pipeline

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// BasisError is a configuration under which the rows of an account would be
// other rows, where they cannot be brought to that. Nothing was changed.
type BasisError struct {
	Account ledger.AccountID
	Changes []load.BasisChange
	Why     string
}

func (e *BasisError) Error() string {
	return fmt.Sprintf("%s: %s: its rows stand on the former, and are not brought to the new: %s", e.Account, changesText(e.Changes), e.Why)
}

func changesText(changes []load.BasisChange) string {
	texts := make([]string, len(changes))
	for i, c := range changes {
		texts[i] = c.String()
	}
	return strings.Join(texts, ", ")
}

// basisOf is what the rows of an account rest on by the configuration.
func (r *runner) basisOf(a *config.Account) load.AccountBasis {
	settings := a.Source.Settings()
	b := load.AccountBasis{
		AccountID: a.ID(), Calendar: settings.Calendar(), Currency: settings.Currency, MemoOnly: a.MemoOnly,
		Privacy: r.cfg.Privacy.SHA256(), Address: a.Tenancy.Address, Tenant: a.Tenancy.Tenant,
	}
	if w, ok := a.Source.(extract.WallZoned); ok {
		b.WallZone = w.WallZone()
	}
	if since := settings.Since.In(b.Calendar.Zone); !since.IsZero() {
		b.Since = since.Format(time.DateOnly)
	}
	return b
}

// onBasis refuses what must stand on the configuration while rows rest on other
// settings.
func (r *runner) onBasis(ctx context.Context) error {
	known, err := r.warehouse.Bases(ctx)
	if err != nil {
		return err
	}
	for i := range r.cfg.Accounts {
		a := &r.cfg.Accounts[i]
		if of := r.restatementOf(a, known); of != nil {
			return &BasisError{a.ID(), of.Changes, "nightaudit run does it; try again then"}
		}
	}
	return nil
}

// enterAccounts enters what the rows of the configuration's accounts rest on.
func (r *runner) enterAccounts(ctx context.Context) error {
	accounts := make([]load.AccountBasis, 0, len(r.cfg.Accounts))
	for i := range r.cfg.Accounts {
		accounts = append(accounts, r.basisOf(&r.cfg.Accounts[i]))
	}
	return r.warehouse.EnterAccounts(ctx, r.run, accounts)
}

// settle brings what is there to the configuration before anything is read:
// accounts get their names, rows that rest on other settings are restated. What
// it does stands in audit.basis_changes, for a run that is resumed tells of it
// too.
func (r *runner) settle(ctx context.Context, restatements []load.Restatement) error {
	known, err := r.warehouse.Bases(ctx)
	if err != nil {
		return err
	}
	if err := r.noteMoves(ctx, known); err != nil {
		return err
	}
	if err := r.renameAll(ctx, r.change); err != nil {
		return err
	}
	for i := range restatements {
		of := &restatements[i]
		r.observer.Stage("restate " + of.After.String())
		if err := r.warehouse.Restate(ctx, r.run, of); err != nil {
			return err
		}
		r.logOf(of.After.AccountID).Warn("the rows of an account were brought to the configuration", "changes", changesText(of.Changes))
	}
	if err := r.noteSince(ctx); err != nil {
		return err
	}
	return r.enterAccounts(ctx)
}

// noteSince notes of which accounts the first day has changed: their rows stay.
func (r *runner) noteSince(ctx context.Context) error {
	known, err := r.warehouse.Bases(ctx)
	if err != nil {
		return err
	}
	for i := range r.cfg.Accounts {
		now := r.basisOf(&r.cfg.Accounts[i])
		before := known[now.AccountID]
		if before == nil || !before.Rows || before.Since == now.Since {
			continue
		}
		if err := r.warehouse.NoteSince(ctx, r.run, now.AccountID, before.Since, now.Since); err != nil {
			return err
		}
	}
	return nil
}

// settled tells what the run has changed of what was there, for the
// configuration says otherwise than before, and of orders whose account the
// configuration does not name. strangers is how many accounts these are.
func (r *runner) settled(ctx context.Context) (notices []string, strangers int, err error) {
	noted, err := r.warehouse.NotedChanges(ctx, r.run)
	if err != nil {
		return nil, 0, err
	}
	for _, c := range noted {
		notices = append(notices, noticeOf(c))
	}
	unnamed, err := r.strangers(ctx)
	return append(notices, unnamed...), len(unnamed), err
}

// strangers tells of accounts with living orders that the configuration does not
// name.
func (r *runner) strangers(ctx context.Context) (texts []string, err error) {
	living, err := r.warehouse.LivingOrders(ctx)
	for _, l := range living {
		if r.cfg.Knows(l.AccountID) {
			continue
		}
		texts = append(texts, fmt.Sprintf("%s has %d orders, and the configuration does not name it: they are in the books and are not read again. "+
			"If the account was renamed, write its earlier name under aliases: of the account; if it is no longer in use, keep it with enabled: false, or write %s under retired:", l.AccountID, l.Orders, l.AccountID))
	}
	return texts, err
}

// noticeOf is what a person is told of a change of a setting.
func noticeOf(c load.NotedChange) string {
	day := func(since string) string {
		if since == "" {
			return "the beginning"
		}
		return since
	}
	switch c.Setting {
	case load.SettingAccount:
		return fmt.Sprintf("%s: renamed from %s: %d orders", c.AccountID, c.Before, c.Orders)
	case load.SettingSplit:
		return fmt.Sprintf("%s: took %d orders of %s, with their breaks and what people wrote", c.AccountID, c.Orders, c.Before)
	case load.SettingAddress, load.SettingTenant:
		return fmt.Sprintf("%s: %s: read from its beginning, for what it was read to holds no more", c.AccountID, c.BasisChange)
	case load.SettingSince:
		if c.After == "" || c.Before != "" && c.After < c.Before {
			return fmt.Sprintf("%s: since %s → %s: the days in between are read", c.AccountID, day(c.Before), day(c.After))
		}
		return fmt.Sprintf("%s: since %s → %s: orders of the days before stay in the books; they are not read again", c.AccountID, day(c.Before), day(c.After))
	}
	closed := "none of them in closed months"
	if c.Closed != "" {
		closed = "of them in closed months: " + c.Closed
	}
	text := fmt.Sprintf("%s: %s: %d orders moved, %s", c.AccountID, c.BasisChange, c.Orders, closed)
	if c.Setting == load.SettingPrivacy {
		text += "; earlier published databases, workbooks and exports keep the values that they were made with: remove those that nobody may have any more"
	}
	return text
}
