package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// stageGone finds the orders that are gone at the vendor. An order is gone
// only where its absence is proven: every exhaustive window of its stream that
// holds the time of its creation was read to its end, agrees with the vendor's
// total, and is not empty where there were orders before. Where many are missing
// at once, a second night must tell so (doubtFalls).
func (s *Stage) stageGone(ctx context.Context, staged []string) error {
	var proven []*window
	var streams []string
	for _, st := range s.source.Streams {
		windows := s.exhaustive(st.Name)
		if len(windows) == 0 {
			continue
		}
		var answered []string // none where no record came
		if slices.Contains(staged, st.Name) {
			answered = []string{st.Name}
		}
		counts, err := s.distinct(ctx, answered)
		if err != nil {
			return err
		}
		if err := s.doubtNothing(ctx, windows, counts, answered); err != nil {
			return err
		}
		if sure := certain(windows, counts); len(sure) > 0 && answered != nil {
			if err := s.doubtFalls(ctx, sure, answered); err != nil {
				return err
			}
			proven = append(proven, sure...)
			streams = append(streams, st.Name)
		}
	}
	if err := s.gone(ctx, proven, streams); err != nil {
		return err
	}
	starts, ends := bounds(slices.DeleteFunc(proven, func(w *window) bool { return !w.fell }))
	if err := s.exec(ctx, "absent_orders", nil, starts, ends); err != nil {
		return err
	}
	return s.exec(ctx, "spare_absent", nil)
}

// What a vendor may lose in a night without a second one telling the same: this
// many orders, or this many of a hundred that are known. Single orders are deleted
// every day; a list that lacks a part of them at once has more likely
// been cut short, in a way that its totals do not tell.
const (
	fewGone     = 5
	percentGone = 5
)

func tooMany(gone, known int64) bool { return gone > fewGone && gone*100 > known*percentGone }

// doubtFalls marks windows that were read well and lack more orders than a vendor
// loses in a night: those that no earlier night has missed already.
func (s *Stage) doubtFalls(ctx context.Context, windows []*window, stream []string) error {
	if err := s.gone(ctx, windows, stream); err != nil {
		return err
	}
	for _, w := range windows {
		var known, missing, first int64
		if err := scan.One(ctx, s.conn, "merge/fall", nil, []any{orNull(w.Start), orNull(w.End)}, &known, &missing, &first); err != nil {
			return fmt.Errorf("count what %s of %s %s lacks: %w", w.Stream, s.source.Name, s.account, err)
		}
		if w.fell || !tooMany(first, known) {
			continue
		}
		w.fell, w.State = true, ledger.Unreconciled
		w.Message = fmt.Sprintf("the vendor lists %d of %d orders that are known; nothing that is missing for the first time was taken as deleted: what the next complete night lacks as well will be",
			known-missing, known)
	}
	return nil
}

// gone finds the orders that were created within windows and are in no answer
// of streams.
func (s *Stage) gone(ctx context.Context, windows []*window, streams []string) error {
	starts, ends := bounds(windows)
	return s.exec(ctx, "gone_orders", streams, starts, ends)
}

// bounds are where windows begin and end, as text.
func bounds(windows []*window) (starts, ends []string) {
	starts, ends = []string{}, []string{}
	for _, w := range windows {
		starts, ends = append(starts, boundText(w.Start)), append(ends, boundText(w.End))
	}
	return starts, ends
}

// boundText is the text of a window's bound, "" for the zero time: a list that
// is bound to a statement holds no null.
func boundText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// exhaustive lists the stream's windows that hold every order.
func (s *Stage) exhaustive(stream string) []*window {
	return slices.DeleteFunc(slices.Clone(s.windows), func(w *window) bool { return w.Stream != stream || !w.Exhaustive })
}

// readWell reports whether a window was read to its end, and its readings agreed.
func (w *window) readWell() bool { return w.State == ledger.Complete || w.fell }

// agrees reports whether a window was read to its end and brought as many
// records as the vendor states.
func (w *window) agrees(came int64) bool {
	return w.readWell() && (w.Total < 0 || w.Total == came)
}

