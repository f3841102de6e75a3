package load

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nightaudit/nightaudit/load/recon"
	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// OrderKey names an order of an account.
type OrderKey struct {
	ledger.AccountID
	OrderID string
}

// Related is what one has to look at to see an order as the checks see it.
type Related struct {
	Orders []OrderKey // it and what it is compared with; some may not be there
	Runs   []string   // whose answers tell of them, and that found or resolved its breaks
}

// RelatedTo reads of a published database what is related to an order.
func RelatedTo(ctx context.Context, published string, of OrderKey) (r Related, err error) {
	path, done, err := apart(published)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, done()) }()
	db, err := openReadOnly(path)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx) // temporary tables are its own
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := recon.Around(ctx, conn, of.Source, of.Account, of.OrderID); err != nil {
		return r, err
	}
	r.Orders, err = scan.All(ctx, conn, "database/related_orders", nil, func(k *OrderKey) []any {
		return []any{&k.Source, &k.Account, &k.OrderID}
	})
	if err != nil {
		return r, fmt.Errorf("list what %s is compared with: %w", of.OrderID, err)
	}
	var tables []string
	for _, def := range transform.Facts {
		tables = append(tables, "main."+def.Name)
	}
	runs, err := scan.Set[string](ctx, conn, "database/related_runs", struct{ Tables []string }{tables}, of.Source, of.Account, of.OrderID)
	if err != nil {
		return r, fmt.Errorf("list the runs that tell of %s: %w", of.OrderID, err)
	}
	for run := range runs {
		r.Runs = append(r.Runs, run)
	}
	slices.Sort(r.Runs)
	return r, nil
}
