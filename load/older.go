package load

import (
	"context"
	"fmt"

	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// doubtBackwards marks windows of which too many orders came in an older version
// than stands: one is a break of its own (sql/checks/older_version.sql); many say
// that the vendor answered from a copy that is behind, or has restored a backup.
func (s *Stage) doubtBackwards(ctx context.Context, staged []string) error {
	older, err := scan.Map[int, int64](ctx, s.conn, "merge/count_older", nil)
	if err != nil {
		return fmt.Errorf("count the older versions of %s %s: %w", s.source.Name, s.account, err)
	}
	if len(older) == 0 {
		return nil
	}
	for _, stream := range staged {
		came, err := s.distinct(ctx, []string{stream})
		if err != nil {
			return err
		}
		for _, w := range s.windows {
			if w.Stream != stream || w.State != ledger.Complete || !tooMany(older[w.no], came[w.no]) {
				continue
			}
			w.State = ledger.Unreconciled
			w.Message = fmt.Sprintf("the vendor answered with older versions of %d of %d orders than are known; the later ones were kept: what it says again in the next night will be taken",
				older[w.no], came[w.no])
		}
	}
	return nil
}

// versioned says whether what is staged of a stream states when orders were changed
// last.
func (s *Stage) versioned(stream string) bool {
	return s.has(stream, transform.TableOrders) && s.carries(stream, transform.TableOrders, "updated_at")
}
