package load

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nightaudit/nightaudit/transform"
)

// Close is the close of a period: what was known at At are its figures.
type Close struct {
	EntryID string    `json:"entry_id"`
	Period  string    `json:"period"` // the month, yyyy-MM
	From    string    `json:"from"`   // the first business date, yyyy-MM-dd
	To      string    `json:"to"`     // the last, inclusive
	At      time.Time `json:"at"`     // the recorded time of the close
	By      string    `json:"by"`
	RunID   string    `json:"run_id"` // the last run that the figures include
	Comment string    `json:"comment,omitempty"`
	Missing string    `json:"missing,omitempty"` // what was not complete and was closed all the same
	// FiguresSHA256 is the hash of the figures that were closed.
	FiguresSHA256 string `json:"figures_sha256"`
}

// Figure is what the orders of a source, account, flow and currency add up
// to in a period. Amounts are decimal texts of four decimals in major units
// of the currency, by column of orders; nil where no order has the column.
type Figure struct {
	Source, Account, Flow, Currency string
	Orders                          int64
	Amounts                         map[string]*string
}

// Figures adds up the orders with a business date of the close's period as
// they were known at its At, and gives the hash of the result.
func (w *Warehouse) Figures(ctx context.Context, c Close) ([]Figure, string, error) {
	fail := func(err error) ([]Figure, string, error) {
		return nil, "", fmt.Errorf("add up the orders of %s: %w", c.Period, err)
	}
	statement, err := render("close_figures.sql", closing{c})
	if err != nil {
		return fail(err)
	}
	rows, err := w.db.QueryContext(ctx, "SELECT COLUMNS(*)::VARCHAR FROM (\n"+statement+"\n)")
	if err != nil {
		return fail(err)
	}
	defer rows.Close()
	amounts := closing{c}.Amounts()
	sum := sha256.New()
	var figures []Figure
	for rows.Next() {
		texts, into := make([]*string, 5+len(amounts)), make([]any, 5+len(amounts))
		for i := range texts {
			into[i] = &texts[i]
		}
		if err := rows.Scan(into...); err != nil {
			return fail(err)
		}
		line, err := json.Marshal(texts)
		if err != nil {
			return fail(err)
		}
		sum.Write(append(line, '\n'))
		f := Figure{Source: *texts[0], Account: *texts[1], Flow: orEmpty(texts[2]), Currency: orEmpty(texts[3]), Amounts: map[string]*string{}}
		if _, err := fmt.Sscan(*texts[4], &f.Orders); err != nil {
			return fail(err)
		}
		for i, name := range amounts {
			f.Amounts[name] = texts[5+i]
		}
		figures = append(figures, f)
	}
	if err := rows.Err(); err != nil {
		return fail(err)
	}
	return figures, hex.EncodeToString(sum.Sum(nil)), nil
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// closing fills close_figures.sql and close_period.sql.
type closing struct{ Close }

// Amounts are the amount columns of orders.
func (closing) Amounts() []string { return moneyColumns(transform.TableOrders) }

// ClosePeriod enters a close and its figures, in one transaction, and reads
// them back. A period that is closed already is an error.
func (w *Warehouse) ClosePeriod(ctx context.Context, c Close) error {
	w.commit.Lock()
	defer w.commit.Unlock()
	statements, err := render("close_period.sql", closing{c})
	if err != nil {
		return err
	}
	err = w.inTx(ctx, func(tx *sql.Tx) error {
		var closed int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM audit.closes WHERE period = ?", c.Period).Scan(&closed); err != nil {
			return err
		}
		if closed > 0 {
			return errors.New("it is closed already")
		}
		_, err := tx.ExecContext(ctx, statements)
		return err
	})
	if err == nil {
		err = w.readClose(ctx, c)
	}
	if err != nil {
		return fmt.Errorf("close %s: %w", c.Period, err)
	}
	return nil
}

// readClose proves that the committed close can be read.
func (w *Warehouse) readClose(ctx context.Context, c Close) error {
	closes, err := w.Closes(ctx)
	if err != nil {
		return err
	}
	for _, have := range closes {
		if have.EntryID == c.EntryID {
			return nil
		}
	}
	return errors.New("it was committed and cannot be read back")
}

// Closes lists the periods that are closed, the earliest close first.
func (w *Warehouse) Closes(ctx context.Context) ([]Close, error) {
	fail := func(err error) ([]Close, error) { return nil, fmt.Errorf("list the closed periods: %w", err) }
	rows, err := w.db.QueryContext(ctx, `
		SELECT entry_id, period, date_from::VARCHAR, date_to::VARCHAR, closed_at, coalesce(closed_by, ''), coalesce(run_id, ''),
			coalesce(comment, ''), coalesce(missing, ''), coalesce(figures_sha256, '')
		FROM audit.closes ORDER BY closed_at, period`)
	if err != nil {
		return fail(err)
	}
	defer rows.Close()
	var closes []Close
	for rows.Next() {
		var c Close
		if err := rows.Scan(&c.EntryID, &c.Period, &c.From, &c.To, &c.At, &c.By, &c.RunID, &c.Comment, &c.Missing, &c.FiguresSHA256); err != nil {
			return fail(err)
		}
		closes = append(closes, c)
	}
	return closes, rows.Err()
}

// Reading is how a run read an account, by the ledger.
type Reading struct {
	Windows  int
	Advances bool   // whether a window moved a cursor
	Trouble  string // "" where every window was complete
}

// ReadIn says how a run read an account.
func (w *Warehouse) ReadIn(ctx context.Context, runID, source, account string) (r Reading, err error) {
	var trouble sql.NullString
	err = w.db.QueryRowContext(ctx, `
		SELECT count(*), coalesce(bool_or(advances_cursor), false),
			string_agg(concat_ws(': ', state || ' ' || stream, message), '; ' ORDER BY stream, message) FILTER (state <> 'complete')
		FROM audit.extracts WHERE run_id = ? AND source = ? AND account = ?`, runID, source, account).
		Scan(&r.Windows, &r.Advances, &trouble)
	if err != nil {
		return r, fmt.Errorf("look for %s %s in the ledger of run %s: %w", source, account, runID, err)
	}
	r.Trouble = trouble.String
	return r, nil
}

// OpenBreaks counts the breaks of a period that are open or explained, by
// severity.
func (w *Warehouse) OpenBreaks(ctx context.Context, from, to string) (map[string]int, error) {
	rows, err := w.db.QueryContext(ctx, `
		SELECT severity, count(*) FROM recon.breaks
		WHERE status IN ('open', 'explained') AND business_date BETWEEN ?::VARCHAR::DATE AND ?::VARCHAR::DATE GROUP BY severity`, from, to)
	if err != nil {
		return nil, fmt.Errorf("count the open breaks from %s to %s: %w", from, to, err)
	}
	defer rows.Close()
	open := map[string]int{}
	for rows.Next() {
		var severity string
		var n int
		if err := rows.Scan(&severity, &n); err != nil {
			return nil, fmt.Errorf("count the open breaks from %s to %s: %w", from, to, err)
		}
		open[severity] = n
	}
	return open, rows.Err()
}
