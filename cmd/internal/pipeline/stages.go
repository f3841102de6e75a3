package pipeline

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// What stages of a run take is entered into the ledger as the run ends, and kept
// with it in the landing, for a replay takes times of its own. What comes after that
// (the seal, publishing, workbooks) cannot be in what is published then: it is left
// in the data folder, and the next run keeps and enters it.

// whole is no account: the run as a whole.
var whole ledger.AccountID

// enterEnd enters how the run ended, and what stages took.
func (r *runner) enterEnd(ctx context.Context, landed landing.RunRecord) error {
	before, err := r.leftStages(ctx)
	if err != nil {
		return err
	}
	took, err := r.landing.AppendStages(landed, append(r.meters.Readings(r.run.ID), before...))
	if err != nil {
		return err
	}
	return r.warehouse.Finish(ctx, r.run, endOf(landed), took)
}

// endAgain checks once more what a run brought, and enters how it ended, in a replay.
// One in which every account failed has no checks.
func (r *runner) endAgain(ctx context.Context, landed landing.RunRecord, checkAll bool, done *rebuilt) error {
	took, err := r.stagesOf(landed)
	if err != nil {
		done.lost = append(done.lost, lossOf(landed, whole, err.Error()))
	}
	if landed.ExitCode != exit.Failed {
		if err := r.warehouse.EnterStages(ctx, r.run, took); err != nil {
			return err
		}
		if _, err := r.warehouse.Check(ctx, r.run, r.checking(checkAll)); err != nil {
			return err
		}
		done.finished = r.run
	}
	return r.warehouse.Finish(ctx, r.run, endOf(landed), took)
}

// stagesOf are the stages that were kept with a run, its accounts by their names of now.
func (r *runner) stagesOf(landed landing.RunRecord) ([]meter.Reading, error) {
	took, err := r.landing.Stages(landed)
	for i := range took {
		if t := &took[i]; t.Account != "" {
			id := r.called(ledger.AccountID{Source: t.Source, Account: t.Account}, landed.Run)
			t.Account = id.Account
		}
	}
	return took, err
}

func endOf(landed landing.RunRecord) load.RunEnd {
	return load.RunEnd{At: landed.FinishedAt, Outcome: landed.Outcome, ExitCode: landed.ExitCode, Books: landed.Books}
}

func (r *runner) leftStagesFile() string { return filepath.Join(r.cfg.DataDir, "stages.json") }

// leaveStages leaves for the next run what came after the ledger was written.
// Figures that are lost are no reason for a night to fail.
func (r *runner) leaveStages() {
	data, err := json.Marshal(r.after.Readings(r.run.ID, whole))
	if err == nil {
		err = disk.Replace(r.leftStagesFile(), 0o600, func(w io.Writer) error {
			_, err := w.Write(append(data, '\n'))
			return err
		})
	}
	if err != nil {
		r.log.Info("how long publishing took will not be in the ledger", "error", err)
	}
}

// leftStages are the readings that the run before has left, if the ledger knows it
// and it is not this one, which was taken up.
func (r *runner) leftStages(ctx context.Context) (left []meter.Reading, err error) {
	data, err := os.ReadFile(r.leftStagesFile())
	if err == nil {
		err = json.Unmarshal(data, &left)
	}
	if err != nil {
		if !os.IsNotExist(err) {
			r.log.Info("how long the last run took to publish is not known", "error", err)
		}
		return nil, nil
	}
	if len(left) == 0 || left[0].Run == r.run.ID {
		return nil, nil
	}
	known, err := r.warehouse.EndOf(ctx, left[0].Run)
	if err != nil || known == nil {
		return nil, err
	}
	return slices.DeleteFunc(left, func(l meter.Reading) bool { return l.Run != left[0].Run || l.Account != "" }), nil
}

// amountOf is how many workbooks a run wrote, and how long they are.
func amountOf(r *Result) (a meter.Amount) {
	for _, book := range append([]string{r.Workbook}, r.Earlier...) {
		if info, err := os.Stat(book); err == nil { // "" is none
			a.Calls, a.Bytes = a.Calls+1, a.Bytes+info.Size()
		}
	}
	return a
}

// logAccount tells of an account that has come to its end.
func (r *runner) logAccount(a *AccountResult) {
	id := ledger.AccountID{Source: a.Source, Account: a.Account}
	var took []any
	for _, s := range r.meters.Of(id).Readings(r.run.ID, id) {
		took = append(took, slog.Float64(string(s.Stage), secondsOf(s.Took())))
	}
	r.logOf(id).Info("account done", "seconds", secondsOf(a.Took), "state", a.State,
		"orders", a.Orders, "new", a.Inserted, "changed", a.Updated, "answers", a.Pages, slog.Group("stages", took...))
}

// logStages tells what the stages of the run took.
func (r *runner) logStages(readings []meter.Reading) {
	for i := range readings {
		s, log := &readings[i], r.log
		if s.Account != "" {
			log = r.logOf(ledger.AccountID{Source: s.Source, Account: s.Account})
		}
		log.Debug("stage done", "stage", string(s.Stage), "seconds", secondsOf(s.Took()), "calls", s.Calls, "bytes", s.Bytes, "rows", s.Rows)
	}
}

// secondsOf is a time in seconds, to the millisecond.
func secondsOf(d time.Duration) float64 {
	return float64(d.Round(time.Millisecond).Milliseconds()) / 1000
}
