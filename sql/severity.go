package sql

import "slices"

// The severities of a rule and of its breaks.
const (
	Info    = "info"    // a candidate, or a reading of our own: worth a look
	Warning = "warning" // probably wrong
	Error   = "error"   // does not add up
)

// Severities lists the severities, the least first.
var Severities = []string{Info, Warning, Error}

// AtOrAbove lists the severities from one on, the least first; nil where the
// text is no severity.
func AtOrAbove(severity string) []string {
	if i := slices.Index(Severities, severity); i >= 0 {
		return Severities[i:]
	}
	return nil
}
