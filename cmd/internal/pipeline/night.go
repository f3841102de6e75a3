package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
)

// A night asks vendors until its time is up, and no longer: an account that does
// not end fails then, and what the others brought is checked and published. The
// time is that of the machine's running, not of its clock, which may be set.

// errTimeUp is why a vendor is not asked any more.
var errTimeUp = errors.New("the night's time was up")

// extractAll runs all accounts side by side, but for those that wait for what
// others bring (wavesOf). One that fails does not disturb the others; an error is
// the run's own.
func (r *runner) extractAll(ctx context.Context, waves [][]config.Account) ([]AccountResult, error) {
	defer collectSooner()()
	accounts := slices.Concat(waves...)
	results := make([]AccountResult, len(accounts))
	ended := make([]chan struct{}, len(accounts))
	for i := range ended {
		ended[i] = make(chan struct{})
	}
	group, ctx := errgroup.WithContext(ctx)
	first := 0 // of the wave
	for _, wave := range waves {
		before := first
		for i, a := range wave {
			i += first
			group.Go(func() (err error) {
				defer close(ended[i])
				for j, other := range accounts[:before] {
					if !slices.Contains(a.Driver.Needs, other.Driver.Name) && !a.IsSplitInto(other) {
						continue
					}
					select {
					case <-ended[j]:
					case <-ctx.Done():
						return context.Cause(ctx)
					}
				}
				awaited := slices.ContainsFunc(accounts[i+1:], func(later config.Account) bool {
					return slices.Contains(later.Driver.Needs, a.Driver.Name) || later.IsSplitInto(a)
				})
				if results[i], err = r.timed(ctx, a, awaited); err == nil {
					err = r.split(ctx, a)
				}
				return err
			})
		}
		first += len(wave)
	}
	return results, group.Wait()
}

// collectSooner has garbage collected when the heap has grown by half, not to its
// double, until back is called: answers are read into ever new memory. Who sets GOGC
// has it their way.
func collectSooner() (back func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(50)
	return func() { debug.SetGCPercent(before) }
}

// timed runs one account, which may take what is left of the night: half of it
// where others wait for what it brings.
func (r *runner) timed(ctx context.Context, a config.Account, awaited bool) (AccountResult, error) {
	r.observer.AccountStarted(a.Driver.Name, a.Name)
	ctx = extract.HearWaits(ctx, func(d time.Duration, why string) {
		if d >= time.Second {
			r.observer.Waiting(a.Driver.Name, a.Name, d, why)
		}
	})
	left := time.Until(r.ends)
	if awaited {
		left /= 2
	}
	if own := time.Duration(a.Source.Settings().MaxDuration); own > 0 {
		left = min(left, own)
	}
	began := time.Now()
	done, err := r.extractOne(ctx, a, began.Add(left))
	if err == nil {
		done.Took = time.Since(began)
		r.observer.AccountDone(done)
		r.logAccount(&done)
	}
	return done, err
}

// overdue is err, or, where the account's time was up and that is why it failed,
// what an operator has to know of that.
func (a *accountRun) overdue(ctx, asking context.Context, err error) error {
	if err == nil || ctx.Err() != nil || !errors.Is(context.Cause(asking), errTimeUp) || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	stream := failedStream(a.Driver, err)
	return &streamError{stream, &extract.Error{
		Class: extract.Permanent, Op: "read " + stream,
		Err: fmt.Errorf("%w after %s and %d answers, and nothing of the account was loaded", errTimeUp, lasted(time.Since(a.begun)), a.pages),
		Hint: "the next night reads it anew; where it needs longer, as a first night may, raise max_duration, or set the account's since to a later day and back by and by; " +
			"where it should not, ask the vendor whether the list ends",
	}}
}

// lasted is a time as it is written in the configuration: 6h, 1m30s, 2.5s.
func lasted(d time.Duration) string {
	text := d.Round(100 * time.Millisecond).String()
	if d >= time.Minute {
		text = d.Round(time.Second).String()
	}
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
