package recon

import (
	"context"
	"fmt"
	"strings"

	"github.com/nightaudit/nightaudit/sql/scan"
)

// relatedHops is how far an order's surroundings go: what rules compare it with, and what
// they need beside that to judge it.
const relatedHops = 2

// Around makes the temporary table scope of tx: an order, what it was matched with and
// what rules compare it with, as the last check knew places and couriers. It is there for
// what is read next.
func Around(ctx context.Context, tx Tx, source, account, order string) error {
	err := scan.Exec(ctx, tx, "recon/scope", nil, []string{}, []string{}) // its macro
	if err == nil {
		err = scan.Exec(ctx, tx, "recon/scope_around", nil, source, account, order)
	}
	s := &scope{}
	for hop := 1; hop <= relatedHops && err == nil; hop++ {
		s.numbers = true
		err = s.run(ctx, tx, "scope_hop")
	}
	if err != nil {
		return fmt.Errorf("find what %s is compared with: %w", strings.Join([]string{source, account, order}, "/"), err)
	}
	return nil
}
