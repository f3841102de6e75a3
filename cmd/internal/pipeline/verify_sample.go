package pipeline

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Sample is what verify decoded anew of the landing, and compared.
type Sample struct {
	Runs    int   `json:"runs"`
	Answers int   `json:"answers"`
	Orders  int64 `json:"orders"`
	// TooLarge counts accounts of a run that were passed over, for they have more
	// answers than the sample; only a restore test looks at them.
	TooLarge int `json:"too_large"`
}

// mostSampledRuns bounds a sample of nights that brought little: each takes a database of
// its own.
const mostSampledRuns = 5

// sampled is what an account brought in a run.
type sampled struct {
	account *config.Account
	ledgers []*landing.WindowLedger
}

// sample decodes what some accounts brought in some runs, in a database of its own, and
// compares what comes of it with the published one. Which they are depends on the head of
// the chain of seals: another pick after every night.
func (v *verification) sample(ctx context.Context, state *load.PublishedState, most int) (err error) {
	v.out.Sample = &Sample{}
	if last := state.Runs[len(state.Runs)-1]; last.ConfigSHA256 != v.cfg.SHA256 {
		v.out.Notices = append(v.out.Notices, "no sample was decoded: the configuration is another than that of the last run; the next one brings the rows to it")
		return nil
	}
	if keys := v.cfg.LandingKeys; keys.Seals() && !keys.Opens() {
		v.out.Notices = append(v.out.Notices, "no sample was decoded: the landing is encrypted, and landing.identity is not set")
		return nil
	}
	if err := errors.Join(v.clearStaging(), v.readChanges(func(error) error { return nil })); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(v.staging)) }()
	runs, err := v.landedRuns()
	if err != nil {
		return err
	}
	published := map[string]bool{}
	for _, run := range state.Runs {
		published[run.ID] = true
	}
	runs = slices.DeleteFunc(runs, func(run landing.RunRecord) bool { return run.Pruned || !published[run.ID] })
	slices.SortFunc(runs, func(a, b landing.RunRecord) int { return slices.Compare(v.rank(a.ID), v.rank(b.ID)) })
	for _, run := range runs {
		if left := most - v.out.Sample.Answers; v.out.Sample.Runs >= mostSampledRuns || left <= 0 {
			break
		}
		if err := v.sampleRun(ctx, state, run, most); err != nil {
			return fmt.Errorf("decode a sample of run %s: %w", run.ID, err)
		}
	}
	return nil
}

func (v *verification) rank(name string) []byte {
	sum := sha256.Sum256([]byte(v.out.Head + " " + name))
	return sum[:]
}

// sampleRun decodes of a run as many accounts as the sample has room for, and compares them.
// What a run brought before the settings of its source changed was decoded otherwise then.
func (v *verification) sampleRun(ctx context.Context, state *load.PublishedState, run landing.RunRecord, most int) error {
	ledgers, err := v.windowLedgers(run)
	if err != nil {
		return err
	}
	var chosen []sampled
	ids := sortedIDs(ledgers)
	slices.SortFunc(ids, func(a, b ledger.AccountID) int {
		return slices.Compare(v.rank(run.ID+" "+a.String()), v.rank(run.ID+" "+b.String()))
	})
	for _, id := range ids {
		account, answers := v.cfg.FindLanded(id.Source, id.Account), answersOf(ledgers[id])
		switch {
		case account == nil || answers == 0 || gathers(account) || run.At.Before(state.Rebased[id.Source]):
		case answers > most:
			v.out.Sample.TooLarge++
		case v.out.Sample.Answers+answers <= most:
			v.out.Sample.Answers += answers
			chosen = append(chosen, sampled{account, ledgers[id]})
		}
	}
	if len(chosen) == 0 {
		return nil
	}
	v.out.Sample.Runs++
	decoded := filepath.Join(v.staging, "sample.duckdb")
	if err := v.decode(ctx, decoded, run, chosen); err != nil {
		return err
	}
	found, orders, err := load.CompareSample(ctx, decoded, v.out.Database, load.Options{TempDir: filepath.Join(v.staging, "spill"), MemoryLimit: v.cfg.MemoryLimit})
	if errors.Is(err, load.ErrOtherSchema) {
		v.out.Notices = append(v.out.Notices, "no sample was compared: "+err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	v.out.Sample.Orders += orders
	for _, f := range found {
		if f.Missing {
			v.find(run.ID, v.out.Database, landing.Missing, "%s: order %s: no version rests on the answer that the run landed", f.AccountID, f.Order)
		} else {
			v.find(run.ID, v.out.Database, landing.Altered, "%s: order %s: its rows in %s are not what the answer gives that the run landed", f.AccountID, f.Order, f.Table)
		}
	}
	return os.Remove(decoded)
}

// gathers says whether orders of an account are asked for by id until they are final: their
// rows follow from answers of several runs, and only a restore test can compare them.
func gathers(account *config.Account) bool { return account.Driver.FinalSQL != "" }

// answersOf is how many answers of an account a run loaded.
func answersOf(ledgers []*landing.WindowLedger) (n int) {
	for _, l := range ledgers {
		if !l.Loaded {
			continue
		}
		for _, w := range l.LoadedWindows() {
			if w.First > 0 {
				n += w.Last - w.First + 1
			}
		}
	}
	return n
}

// decode loads what accounts brought in a run into a new database. An answer that is
// damaged is a finding.
func (v *verification) decode(ctx context.Context, file string, run landing.RunRecord, chosen []sampled) (err error) {
	b := *v.runner
	b.run, b.shifted = run.Run, run.Moved()
	if b.warehouse, err = b.openWarehouse(ctx, load.Options{Path: file, Passing: true}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.warehouse.Close()) }()
	if err := b.enterAccounts(ctx); err != nil {
		return err
	}
	for _, s := range chosen {
		_, damaged, err := b.replayAccount(ctx, s.account, s.ledgers)
		if err != nil {
			return fmt.Errorf("%s: %w", s.account.ID(), err)
		}
		for _, d := range damaged {
			v.find(run.ID, "", landing.Unreadable, "%s: %v", s.account.ID(), d)
		}
	}
	return nil
}
