package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/nightaudit/nightaudit/sql/scan"
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
	// PublishedAt is the state of the database that the workbook shows: the
	// recorded time of what was published last when it was made.
	PublishedAt time.Time `json:"published_at,omitzero"`
	// InPlace: it was taken where it lies in the folder of reports, and is read
	// there again once it is saved anew.
	InPlace bool `json:"in_place,omitempty"`
	// Refused is what could not be taken and why, a line each.
	Refused string `json:"refused,omitempty"`
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
	Expected, Actual               string // "" where there is none
	Difference                     string // with its currency, for messages
	TitleEN, TitleZH               string // of the rule
	Mark                           string // recon.break_mark
}

// BreakStates gives the breaks of the database by their id.
func (w *Warehouse) BreakStates(ctx context.Context) (map[string]BreakState, error) {
	type row struct {
		id       string
		resolved sql.NullTime
		BreakState
	}
	rows, err := scan.All(ctx, w.db, "ledger/break_states", nil, func(r *row) []any {
		return []any{
			&r.id, &r.Rule, &r.Source, &r.Account, &r.OrderID, &r.Line, &r.Status, &r.Owner, &r.Comment, &r.resolved, &r.Difference, &r.Mark,
			&r.Expected, &r.Actual, &r.TitleEN, &r.TitleZH,
		}
	})
	if err != nil {
		return nil, fmt.Errorf("read the breaks: %w", err)
	}
	states := map[string]BreakState{}
	for _, r := range rows {
		r.ResolvedAt = r.resolved.Time
		states[r.id] = r.BreakState
	}
	return states, nil
}

// Annotate enters what people said about breaks, in one transaction, and
// reads it back. A break that the database does not have keeps its place in
// the history only.
func (w *Warehouse) Annotate(ctx context.Context, a Annotations) error {
	w.commit.Lock()
	defer w.commit.Unlock()
	err := w.inTx(ctx, func(tx *sql.Tx) error {
		err := scan.Exec(ctx, tx, "ledger/insert_workbook", nil, a.EntryID, a.Workbook, a.SHA256, orNull(a.PublishedAt),
			orNull(a.SavedAt), a.At, a.Author, a.TakenBy, a.InPlace, len(a.Rows), a.Refused)
		if err != nil {
			return err
		}
		for _, row := range a.Rows {
			if err := annotate(ctx, tx, a, row); err != nil {
				return fmt.Errorf("break %s: %w", row.BreakID, err)
			}
		}
		return nil
	})
	var books, rows int
	if err == nil {
		err = scan.One(ctx, w.db, "ledger/count_annotations", nil, []any{a.EntryID}, &books, &rows)
	}
	if err == nil && (books != 1 || rows != len(a.Rows)) {
		err = errors.New("they were committed and cannot be read back")
	}
	if err != nil {
		return fmt.Errorf("enter the annotations of %s: %w", a.Workbook, err)
	}
	return nil
}

// TakenWorkbooks gives the workbooks that were taken, by their SHA-256: what of
// each could not be taken, "" where all was.
func (w *Warehouse) TakenWorkbooks(ctx context.Context) (map[string]string, error) {
	taken, err := scan.Map[string, string](ctx, w.db, "ledger/taken_workbooks", nil)
	if err != nil {
		return nil, fmt.Errorf("list the workbooks that were taken: %w", err)
	}
	return taken, nil
}

// annotate keeps what is said about one break, with what stood there before,
// and writes it to the break.
func annotate(ctx context.Context, tx *sql.Tx, a Annotations, row Annotation) error {
	err := scan.Exec(ctx, tx, "ledger/insert_annotation", nil, a.EntryID, row.BreakID, a.At,
		a.Author, a.TakenBy, a.Workbook, orNull(a.SavedAt), row.Status, row.Owner, row.Comment, row.Overrode)
	if err != nil {
		return err
	}
	return scan.Exec(ctx, tx, "ledger/annotate_break", nil, row.BreakID, row.Status, row.Owner, row.Comment)
}
