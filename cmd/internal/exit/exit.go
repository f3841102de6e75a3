// Package exit holds the program's exit codes, part of the contract with other
// people's scripts (docs/contract.md). A run keeps its code in audit.runs.
package exit

// The exit codes of every command.
const (
	Done    = 0 // all that was asked for is done
	Failed  = 1 // nothing was changed, or nothing was published
	Usage   = 2 // the command line or the configuration is wrong
	Partial = 3 // published, but an account is not complete or rows were refused
	Locked  = 4 // another run, export or listener is at work there
	Breaks  = 5 // published, with breaks at or above --fail-on
)

// Outcome is the word that a run's code has in audit.runs.
func Outcome(code int) string {
	switch code {
	case Done:
		return "complete"
	case Partial:
		return "partial"
	case Breaks:
		return "breaks"
	}
	return "failed"
}
