package sheets

import (
	"math/big"
	"testing"

	"github.com/duckdb/duckdb-go/v2"
)

func TestReadable(t *testing.T) {
	for _, test := range []struct {
		unscaled int64
		want     string
	}{{0, "0.00"}, {39583888, "3,958.3888"}, {-35970200, "−3,597.02"}, {10000000000, "1,000,000.00"}, {1, "0.0001"}} {
		if got := readable(duckdb.Decimal{Scale: 4, Value: big.NewInt(test.unscaled)}); got != test.want {
			t.Errorf("%d: %s, want %s", test.unscaled, got, test.want)
		}
	}
}
