package load

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// SampleDifference is an order of which a published database says something else than
// the answer from which it came.
type SampleDifference struct {
	ledger.AccountID
	Order   string
	Table   string // whose rows are others
	Missing bool   // no version of the order rests on the answer
}

// ErrOtherSchema is a published copy whose tables are not those of this program.
var ErrOtherSchema = errors.New("it was published by another version of the program, whose tables have other columns")

// notOfTheAnswer are columns of the facts that do not follow from the answer alone, but
// from which run read it and what it knew already.
var notOfTheAnswer = []string{"run_id", "landing_ref", "payload_sha256", "deleted_at"}

// CompareSample compares what was decoded anew of a run, in the database file sample, with
// the published copy: each order must stand in one of its versions, unless that has a newer
// one, and the rows that the run brought last must be those of their raw records.
// orders is how many were compared.
func CompareSample(ctx context.Context, sample, published string, o Options) (found []SampleDifference, orders int64, err error) {
	p, err := attachPair(ctx, sample, published, o)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, p.db.Close()) }()
	for _, def := range transform.Facts {
		table := tableOf{"main", def.Name}
		if !slices.Equal(p.one[table], p.other[table]) {
			return nil, 0, fmt.Errorf("%s: %w", published, ErrOtherSchema)
		}
		columns := slices.DeleteFunc(slices.Clone(p.one[table]), func(c string) bool { return slices.Contains(notOfTheAnswer, c) })
		statement := "database/sample_rows"
		if def.Name == transform.TableOrders {
			statement = "database/sample_orders"
		}
		differing, err := scan.All(ctx, p.db, statement, struct {
			Name    string
			Columns []string
		}{def.Name, columns}, func(d *SampleDifference) []any {
			d.Table = def.Name
			return []any{&d.Source, &d.Account, &d.Order, &d.Missing}
		})
		if err != nil {
			return nil, 0, fmt.Errorf("compare the sample with %s: %w", published, err)
		}
		found = append(found, differing...)
	}
	err = scan.One(ctx, p.db, "database/fingerprint", struct {
		tableOf
		Database string
		Columns  []string
	}{tableOf{"main", transform.TableOrders}, "one", []string{"order_id"}}, nil, &orders, new(string))
	if err != nil {
		return nil, 0, fmt.Errorf("count the orders of the sample: %w", err)
	}
	return found, orders, nil
}
