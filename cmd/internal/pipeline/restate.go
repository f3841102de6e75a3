package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// toRestate finds the accounts whose rows rest on other settings than the
// configuration has, and prepares to bring them to those: the account's landed
// answers are loaded once more, under the configuration, into a database of
// their own. It changes nothing that is there. What cannot be brought to the
// configuration is refused with a *BasisError.
func (r *runner) toRestate(ctx context.Context) ([]load.Restatement, error) {
	known, err := r.warehouse.Bases(ctx)
	if err != nil {
		return nil, err
	}
	var restatements []load.Restatement
	var accounts []*config.Account
	for i := range r.cfg.Accounts {
		a := &r.cfg.Accounts[i]
		if of := r.restatementOf(a, known); of != nil {
			restatements, accounts = append(restatements, *of), append(accounts, a)
		}
	}
	if len(accounts) == 0 {
		return nil, nil
	}
	missing, err := r.loadAgain(ctx, accounts, restatements)
	if err != nil {
		return nil, err
	}
	for i, a := range accounts {
		of := &restatements[i]
		why, err := r.cannotRestate(ctx, a, of, missing[i])
		if err != nil {
			return nil, err
		}
		if why != "" {
			return nil, &BasisError{a.ID(), of.Changes, why}
		}
	}
	return restatements, nil
}

// restatementOf is what the rows of an account need to be brought to the
// configuration, nil for nothing.
func (r *runner) restatementOf(a *config.Account, known map[ledger.AccountID]*load.KnownBasis) *load.Restatement {
	after := r.basisOf(a)
	for _, name := range a.Names() {
		before := known[ledger.AccountID{Source: a.Driver.Name, Account: name}]
		if before == nil || !before.Rows {
			continue
		}
		if changes := before.ChangesTo(&after); len(changes) > 0 {
			return &load.Restatement{
				Source: loadSource(a.Driver), Before: before.AccountBasis, After: after, Changes: changes, WallWindows: a.Driver.WallWindows,
			}
		}
	}
	return nil
}

// cannotRestate says why an account cannot be brought to the configuration, ""
// where it can. missing tells what is missing of its landed answers.
func (r *runner) cannotRestate(ctx context.Context, a *config.Account, of *load.Restatement, missing string) (why string, err error) {
	if missing == "" {
		missing, err = r.warehouse.CanRestate(ctx, r.run, of, a.Names())
	}
	if err != nil || missing == "" || !onlyDayStart(of) {
		return missing, err
	}
	// The start of the day alone needs no answer: dates follow from instants.
	of.Database = ""
	why, err = r.warehouse.CanRestate(ctx, r.run, of, a.Names())
	if why != "" {
		why = missing + "; and " + why
	}
	return why, err
}

// settleBase brings the database with which a replay begins to the
// configuration, as the first run that is replayed: the answers behind its rows
// may be gone, so only what needs none of them can be done.
func (r *runner) settleBase(ctx context.Context, base string, runs []landing.RunRecord, have map[string]bool) error {
	r.run = runs[len(runs)-1].Run
	for _, run := range slices.Backward(runs) {
		if !have[run.ID] {
			r.run, r.shifted = run.Run, run.Moved()
		}
	}
	// What of it concerns landed answers has been noted (changesOfReplay).
	carryOut := func(ctx context.Context, c load.AccountChange) error { return r.warehouse.Move(ctx, &c) }
	if err := r.renameAll(ctx, carryOut); err != nil {
		return err
	}
	known, err := r.warehouse.Bases(ctx)
	if err != nil {
		return err
	}
	for i := range r.cfg.Accounts {
		a := &r.cfg.Accounts[i]
		of := r.restatementOf(a, known)
		if of == nil {
			continue
		}
		why := base + " holds rows whose answers are not read again"
		if onlyDayStart(of) {
			if why, err = r.warehouse.CanRestate(ctx, r.run, of, a.Names()); err != nil {
				return err
			}
		}
		if why != "" {
			return &BasisError{a.ID(), of.Changes, why}
		}
		if err := r.warehouse.Restate(ctx, r.run, of); err != nil {
			return err
		}
	}
	return nil
}