// certain are the windows that really hold every order: those that agree, as
// do all that share some of their time with them. Windows of one time bring
// different orders of it.
func certain(windows []*window, counts map[int]int64) []*window {
	return slices.DeleteFunc(slices.Clone(windows), func(w *window) bool {
		return slices.ContainsFunc(windows, func(o *window) bool { return o.overlaps(w) && !o.agrees(counts[o.no]) })
	})
}

// overlaps reports whether two windows share some time; the zero time is no
// bound.
func (w *window) overlaps(o *window) bool {
	before := func(start, end time.Time) bool { return start.IsZero() || end.IsZero() || start.Before(end) }
	return before(w.Start, o.End) && before(o.Start, w.End)
}

// doubtNothing marks windows of a stream that came empty although orders are
// known that should be in them. answered is the stream, where any record of it
// came.
func (s *Stage) doubtNothing(ctx context.Context, windows []*window, counts map[int]int64, answered []string) error {
	for _, w := range windows {
		if w.State != ledger.Complete || counts[w.no] > 0 {
			continue
		}
		scans := slices.DeleteFunc(slices.Clone(windows), func(o *window) bool { return !o.Start.Equal(w.Start) || !o.End.Equal(w.End) })
		alone := !slices.ContainsFunc(scans, func(o *window) bool { return counts[o.no] > 0 })
		missing, err := s.countGone(ctx, scans, answered)
		if err != nil {
			return err
		}
		if missing > 0 && !alone {
			// The other scans of that time brought orders: whose the missing
			// ones were is known from what this scan brought before.
			if missing, err = s.broughtBefore(ctx, w); err != nil {
				return err
			}
		}
		if missing == 0 {
			continue
		}
		w.State = ledger.Unreconciled
		w.Message = fmt.Sprintf("the vendor answered with nothing where %d orders are known; nothing was taken as deleted", missing)
		if alone {
			s.doubtChanges(w.Stream, counts)
		}
	}
	return nil
}

// doubtChanges marks the stream's windows of changes that came empty, which
// may be normal on a quiet day, but not beside a list that lacks what it held:
// the next run has to read them again.
func (s *Stage) doubtChanges(stream string, counts map[int]int64) {
	for _, w := range s.windows {
		if w.Stream == stream && !w.Exhaustive && w.State == ledger.Complete && counts[w.no] == 0 {
			w.State = ledger.Unreconciled
			w.Message = "the vendor answered with nothing, and with nothing as well where orders are known"
		}
	}
}

// countGone counts the known orders that were created within the windows and
// are in no answer of streams.
func (s *Stage) countGone(ctx context.Context, windows []*window, streams []string) (n int64, err error) {
	err = s.gone(ctx, windows, streams)
	if err == nil {
		err = scan.One(ctx, s.conn, "merge/count_gone", nil, nil, &n)
	}
	if err != nil {
		return 0, fmt.Errorf("count the known orders of %s %s: %w", s.source.Name, s.account, err)
	}
	return n, nil
}

// broughtBefore is the number of orders that the scan of w brought when a
// window that shares some of its time was last read completely.
func (s *Stage) broughtBefore(ctx context.Context, w *window) (n int64, err error) {
	err = scan.One(ctx, s.conn, "ledger/brought_before", nil,
		[]any{s.source.Name, s.account, w.Stream, w.Filter, orNull(w.Start), orNull(w.End)}, &n)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("look for what %s of %s %s brought before: %w", w.Stream, s.source.Name, s.account, err)
	}
	return n, nil
}

// distinct counts the records of each window of the stream that answered.
func (s *Stage) distinct(ctx context.Context, answered []string) (map[int]int64, error) {
	if answered == nil {
		return nil, nil
	}
	counts, err := scan.Map[int, int64](ctx, s.conn, "merge/window_records", answered[0])
	if err != nil {
		return nil, fmt.Errorf("count the records of %s: %w", answered[0], err)
	}
	return counts, nil
}
