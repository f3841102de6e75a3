package load

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/reports/figure"
	"github.com/nightaudit/nightaudit/sql/scan"
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
	// Reason says why it was closed all the same.
	Reason string `json:"reason,omitempty"`
	// FiguresSHA256 is the hash of the figures that were closed.
	FiguresSHA256 string `json:"figures_sha256"`
}

// Figure is what the orders of a source, account, flow, standing and currency
// add up to in a period: live orders of flow revenue are its revenue. Amounts are decimal texts of four decimals in major units
// of the currency, by column of orders; nil where no order has the column.
type Figure struct {
	Source, Account, Flow, Standing, Currency string
	Orders                                    int64
	Amounts                                   map[string]*string
}

// Figures adds up the orders with a business date of the close's period as
// they were known at its At, and gives the hash of what is closed: the same
// without the standings.
func (w *Warehouse) Figures(ctx context.Context, c Close) ([]Figure, string, error) {
	fail := func(err error) ([]Figure, string, error) {
		return nil, "", fmt.Errorf("add up the orders of %s: %w", c.Period, err)
	}
	amounts := moneyColumns(transform.TableOrders)
	closed, err := w.figureTexts(ctx, "ledger/close_figures_text", amounts, 5, c)
	if err != nil {
		return fail(err)
	}
	sum := sha256.New()
	for _, texts := range closed {
		line, err := json.Marshal(texts)
		if err != nil {
			return fail(err)
		}
		sum.Write(append(line, '\n'))
	}
	rows, err := w.figureTexts(ctx, "ledger/close_standings", amounts, 6, c)
	if err != nil {
		return fail(err)
	}
	var figures []Figure
	for _, texts := range rows {
		f := Figure{Source: *texts[0], Account: *texts[1], Flow: orEmpty(texts[2]), Standing: *texts[3], Currency: orEmpty(texts[4]), Amounts: map[string]*string{}}
		if f.Orders, err = strconv.ParseInt(*texts[5], 10, 64); err != nil {
			return fail(err)
		}
		for i, name := range amounts {
			f.Amounts[name] = texts[6+i]
		}
		figures = append(figures, f)
	}
	return figures, hex.EncodeToString(sum.Sum(nil)), nil
}

