package result

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/nightaudit/nightaudit/reports/reportstest"
)

// A query that is called off between looking at its columns and running ends
// as one that was called off.
func TestCalledOffBeforeItRuns(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	r, err := Query(ctx, stopping{reportstest.InMemory(t), stop}, "SELECT 1")
	if r != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", r, err)
	}
}

// stopping calls off what comes after its first query, which it answers whole.
type stopping struct {
	querier
	stop func()
}

func (s stopping) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	defer s.stop()
	return s.querier.QueryContext(context.WithoutCancel(ctx), query, args...)
}
