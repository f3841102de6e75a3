package notify

import (
	"context"
	"crypto/x509"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Channel is one way to tell people. Its settings are complete.
type Channel struct {
	Settings

	sender sender
}

// sender delivers messages on one channel.
type sender interface {
	// send delivers one message, once.
	send(ctx context.Context, m *Message, o *sending) error
	// host is where to, as errors may name it: "" on this machine.
	host() string
	// every is the least time between two messages.
	every() time.Duration
	// slow says that a message may take longer than a question and an answer.
	slow() bool
}

// sending is what senders are given besides the message.
type sending struct {
	now   func() time.Time
	roots *x509.CertPool // nil: the system's
}

// refusal is why a message was not taken. It holds nothing secret.
type refusal struct {
	why    string
	do     string        // what a person can do; "" where there is nothing to say
	passes bool          // asking again may help
	after  time.Duration // not before
}

func (r *refusal) Error() string {
	if r.do == "" {
		return r.why
	}
	return r.why + "; " + r.do
}

// Limits bound how long telling may take. The zero value of each is its default.
type Limits struct {
	Attempt  time.Duration // one attempt; 10 s
	Slow     time.Duration // one attempt of mail, with its files, or of a command; 1 min
	Total    time.Duration // all channels, which are told side by side; 2 min
	Pause    time.Duration // before the second attempt, doubling from there; 2 s
	Attempts int           // on each channel; 3
}

func (l Limits) filled() Limits {
	set := func(d *time.Duration, value time.Duration) {
		if *d <= 0 {
			*d = value
		}
	}
	set(&l.Attempt, 10*time.Second)
	set(&l.Slow, time.Minute)
	set(&l.Total, 2*time.Minute)
	set(&l.Pause, 2*time.Second)
	if l.Attempts <= 0 {
		l.Attempts = 3
	}
	return l
}

// errSlow ends an attempt that takes too long.
var errSlow = errors.New("no answer in time")

// deliver sends a message, again where that may help and ctx lasts. last is when the
// channel was spoken to before; told is when it was now.
func (c *Channel) deliver(ctx context.Context, m *Message, last time.Time, t *Teller) (told time.Time, err error) {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.Multiplier, pauses.RandomizationFactor = t.o.Limits.Pause, 2, 0
	wait := c.sender.every() - t.o.Now().Sub(last)
	for attempt := 1; ; attempt++ {
		if late := t.o.Sleep(ctx, min(wait, c.sender.every()+maxAfter)); late != nil {
			if err == nil {
				err = &refusal{why: "there was no time left to tell it"}
			}
			return last, err
		}
		last = t.o.Now()
		err = c.attempt(ctx, m, t)
		var refused *refusal
		if err == nil || !errors.As(err, &refused) || !refused.passes || attempt >= t.o.Limits.Attempts || refused.after > maxAfter {
			return last, err
		}
		wait = max(pauses.NextBackOff(), refused.after, c.sender.every())
	}
}

// maxAfter is the longest that a channel may ask to be waited for.
const maxAfter = 30 * time.Second

func (c *Channel) attempt(ctx context.Context, m *Message, t *Teller) error {
	limit := t.o.Limits.Attempt
	if c.sender.slow() {
		limit = t.o.Limits.Slow
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errSlow)
	defer cancel()
	err := c.sender.send(ctx, m, &sending{now: t.o.Now, roots: t.o.Roots})
	switch {
	case err == nil || ctx.Err() == nil:
		return err
	case errors.Is(context.Cause(ctx), errSlow):
		_, runs := c.sender.(*command) // what it has done it would do again
		return &refusal{why: "no answer within " + limit.String(), passes: !runs}
	}
	return &refusal{why: "no answer in the time that was left"}
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