func onlyDayStart(of *load.Restatement) bool {
	return len(of.Changes) == 1 && of.Changes[0].Setting == load.SettingDayStart
}

// loadAgain loads what is landed of accounts into a database of their own, run by
// run, as a replay does. missing tells of each what of it is missing, "" where
// nothing is.
func (r *runner) loadAgain(ctx context.Context, accounts []*config.Account, restatements []load.Restatement) (missing []string, err error) {
	runs, err := r.landedRuns()
	if err != nil {
		return nil, err
	}
	working, err := r.warehouse.Holding(ctx, workingDatabase)
	if err != nil {
		return nil, err
	}
	working = working.Named(aliases(r.cfg), nil)
	b := *r
	database := filepath.Join(r.staging, "restated.duckdb")
	if b.warehouse, err = r.openWarehouse(ctx, load.Options{Path: database}); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.warehouse.Close()) }()
	for i, a := range accounts {
		r.observer.Stage("read again " + a.ID().String())
		loaded, err := r.warehouse.RunsOf(ctx, a.Driver.Name, a.Names())
		if err != nil {
			return nil, err
		}
		why := r.notLanded(runs, loaded)
		if why == "" {
			why, err = missingOf(b.loadAccountAgain(ctx, a, runs, loaded))
		}
		if why == "" && err == nil {
			why, err = b.lessThan(ctx, working, a, loaded)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: read its landed answers for %s: %w", a.ID(), changesText(restatements[i].Changes), err)
		}
		missing, restatements[i].Database = append(missing, why), database
	}
	return missing, nil
}

// lessThan says what of an account runs have read by the working database and the
// landing did not give, "" for nothing.
func (r *runner) lessThan(ctx context.Context, working *load.Holding, a *config.Account, runs map[string]bool) (string, error) {
	has, err := r.warehouse.Holding(ctx, "")
	if err != nil {
		return "", err
	}
	id := a.ID()
	lost := has.LostIn(working, runs, &id, nil)
	if len(lost) == 0 {
		return "", nil
	}
	return "the landing is not whole: " + lost[0].String(), nil
}

// notLanded says which answers are missing of the runs that loaded an account, ""
// where none are.
func (r *runner) notLanded(runs []landing.RunRecord, loaded map[string]bool) string {
	landed := map[string]bool{}
	for _, run := range runs {
		landed[run.ID] = true
		if run.Pruned && loaded[run.ID] {
			return fmt.Sprintf("the answers of run %s were removed for their age (landing.keep)", run.ID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(loaded)) {
		if !landed[id] {
			return fmt.Sprintf("the answers of run %s are not landed in %s", id, r.landingDir())
		}
	}
	return ""
}

// missingOf tells of an error that answers are missing, from other errors.
func missingOf(err error) (why string, _ error) {
	damaged := (*landing.Damaged)(nil)
	switch {
	case errors.As(err, &damaged):
		return damaged.Error(), nil
	case errors.Is(err, sealed.ErrNoIdentity):
		return "its landed answers are encrypted, and landing.identity is not set", nil
	}
	return "", err
}

func (r *runner) loadAccountAgain(ctx context.Context, a *config.Account, runs []landing.RunRecord, loaded map[string]bool) error {
	for _, run := range runs {
		ledgers, err := r.windowLedgers(run)
		if err != nil {
			return err
		}
		windows := ledgers[a.ID()]
		for _, l := range windows {
			// A crash may have come between the database and the ledger.
			l.Loaded = l.Loaded || loaded[run.ID]
		}
		r.run = run.Run
		_, damaged, err := r.replayAccount(ctx, a, windows)
		if err == nil && len(damaged) > 0 {
			err = damaged[0]
		}
		if err != nil {
			return fmt.Errorf("run %s: %w", run.ID, err)
		}
	}
	return nil
}
