package notify

import (
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/reports/labels"
)

// Night is how one run ended, as far as people are told of it. Its JSON is part of
// the contract (docs/contract.md), and holds nothing personal.
type Night struct {
	Run      string    `json:"run"` // its id; "" where it was not begun
	At       time.Time `json:"at"`  // the run's clock at its end
	ExitCode int       `json:"exit_code"`
	Outcome  string    `json:"outcome"` // as in audit.runs, or locked
	// Verdict is the first line of the workbook, in the reports' language; "" where
	// none was written.
	Verdict  string    `json:"verdict"`
	Failure  *Failure  `json:"failure"`  // why it failed; nil where it did not
	InPart   string    `json:"in_part"`  // why it ended with 3 or 5, where no account is the reason
	Accounts []Account `json:"accounts"` // that the run asked, and how that ended
	Missed   []string  `json:"missed"`   // days yyyy-MM-dd before it on which no run was begun
	CutShort string    `json:"cut_short"`
	Files    []File    `json:"files"` // that a mail may have attached

	// Checked says that the checks ran; Breaks are what stands open after them.
	Checked bool    `json:"-"`
	Breaks  []Break `json:"-"`
	// Configured are the accounts of the configuration, as source/account: trouble
	// with any other is no more.
	Configured []string `json:"-"`
}

// Failure is why a run failed and what a person can do, in English.
type Failure struct {
	What string `json:"what"`
	Why  string `json:"why"`
	Do   string `json:"do"`
}

// Account is what a run brought of an account.
type Account struct {
	Account   string `json:"account"` // source/account
	Name      string `json:"name"`    // what people call it; "" where nobody says
	State     string `json:"state"`   // complete, unreconciled or failed
	Orders    int64  `json:"orders"`
	Inserted  int64  `json:"inserted"`
	Updated   int64  `json:"updated"`
	Unchanged int64  `json:"unchanged"`
	Rejected  int64  `json:"rejected"`
	Message   string `json:"message"` // why it is not complete, in English
}

// Break is one open break.
type Break struct {
	ID, Rule, Severity string
	Title              labels.Words // of the rule
	Order              string       // source/account and the order's id
	Says               labels.Words // its sentence, where it is of the account and no order
	FirstSeen          time.Time
}

// File is one that the night left.
type File struct {
	Kind string `json:"kind"` // workbook or page
	Path string `json:"path"`
}

// The kinds of File.
const (
	Workbook = "workbook"
	Page     = "page"
)

const complete = "complete"

// saw says whether tonight tells of a trouble: one that it did not look at is
// neither there nor over.
func (n *Night) saw(key troubleKey) bool {
	switch key.kind {
	case ofRun:
		return n.ExitCode != exit.Locked
	case ofAccount:
		return !slices.Contains(n.Configured, key.of) || slices.ContainsFunc(n.Accounts, func(a Account) bool { return a.Account == key.of })
	case ofBreaks:
		return n.Checked
	}
	return true
}
