// Package attacks counts how many attacks a test tried on the program and how many
// held. The tests that count are the suite of attacks: make attacks runs them and adds
// up.
package attacks

import (
	"sync"
	"testing"
)

// Tally is the count of one test.
type Tally struct {
	t           *testing.T
	mu          sync.Mutex
	tried, held int
}

// In counts the attacks of a test, and logs the count when the test ends.
func In(t *testing.T) *Tally {
	c := &Tally{t: t}
	t.Cleanup(func() { t.Logf("attacks: %s tried %d held %d", t.Name(), c.tried, c.held) })
	return c
}

// Try runs an attack as a test of its own, which may go on beside others. It held
// unless that fails; one that is skipped was not tried.
func (c *Tally) Try(name string, attack func(t *testing.T)) {
	c.t.Helper()
	c.t.Run(name, func(t *testing.T) {
		t.Cleanup(func() {
			switch {
			case t.Skipped():
			case t.Failed():
				c.Count(1, 0)
			default:
				c.Count(1, 1)
			}
		})
		attack(t)
	})
}

// Count adds attacks of which the test itself counted how many held.
func (c *Tally) Count(tried, held int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tried, c.held = c.tried+tried, c.held+held
}

// All adds attacks that the test judges together, at its end: all held, or it is not
// known of any.
func (c *Tally) All(tried int) {
	if c.t.Failed() {
		c.Count(tried, 0)
		return
	}
	c.Count(tried, tried)
}
