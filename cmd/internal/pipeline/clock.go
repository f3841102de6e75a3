package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

const (
	// clockTolerance is how far a recorded time may lie ahead of what vendors say.
	clockTolerance = 5 * time.Minute
	// usualGap is how long after the last entry of the database a recorded time
	// is nothing unusual; after it a vendor is asked before people's entries too.
	usualGap = 36 * time.Hour
	// longestGap is how long after it a time is taken that no vendor confirms: a
	// machine may have been off for a month and more.
	longestGap = 62 * 24 * time.Hour
	// askTimeFor is how long a vendor may take to tell its time; people who add
	// something wait less.
	askTimeFor   = 10 * time.Second
	askPeopleFor = 2 * time.Second
)

// ErrClockAhead is a clock that is ahead of every vendor's, or that nobody
// confirms where it has jumped.
var ErrClockAhead = errors.New("the computer's clock cannot be right")

// vendorDates are the times that vendors stated with their answers, the latest of
// each account and the earliest of all. It is safe for concurrent use.
type vendorDates struct {
	mu       sync.Mutex
	latest   map[ledger.AccountID]time.Time
	earliest time.Time
}

// hear lets d hear the answers of an account in the context it returns.
func (d *vendorDates) hear(ctx context.Context, account ledger.AccountID) context.Context {
	return extract.HearDates(ctx, func(date time.Time) { d.heard(account, date) })
}

func (d *vendorDates) heard(account ledger.AccountID, date time.Time) {
	if date.IsZero() {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.latest == nil {
		d.latest = map[ledger.AccountID]time.Time{}
	}
	if date.After(d.latest[account]) {
		d.latest[account] = date
	}
	if d.earliest.IsZero() || date.Before(d.earliest) {
		d.earliest = date
	}
}

// first is what the vendor whose clock is most behind said, zero where none said
// anything.
func (d *vendorDates) first() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.earliest
}

// verdict of vendors on a time.
type verdict int

const (
	unknown verdict = iota // no vendor stated a time
	agreed                 // the time does not lie ahead of every vendor's
	ahead
	behind // it lies before every vendor's
)

// judge holds a time against the vendors', which says tells.
func (d *vendorDates) judge(at time.Time) (v verdict, says string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var told []string
	before, after := 0, 0
	for account, date := range d.latest {
		told = append(told, fmt.Sprintf("%s says %s", account, date.UTC().Format(time.RFC3339)))
		if at.Sub(date) > clockTolerance {
			after++
		} else if date.Sub(at) > clockTolerance {
			before++
		}
	}
	slices.Sort(told)
	switch n := len(d.latest); n {
	case 0:
		return unknown, "no vendor states its time"
	case after:
		v = ahead
	case before:
		v = behind
	default:
		v = agreed
	}
	return v, strings.Join(told, ", ")
}

// askTime asks the first account for an answer, any will do, and all others at once
// where it does not agree with the run's time, until one does. So it costs one request
// a night, none where the account logs in, for the log-in is the run's.
func (r *runner) askTime(ctx context.Context) error {
	r.observer.Stage("clock")
	asked := r.askedForTime()
	r.askTimeOf(ctx, asked[:min(len(asked), 1)], askTimeFor)
	if v, _ := r.dates.judge(r.run.At); v != agreed && len(asked) > 1 {
		r.askTimeOf(ctx, asked[1:], askTimeFor)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("the run was interrupted before it began: %w", context.Cause(ctx))
	}
	return nil
}

// askTimeForEntry asks all accounts at once: a person waits, and the vendors may be
// out of reach from here.
func (r *runner) askTimeForEntry(ctx context.Context) {
	r.observer.Stage("clock")
	r.askTimeOf(ctx, r.askedForTime(), askPeopleFor)
}

// askedForTime are the accounts that were not opened for reading only.
func (r *runner) askedForTime() []config.Account {
	return slices.DeleteFunc(slices.Clone(r.accounts), func(a config.Account) bool { return a.Source == nil })
}

// askTimeOf asks accounts at once until one agrees with the run's time, for so long.
func (r *runner) askTimeOf(ctx context.Context, accounts []config.Account, most time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	var asking sync.WaitGroup
	for _, a := range accounts {
		asking.Go(func() {
			r.askOneTime(ctx, a)
			if v, _ := r.dates.judge(r.run.At); v == agreed {
				cancel()
			}
		})
	}
	asking.Wait()
}

func (r *runner) askOneTime(ctx context.Context, a config.Account) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ctx = extract.HearDates(ctx, func(date time.Time) {
		r.dates.heard(a.ID(), date)
		cancel() // one answer is enough
	})
	if _, err := a.Source.Check(ctx); err != nil && ctx.Err() == nil {
		r.logOf(a.ID()).Info("the account did not tell the time", "error", err)
	}
}

// clockRight refuses the recorded time of a run that lies ahead of every vendor's,
// and one that none of them confirms where it lies far after the last one. A time
// that was given (--at) is confirmed by who gave it.
func (r *runner) clockRight(last load.Recorded) error {
	v, says := r.dates.judge(r.run.At)
	gap, known := r.sinceLast(last)
	switch {
	case v == ahead:
		return r.clockAhead(says, ". If it is right and the vendor's is not, give a time with --at that is not later than the vendor's")
	case v == unknown && r.o.At.IsZero() && known && gap > longestGap:
		return fmt.Errorf("%w: the run's time is %s, %d days after the last that was recorded, and %s; set the computer's clock right. If it is right, give the time with --at",
			ErrClockAhead, r.run.At.Format(time.RFC3339), int(gap.Hours()/24), says)
	}
	return nil
}

func (r *runner) clockAhead(says, or string) error {
	return fmt.Errorf("%w: the run's time is %s, and %s; set the computer's clock right (time server, NTP)%s", ErrClockAhead, r.run.At.Format(time.RFC3339), says, or)
}

// beginInTime compares the run's clock with the vendors' and with what was
// recorded last, before anything else happens.
func (r *runner) beginInTime(ctx context.Context) error {
	if err := r.askTime(ctx); err != nil {
		return err
	}
	last, err := r.recorded(ctx)
	if err != nil {
		return err
	}
	if err := r.clockRight(last); err != nil {
		return err
	}
	r.doubtful = r.clockDoubtful(last)
	if v, _ := r.dates.judge(r.run.At); v == behind {
		r.vendorsSaid = r.dates.first()
	}
	return nil
}

// sinceLast is how far the run's time lies after what was recorded last; known is
// false where nothing was.
func (r *runner) sinceLast(last load.Recorded) (gap time.Duration, known bool) {
	latest := laterOf(last.Begun, last.Added)
	return r.run.At.Sub(latest), !latest.IsZero()
}

// clockDoubtful says whether the run's time may be wrong: no vendor has stated
// its own yet, and the last was recorded long before. Such a run may read, but
// records nothing before a vendor has answered.
func (r *runner) clockDoubtful(last load.Recorded) bool {
	v, _ := r.dates.judge(r.run.At)
	gap, known := r.sinceLast(last)
	return v == unknown && r.o.At.IsZero() && known && gap > usualGap
}
