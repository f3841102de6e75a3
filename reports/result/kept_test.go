package result

import (
	"testing"

	"github.com/nightaudit/nightaudit/reports/reportstest"
)

// A result that is kept is read page by page, in the statement's own sequence, as
// often as one likes, and its values are as Query gives them. The next result takes
// its place.
func TestKeptResults(t *testing.T) {
	tx, err := reportstest.InMemory(t).Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	for _, rows := range []int{2*pageRows + 1, 2 * pageRows, 1, 0} {
		// Backwards, so that the sequence is not that in which they are made.
		k, err := Keep(t.Context(), tx, `SELECT n, '{"n": ' || n || '.10}' AS text, text::JSON AS document FROM range($rows) r(n) ORDER BY n DESC -- all`, rows)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			r, err := k.Read()
			if err != nil {
				t.Fatal(err)
			}
			if r.Columns[2].Kind != KindJSON {
				t.Errorf("the document is %v", r.Columns[2].Type)
			}
			next := int64(rows)
			for values, err := range r.All() {
				if err != nil {
					t.Fatal(err)
				}
				if next--; values[0] != next || values[1] != values[2] {
					t.Fatalf("where %d should stand: %v", next, values)
				}
			}
			if next != 0 {
				t.Errorf("of %d rows %d are left out", rows, next)
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
