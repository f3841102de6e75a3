package iceberg

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"
)

// transactions is a catalog with transactions over tables, as REST catalogs have them: an
// SQLite one that takes all of a transaction, or nothing.
type transactions struct {
	catalog.Catalog
	refuse int // so many are refused, as if another had been there first
	taken  [][]string
}

func (c *transactions) CommitTransaction(ctx context.Context, commits []table.TableCommit) error {
	if c.refuse > 0 {
		c.refuse--
		return errors.New("refused")
	}
	var names []string
	for _, commit := range commits {
		if _, _, err := c.CommitTable(ctx, commit.Identifier, commit.Requirements, commit.Updates); err != nil {
			return err
		}
		names = append(names, commit.Identifier[0]+"."+commit.Identifier[1])
	}
	c.taken = append(c.taken, names)
	return nil
}

// Where the catalog can, a night is one transaction over all tables that have changed, and
// an unchanged one is none.
func TestTogether(t *testing.T) {
	t.Parallel()
	h := newHotel(t, Options{})
	c := &transactions{Catalog: h.lake.catalog}
	h.lake.catalog = c
	h.night()
	h.exec("UPDATE main.orders SET net_amount = 21 WHERE order_id = 'A1'")
	h.night()
	if r, err := h.commit(h.copies["run-2"]); err != nil || r.Changed() {
		t.Errorf("the same database again: %v, %v", written(r), err)
	}
	want := [][]string{{"main.order_items", "main.orders", "audit.meta", "recon.breaks", "audit.runs"}, {"main.orders", "audit.meta", "audit.runs"}}
	if len(c.taken) != 2 || !slices.Equal(c.taken[0], want[0]) || !slices.Equal(c.taken[1], want[1]) {
		t.Errorf("the transactions were of %v, want %v", c.taken, want)
	}
	// One that is refused although nothing has moved is an error, and no night.
	c.refuse = 1
	h.exec("UPDATE main.orders SET net_amount = 22 WHERE order_id = 'A1'")
	_, file := h.publish()
	if _, err := h.commit(file); err == nil {
		t.Error("a refused transaction is no error")
	}
	nights := h.allNights()
	if len(nights) != 2 {
		t.Fatalf("the lake has %d nights, want 2", len(nights))
	}
	// One that another writer came before is made anew.
	h.lake.o.beforeCommit = func(string) {
		h.lake.o.beforeCommit = func(string) {}
		other, err := c.LoadTable(t.Context(), table.Identifier{"main", "orders"})
		if err == nil {
			tx := other.NewTransaction()
			err = errors.Join(tx.SetProperties(map[string]string{"comment": "of somebody else"}), func() error { _, err := tx.Commit(t.Context()); return err }())
		}
		if err != nil {
			t.Error(err)
		}
		c.refuse = 1
	}
	if _, err := h.commit(file); err != nil {
		t.Error(err)
	}
	for _, n := range h.allNights() {
		h.sameAs(n, h.copies[n.Run])
	}
}