// figureTexts are the rows of a statement of figures: names columns that tell
// whose, the last of them the number of orders, then the amounts.
func (w *Warehouse) figureTexts(ctx context.Context, statement string, amounts []string, names int, c Close) ([][]*string, error) {
	return scan.All(ctx, w.db, statement, amounts, func(row *[]*string) []any {
		*row = make([]*string, names+len(amounts))
		places := make([]any, len(*row))
		for i := range places {
			places[i] = &(*row)[i]
		}
		return places
	}, c.From, c.To, c.At)
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Reopen is the reopening of a closed period: from At on it is no closed one.
type Reopen struct {
	EntryID string    `json:"entry_id"`
	Period  string    `json:"period"`
	At      time.Time `json:"at"`     // its recorded time
	RunID   string    `json:"run_id"` // the last run before it
	By      string    `json:"by"`
	Reason  string    `json:"reason"`
	Close   string    `json:"close_entry_id"` // the close that no longer stands
}

// Undated is what the orders without a business date add up to, that may be of
// a period and are in the figures of none.
type Undated struct {
	Source, Account, Flow, Currency string
	Orders                          int64
	Net                             string // decimal text, "" where no order has an amount
}

// String is the same in words.
func (u Undated) String() string {
	what := "orders without a business date"
	if u.Orders == 1 {
		what = "order without a business date"
	}
	net := "of no amount"
	if u.Net != "" {
		net = strings.TrimSpace(figure.Amount(u.Net) + " " + u.Currency)
	}
	return fmt.Sprintf("%s/%s %s: %s %s, %s", u.Source, u.Account, u.Flow, figure.Count(u.Orders), what, net)
}

// Undated adds up the orders without a business date that may be of a close's
// period, as they were known at its At.
func (w *Warehouse) Undated(ctx context.Context, c Close) ([]Undated, error) {
	type row struct {
		Undated
		net sql.NullString
	}
	rows, err := scan.All(ctx, w.db, "ledger/undated", nil, func(r *row) []any {
		return []any{&r.Source, &r.Account, &r.Flow, &r.Currency, &r.Orders, &r.net}
	}, c.To, c.At)
	if err != nil {
		return nil, fmt.Errorf("count the orders without a business date: %w", err)
	}
	var undated []Undated
	for _, r := range rows {
		r.Net = r.net.String
		undated = append(undated, r.Undated)
	}
	return undated, nil
}

// ClosePeriod enters a close and its figures, in one transaction, and reads
// them back. A period that is closed already is an error.
func (w *Warehouse) ClosePeriod(ctx context.Context, c Close) error {
	w.commit.Lock()
	defer w.commit.Unlock()
	err := w.inTx(ctx, func(tx *sql.Tx) error {
		var closed int
		if err := scan.One(ctx, tx, "ledger/count_closes", nil, []any{c.Period}, &closed); err != nil {
			return err
		}
		if closed > 0 {
			return errors.New("it is closed already")
		}
		err := scan.Exec(ctx, tx, "ledger/insert_close", nil,
			c.Period, c.From, c.To, c.At, c.RunID, c.By, c.Comment, c.EntryID, c.Missing, c.FiguresSHA256, c.Reason)
		if err != nil {
			return err
		}
		return scan.Exec(ctx, tx, "ledger/insert_close_totals", moneyColumns(transform.TableOrders), c.From, c.To, c.At, c.Period, c.EntryID)
	})
	if err == nil {
		err = w.readClose(ctx, c)
	}
	if err != nil {
		return fmt.Errorf("close %s: %w", c.Period, err)
	}
	return nil
}

// ReopenPeriod enters the reopening of a closed period, and reads it back.
func (w *Warehouse) ReopenPeriod(ctx context.Context, o Reopen) error {
	err := w.enter(ctx, "ledger/count_reopens", o.EntryID, 1, func(tx *sql.Tx) error {
		return scan.Exec(ctx, tx, "ledger/insert_reopen", nil, o.Period, o.At, o.RunID, o.By, o.Reason, o.EntryID, o.Close)
	})
	if err != nil {
		return fmt.Errorf("reopen %s: %w", o.Period, err)
	}
	return nil
}

// readClose proves that the committed close can be read.
func (w *Warehouse) readClose(ctx context.Context, c Close) error {
	closes, err := w.Closes(ctx)
	if err == nil && !slices.ContainsFunc(closes, func(have Close) bool { return have.EntryID == c.EntryID }) {
		err = errors.New("it was committed and cannot be read back")
	}
	return err
}

// Closes lists the periods that are closed now, the earliest close first.
func (w *Warehouse) Closes(ctx context.Context) ([]Close, error) {
	closes, err := scan.All(ctx, w.db, "ledger/closes", nil, func(c *Close) []any {
		return []any{&c.EntryID, &c.Period, &c.From, &c.To, &c.At, &c.By, &c.RunID, &c.Comment, &c.Missing, &c.FiguresSHA256, &c.Reason}
	})
	if err != nil {
		return nil, fmt.Errorf("list the closed periods: %w", err)
	}
	return closes, nil
}

// Reading is how a run read an account, by the ledger.
type Reading struct {
	Windows  int    // how many it read, whatever became of them
	Advances bool   // whether one of them moved a cursor
	Trouble  string // what was wrong with those that are not complete; "" where all are
}

// ReadIn says how a run read an account.
func (w *Warehouse) ReadIn(ctx context.Context, runID, source, account string) (r Reading, err error) {
	err = scan.One(ctx, w.db, "ledger/account_reading", nil, []any{runID, source, account}, &r.Windows, &r.Advances, &r.Trouble)
	if err != nil {
		return r, fmt.Errorf("look for %s %s in the ledger of run %s: %w", source, account, runID, err)
	}
	return r, nil
}
