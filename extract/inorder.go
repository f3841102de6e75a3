package extract

import (
	"context"
	"sync"
)

// InOrder calls get for 0 to n−1, at most workers at a time, and hands the
// results to use in ascending order, one at a time: what arrives is
// deterministic although the calls overlap. It stops at the first error in
// that order and returns it after all calls have ended. Results that wait
// for their turn are bounded by twice the workers.
func InOrder[T any](ctx context.Context, n, workers int, get func(ctx context.Context, i int) (T, error), use func(i int, v T) error) error {
	type result struct {
		v   T
		err error
	}
	ctx, cancel := context.WithCancel(ctx)
	var under sync.WaitGroup
	defer under.Wait()
	defer cancel()

	slots := make(chan struct{}, max(workers, 1))
	turns := make(chan chan result, 2*max(workers, 1))
	under.Go(func() {
		defer close(turns)
		for i := range n {
			turn := make(chan result, 1)
			select {
			case turns <- turn:
			case <-ctx.Done():
				return
			}
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				turn <- result{err: ctx.Err()}
				return
			}
			under.Go(func() {
				defer func() { <-slots }()
				v, err := get(ctx, i)
				turn <- result{v, err}
			})
		}
	})
	i := 0
	for turn := range turns {
		r := <-turn
		if r.err != nil {
			return r.err
		}
		if err := use(i, r.v); err != nil {
			return err
		}
		i++
	}
	return ctx.Err()
}
