package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Annotations are what one workbook says about breaks.
type Annotations struct {
	EntryID string    `json:"entry_id"`
	At      time.Time `json:"at"` // the recorded time of taking it
	// Author wrote it, TakenBy took the workbook in.
	Author   string    `json:"author"`
	TakenBy  string    `json:"taken_by"`
	Workbook string    `json:"workbook"` // the file's name
	SHA256   string    `json:"sha256"`   // of the file
	SavedAt  time.Time `json:"saved_at,omitzero"`
	// Rows are in the order of the workbook.
	Rows []Annotation `json:"rows"`
}

// Annotation is what is said about one break. A field of which nothing is
// said is nil; an empty one is taken out.
type Annotation struct {
	BreakID  string  `json:"break_id"`
	Status   *string `json:"status,omitempty"` // open, explained or accepted
	Owner    *string `json:"owner,omitempty"`
	Comment  *string `json:"comment,omitempty"`
	Overrode bool    `json:"overrode,omitempty"` // see recon.annotations
}

// BreakState is what recon.breaks says of a break, as far as people write it
// or must see it.
type BreakState struct {
	Rule, Source, Account, OrderID string
	Line                           int64 // 0 where the whole order is meant
	Status, Owner, Comment         string
	ResolvedAt                     time.Time
	Difference                     string // with its currency, for messages
	Mark                           string // recon.break_mark
}

// BreakStates gives the breaks of the database by their id.
func (w *Warehouse) BreakStates(ctx context.Context) (map[string]BreakState, error) {
	fail := func(err error) (map[string]BreakState, error) { return nil, fmt.Errorf("read the breaks: %w", err) }
	rows, err := w.db.QueryContext(ctx, `
		SELECT break_id, rule, coalesce(source, ''), coalesce(account, ''), coalesce(order_id, ''), coalesce(line_no, 0),
			status, coalesce(owner, ''), coalesce(comment, ''), resolved_at, concat_ws(' ', difference::VARCHAR, currency),
			recon.break_mark(status, owner, comment, expected, actual, difference, currency)
		FROM recon.breaks`)
	if err != nil {
		return fail(err)
	}
	defer rows.Close()
	states := map[string]BreakState{}
	for rows.Next() {
		var id string
		var s BreakState
		var resolved sql.NullTime
		err := rows.Scan(&id, &s.Rule, &s.Source, &s.Account, &s.OrderID, &s.Line, &s.Status, &s.Owner, &s.Comment, &resolved, &s.Difference, &s.Mark)
		if err != nil {
			return fail(err)
		}
		s.ResolvedAt = resolved.Time
		states[id] = s
	}
	return states, rows.Err()
}

// Annotate enters what people said about breaks, in one transaction, and
// reads it back. A break that the database does not have keeps its place in
// the history only.
func (w *Warehouse) Annotate(ctx context.Context, a Annotations) error {
	w.commit.Lock()
	defer w.commit.Unlock()
	fail := func(err error) error { return fmt.Errorf("enter the annotations of %s: %w", a.Workbook, err) }
	err := w.inTx(ctx, func(tx *sql.Tx) error {
		for _, row := range a.Rows {
			statements, err := render("annotate.sql", annotating{a, row})
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, statements); err != nil {
				return fmt.Errorf("break %s: %w", row.BreakID, err)
			}
		}
		return nil
	})
	if err != nil {
		return fail(err)
	}
	var n int
	if err := w.db.QueryRowContext(ctx, "SELECT count(*) FROM recon.annotations WHERE entry_id = ?", a.EntryID).Scan(&n); err != nil {
		return fail(err)
	}
	if n != len(a.Rows) {
		return fail(errors.New("they were committed and cannot be read back"))
	}
	return nil
}

// annotating fills annotate.sql.
type annotating struct {
	Annotations
	Row Annotation
}
