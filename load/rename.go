package load

import (
	"context"
	"fmt"

	"github.com/nightaudit/nightaudit/sql/scan"
)

// Alias is an earlier name of an account.
type Alias struct{ Source, Earlier, Name string }

// EarlierBreaks gives, by the id that a break had while an account of it had an
// earlier name, the id that it has.
func (w *Warehouse) EarlierBreaks(ctx context.Context, aliases []Alias) (map[string]string, error) {
	if len(aliases) == 0 {
		return nil, nil
	}
	var sources, earlier, names []string
	for _, a := range aliases {
		sources, earlier, names = append(sources, a.Source), append(earlier, a.Earlier), append(names, a.Name)
	}
	ids, err := scan.Map[string, string](ctx, w.db, "ledger/earlier_breaks", nil, sources, earlier, names)
	if err != nil {
		return nil, fmt.Errorf("look for breaks of accounts that were renamed: %w", err)
	}
	return ids, nil
}

// HasRows reports whether anything stands under the name of an account.
func (w *Warehouse) HasRows(ctx context.Context, source, account string) (has bool, err error) {
	if err := scan.One(ctx, w.db, "ledger/has_account", nil, []any{source, account}, &has); err != nil {
		return false, fmt.Errorf("look for %s/%s: %w", source, account, err)
	}
	return has, nil
}
