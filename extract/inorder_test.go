package extract_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
)

func TestInOrderTakesInOrder(t *testing.T) {
	// Part 0 is fetched last of the first three, yet it is taken first.
	last := make(chan struct{})
	var under, most atomic.Int64
	var taken []int
	err := extract.InOrder(context.Background(), 7, 3,
		func(_ context.Context, i int) (int, error) {
			for now := under.Add(1); ; {
				seen := most.Load()
				if now <= seen || most.CompareAndSwap(seen, now) {
					break
				}
			}
			defer under.Add(-1)
			switch i {
			case 0:
				<-last
			case 2:
				close(last)
			}
			return i * i, nil
		},
		func(i, part int) error {
			if part != i*i {
				t.Errorf("part %d is %d, want %d", i, part, i*i)
			}
			taken = append(taken, i)
			return nil
		})
	if want := []int{0, 1, 2, 3, 4, 5, 6}; err != nil || !slices.Equal(taken, want) {
		t.Errorf("took %v, %v, want %v", taken, err, want)
	}
	if most.Load() > 3 {
		t.Errorf("%d fetches at a time, want at most 3", most.Load())
	}
}

func TestInOrderEndsWithTheFirstError(t *testing.T) {
	broken := errors.New("broken")
	fetch := func(ctx context.Context, i int) (int, error) {
		if i == 2 {
			return 0, broken
		}
		return i, ctx.Err()
	}
	taken := 0
	err := extract.InOrder(context.Background(), 100, 4, fetch, func(i, _ int) error {
		taken++
		return nil
	})
	if !errors.Is(err, broken) || taken > 2 {
		t.Errorf("took %d parts, %v, want at most 2 and the error", taken, err)
	}
	err = extract.InOrder(context.Background(), 2, 4, fetch, func(int, int) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want that of take", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = extract.InOrder(ctx, 5, 2, fetch, func(int, int) error { return nil })
	if err == nil {
		t.Error("no error though the context had ended")
	}
	if err := extract.InOrder(context.Background(), 0, 0, fetch, func(int, int) error { return broken }); err != nil {
		t.Errorf("error %v of nothing to do", err)
	}
}
