// Package observe tells programs how a run goes and how it ended: metrics for
// Prometheus in a file, traces and the same metrics for OpenTelemetry, events for
// OpenLineage. People are told by notify.
//
// What it tells is counted elsewhere: in the result of the run, by the meters of its
// stages, and in the ledger of what is published. Names and shapes are part of the
// contract (docs/contract.md). They hold nothing personal, no secret and no money:
// an amount is exact, and these are floats.
//
// Nothing here changes how a run ends, and nobody who does not answer keeps it from
// its end for longer than Limit.
package observe

import (
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
)

// Limit is how long a run waits at its end for those who take what is sent; one that
// is stopped on request hardly waits.
const (
	Limit        = 5 * time.Second
	limitStopped = 500 * time.Millisecond
)

// Night is a run that has ended.
type Night struct {
	Version  string // of the program
	ExitCode int
	Outcome  string // in a word: as in audit.runs, or locked
	Failure  string // why it failed, in English; "" where it did not
	Stopped  bool   // on request
	// Began and Ended are when the command began with it and was through with it.
	Began, Ended time.Time
	Result       *pipeline.Result // as far as it went; nil where it was not begun
	// Published is what people see now; nil where that is nothing, or cannot be read.
	Published *Published
}

// Limit is how long may be taken to tell of it.
func (n *Night) Limit() time.Duration {
	if n.Stopped {
		return limitStopped
	}
	return Limit
}

// Published is what the published database says of how things stand.
type Published struct {
	At          time.Time `json:"published_at"`
	SucceededAt time.Time `json:"succeeded_at"` // when a run last ended well; zero for never
	Accounts    []Account `json:"-"`
	Breaks      []Breaks  `json:"-"`
	// Gaps are those of this run; none where it published nothing.
	Gaps []Gaps `json:"-"`
}

// Account is an account of the configuration.
type Account struct {
	Source     string    `json:"source"`
	Account    string    `json:"account"`
	CompleteAt time.Time `json:"complete_at"` // when its last complete night began; zero for never
}

// Breaks are the open ones of a rule and severity.
type Breaks struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	Open     int64  `json:"breaks"`
}

// Gaps are what of an account does not add up.
type Gaps struct {
	Source  string `json:"source"`
	Account string `json:"account"`
	Windows int64  `json:"windows"` // that are not complete
	Totals  int64  `json:"totals"`  // sums of money that were loaded otherwise than stated
}

// well says whether it ended as it should: breaks are news of the hotel, and not of
// the run.
func (n *Night) well() bool { return n.Outcome == "complete" || n.Outcome == "breaks" }
