package httpx

import (
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/nightaudit/nightaudit/extract"
)

// pauses say how often a call is sent again for what went wrong with it, and
// how long each time is waited before. A doubtful answer looks final, and what
// gives it, a load balancer or a server that is just being replaced, is mostly
// back within seconds.
//
//	class                 sent again           waits
//	Transient, Limited    http.retries times   half a second, doubling up to a
//	                                           minute, each spread by half of itself
//	Doubtful              twice                2 s, 10 s
//	Denied                once                 2 s
//	Expired, new log-in   once                 none
//	Expired, no log-in    once                 2 s
//	Permanent             never
//
// A vendor that says how long to wait is obeyed. Whatever goes wrong in turn,
// a call is sent again http.retries times in all, and once more for a new
// log-in: http.retries + 2 times at most. A log-in that fails counts as its
// call; before each there is a renewal at most. People read the same in
// docs/operator.md, A vendor answers badly.
var pauses = map[extract.Class][]time.Duration{
	extract.Doubtful: {2 * time.Second, 10 * time.Second},
	extract.Denied:   {2 * time.Second},
	extract.Expired:  {2 * time.Second},
}

// The waits where there is no table: where the vendor is down or busy.
const (
	firstWait   = 500 * time.Millisecond
	longestWait = time.Minute
)

// repeats counts how often one call was sent again.
type repeats struct {
	left    int // of http.retries
	longest time.Duration
	of      map[extract.Class]int // by class of what went wrong
	wait    backoff.ExponentialBackOff
}

func newRepeats(l extract.HTTPLimits) *repeats {
	r := &repeats{
		left: l.Retries, longest: l.MaxWait, of: map[extract.Class]int{},
		wait: backoff.ExponentialBackOff{
			InitialInterval: firstWait, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: longestWait,
		},
	}
	r.wait.Reset()
	return r
}

// after is the wait before the call is sent again after e; ok is false where
// e is final. renewed says that the next attempt logs in anew.
func (r *repeats) after(e *extract.Error, renewed bool) (pause time.Duration, ok bool) {
	before := r.of[e.Class]
	r.of[e.Class]++
	switch {
	case e.Class == extract.Expired && renewed:
		return 0, before == 0
	case e.Class == extract.Transient, e.Class == extract.Limited:
		pause = r.wait.NextBackOff()
	case before < len(pauses[e.Class]):
		pause = pauses[e.Class][before]
	default:
		return 0, false
	}
	if e.RetryAfter > 0 {
		pause = e.RetryAfter
	}
	r.left--
	return pause, r.left >= 0 && (r.longest == 0 || pause <= r.longest)
}

// final is what Do returns of an error after which a call that was sent so
// often is not sent again.
func final(e *extract.Error, sent int) *extract.Error {
	if e.Class == extract.Doubtful && e.Hint == "" {
		e.Hint = "check base_url, and whether a proxy or another program answers in the vendor's place"
	}
	if e.Class == extract.Doubtful || e.Class == extract.Denied {
		e.Class = extract.Permanent
	}
	if sent > 1 {
		e.Err = fmt.Errorf("%w (asked %d times)", e.Err, sent)
	}
	return e
}
