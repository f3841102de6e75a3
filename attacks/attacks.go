// Package attacks counts how many attacks a test tried on the program and how many
// held. The tests that count are the suite of attacks: make attacks runs them and adds
// up.
package attacks

import "testing"

// Tally is the count of one test.
type Tally struct {
	t           *testing.T
	tried, held int
}

// In counts the attacks of a test, and logs the count when the test ends.
func In(t *testing.T) *Tally {
	c := &Tally{t: t}
	t.Cleanup(func() { t.Logf("attacks: %s tried %d held %d", t.Name(), c.tried, c.held) })
	return c
}

// Try runs an attack as a test of its own. It held unless that fails; one that is
// skipped was not tried.
func (c *Tally) Try(name string, attack func(t *testing.T)) {
	c.t.Helper()
	skipped := false
	held := c.t.Run(name, func(t *testing.T) {
		defer func() { skipped = t.Skipped() }()
		attack(t)
	})
	if !skipped {
		c.Count(held)
	}
}

// Count counts an attack of which the test itself knows whether it held.
func (c *Tally) Count(held bool) {
	c.tried++
	if held {
		c.held++
	}
}
