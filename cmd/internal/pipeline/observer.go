package pipeline

import (
	"time"

	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// Observer is told how the run goes on. Its methods may be called from
// several goroutines. Who wants to hear of little embeds Unheard.
type Observer interface {
	// Begun is called once it is certain which run this is: one that was cut short
	// may be taken up.
	Begun(run ledger.Run)
	AccountStarted(source, account string)
	// Page is called after each answer: its records, and the number that the
	// vendor states for the window, -1 where it states none.
	Page(source, account, stream string, rows int, total int64)
	// Waiting is called where the vendor is left alone for d, a second or longer: for
	// the code with which it answered, or "" where the account's own rate asks for it.
	Waiting(source, account string, d time.Duration, why string)
	AccountDone(r AccountResult)
	// Stage names what the run as a whole is doing: "checks", "publish", …
	Stage(name string)
	// Measured is called after each piece of work: an account's, or, where of is
	// empty, the run's as a whole.
	Measured(of ledger.AccountID, s meter.Span)
}

// Unheard is an Observer that does nothing.
type Unheard struct{}

// Begun does nothing, and neither do the others.
func (Unheard) Begun(ledger.Run)                              {}
func (Unheard) AccountStarted(string, string)                 {}
func (Unheard) Page(string, string, string, int, int64)       {}
func (Unheard) Waiting(string, string, time.Duration, string) {}
func (Unheard) AccountDone(AccountResult)                     {}
func (Unheard) Stage(string)                                  {}
func (Unheard) Measured(ledger.AccountID, meter.Span)         {}

// Observers are told one after the other.
type Observers []Observer

// Begun tells all of them, as do the others.
func (all Observers) Begun(run ledger.Run) {
	for _, o := range all {
		o.Begun(run)
	}
}

func (all Observers) AccountStarted(source, account string) {
	for _, o := range all {
		o.AccountStarted(source, account)
	}
}

func (all Observers) Page(source, account, stream string, rows int, total int64) {
	for _, o := range all {
		o.Page(source, account, stream, rows, total)
	}
}

func (all Observers) Waiting(source, account string, d time.Duration, why string) {
	for _, o := range all {
		o.Waiting(source, account, d, why)
	}
}

func (all Observers) AccountDone(r AccountResult) {
	for _, o := range all {
		o.AccountDone(r)
	}
}

func (all Observers) Stage(name string) {
	for _, o := range all {
		o.Stage(name)
	}
}

func (all Observers) Measured(of ledger.AccountID, s meter.Span) {
	for _, o := range all {
		o.Measured(of, s)
	}
}
