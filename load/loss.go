package load

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Loss is something that the landing no longer has: a database that is made anew
// from it lacks it.
type Loss struct {
	// EntryID, At and By are set once somebody has accepted it.
	EntryID string    `json:"entry_id,omitempty"`
	At      time.Time `json:"at,omitzero"`
	By      string    `json:"by,omitempty"`

	Run     string `json:"run,omitempty"`
	Source  string `json:"source,omitempty"`
	Account string `json:"account,omitempty"`
	Entry   string `json:"entry,omitempty"` // of a person, that is gone
	What    string `json:"what"`            // a line
	// About names what the landing tells of its chain of seals, whose words may
	// be others once the chain has grown.
	About string `json:"about,omitempty"`
	// From and To are the business dates whose figures it concerns, yyyy-MM-dd;
	// "" where that is not known.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	// Rows are what a database holds of it, by which a later replay tells whether
	// it is still lost. What the landing tells of itself has none.
	Rows []Held `json:"rows,omitempty"`
}

func (l *Loss) String() string {
	switch {
	case l.Run == "":
		return l.What
	case l.Account == "":
		return "run " + l.Run + ": " + l.What
	}
	return "run " + l.Run + ", " + l.Source + "/" + l.Account + ": " + l.What
}

// SameAs says whether two losses are the same: by what they are about or, else, in
// words.
func (l *Loss) SameAs(of Loss) bool {
	if l.About != "" || of.About != "" {
		return l.About == of.About && l.Run == of.Run
	}
	return l.String() == of.String() && l.Entry == of.Entry
}

// lack is a row that a database holds, and what another one has of it.
type lack struct{ want, have Held }

// lacks lists what h has not, or has less of, of what another database holds.
// Rows that depend on the program or on the settings (see depends) are left out
// where these are others, and other says how many of them differ.
func (h *Holding) lacks(of *Holding, version string) (lacking []lack, other int) {
	h, of = h.joined(of.parts), of.joined(of.parts)
	later := h.later(of)
	for _, key := range of.keys {
		want, have := of.rows[key], h.rows[key]
		if key.kind == heldBasis || key.kind == heldChanged || key.kind == heldHead || !want.lackingIn(have) {
			continue
		}
		switch {
		case !want.depends():
			lacking = append(lacking, lack{want, have})
		case key.kind == heldStanding && later || h.restated(of, want):
		case of.rows[heldKey{kind: heldRun, run: want.Run}].Words != version:
			other++
		default:
			lacking = append(lacking, lack{want, have})
		}
	}
	return lacking, other
}

func (h *Held) lackingIn(have Held) bool {
	return have.Count < h.Count || have.Answers < h.Answers || have.Records < h.Records || h.Exact != "" && have.Exact != h.Exact
}

// later says whether h has runs that came after another database was made: then
// orders stand as those read them.
func (h *Holding) later(of *Holding) bool {
	return slices.ContainsFunc(h.keys, func(key heldKey) bool {
		_, there := of.rows[key]
		return key.kind == heldRun && !there
	})
}

// depends says whether the row follows from the answers only together with the
// settings by which they were decoded and the program that did it.
func (h *Held) depends() bool {
	return h.Kind == heldStanding || h.Kind == heldTotals || h.Kind == heldClosed
}

// restated says whether the rows of an account stand on other settings than in
// another database, or once did.
func (h *Holding) restated(of *Holding, row Held) bool {
	basis, changed := heldKey{heldBasis, "", row.Source, row.Account, ""}, heldKey{heldChanged, "", row.Source, row.Account, ""}
	return h.rows[basis].Exact != of.rows[basis].Exact || h.rows[changed].Count+of.rows[changed].Count > 0
}

// Lost lists what h lacks of what another database holds, a line for each run,
// account of a run and entry, and how many rows are others because program or
// settings are. accepted is what is known to be lost; version is the program's.
func (h *Holding) Lost(of *Holding, accepted []Loss, version string) (lost []Loss, other int) {
	known := map[heldKey]bool{}
	for _, l := range accepted {
		for i := range l.Rows {
			known[l.Rows[i].key()] = true
		}
	}
	lacking, other := h.lacks(of, version)
	lacking = slices.DeleteFunc(lacking, func(l lack) bool { return known[l.want.key()] })
	return lossesOf(lacking), other
}

// LostIn is Lost for what some runs read alone, of one account or, with nil, of
// all, whatever else h lacks.
func (h *Holding) LostIn(of *Holding, runs map[string]bool, account *ledger.AccountID, accepted []Loss) []Loss {
	part := newHolding(of.Name, nil)
	part.parts = of.parts
	for _, key := range of.keys {
		row := of.rows[key]
		read := key.kind == heldWindows || account == nil && (key.kind == heldRun || key.kind == heldFailed)
		if read && runs[key.run] && (account == nil || *account == row.of()) {
			part.add(row)
		}
	}
	lost, _ := h.Lost(part, accepted, "")
	return lost
}

// StillLost says whether h lacks what was accepted as lost. What the landing told
// of itself it tells again: that stands in told.
func (h *Holding) StillLost(l Loss, told []Loss) bool {
	if len(l.Rows) == 0 {
		return slices.ContainsFunc(told, l.SameAs)
	}
	return slices.ContainsFunc(l.Rows, func(row Held) bool { return row.lackingIn(h.rows[row.key()]) })
}

// maxLossRows is how many rows of a loss are kept: enough to tell it, and few
// enough for a line of the journal.
const maxLossRows = 50

// lossesOf puts lacking rows into lines: what a run that is gone brought is said
// once.
func lossesOf(lacking []lack) []Loss {
	gone := map[string]bool{}
	for _, l := range lacking {
		if l.want.Kind == heldRun && l.have.Count == 0 {
			gone[l.want.Run] = true
		}
	}
	type group struct {
		run, entry string
		of         ledger.AccountID
	}
	groups := map[group][]lack{}
	var order []group
	for _, l := range lacking {
		g := group{run: l.want.Run, of: l.want.of()}
		switch l.want.Kind {
		case heldEntry, heldDatabase:
			g.entry = l.want.Item
		case heldClosed:
			entry, _, _ := strings.Cut(l.want.Item, " ")
			g = group{entry: entry}
		}
		if gone[g.run] {
			g.of = ledger.AccountID{}
		}
		if groups[g] == nil {
			order = append(order, g)
		}
		groups[g] = append(groups[g], l)
	}
	var losses []Loss
	for _, g := range order {
		l := Loss{Run: g.run, Source: g.of.Source, Account: g.of.Account, What: wordsOf(groups[g])}
		if groups[g][0].want.Kind == heldEntry {
			l.Entry = g.entry
		}
		l.From, l.To = datesOf(groups[g])
		for _, row := range groups[g][:min(len(groups[g]), maxLossRows)] {
			l.Rows = append(l.Rows, row.want)
		}
		losses = append(losses, l)
	}
	return losses
}

// datesOf are the business dates that lacking rows concern: of the orders that
// stand otherwise, where that is known, else all those that were read.
func datesOf(rows []lack) (from, to string) {
	known := slices.ContainsFunc(rows, func(l lack) bool { return l.want.Kind == heldStanding && l.want.From != "" })
	open := false
	for _, l := range rows {
		w := l.want
		if w.Kind == heldTotals || known && w.Kind != heldStanding {
			continue
		}
		open = open || w.From == "" && w.Kind != heldRun
		if w.From != "" && (from == "" || w.From < from) {
			from = w.From
		}
		to = max(to, w.To)
	}
	if open {
		from = ""
	}
	return from, to
}

// PutLosses enters what the database lacks, in the place of what stood there.
func (w *Warehouse) PutLosses(ctx context.Context, losses []Loss) error {
	err := w.inTx(ctx, func(tx *sql.Tx) error {
		if err := scan.Exec(ctx, tx, "ledger/forget_losses", nil); err != nil {
			return err
		}
		for _, l := range losses {
			if err := scan.Exec(ctx, tx, "ledger/insert_loss", nil, l.EntryID, l.At, l.By, l.Run, l.Source, l.Account, l.Entry, l.What, l.From, l.To); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("enter what was lost: %w", err)
	}
	return nil
}

// Losses are what the database lacks and somebody accepted.
func (w *Warehouse) Losses(ctx context.Context) ([]Loss, error) {
	losses, err := scan.All(ctx, w.db, "ledger/losses", nil, func(l *Loss) []any {
		return []any{&l.EntryID, &l.At, &l.By, &l.Run, &l.Source, &l.Account, &l.Entry, &l.What, &l.From, &l.To}
	})
	if err != nil {
		return nil, fmt.Errorf("list what was lost: %w", err)
	}
	return losses, nil
}

// LostBetween is what of the business dates from and to a replay could not make
// again, unless a later reading has made good for it.
func (w *Warehouse) LostBetween(ctx context.Context, from, to string) ([]string, error) {
	lost, err := scan.All(ctx, w.db, "ledger/losses_between", nil, func(what *string) []any { return []any{what} }, from, to)
	if err != nil {
		return nil, fmt.Errorf("list what was lost of %s to %s: %w", from, to, err)
	}
	return lost, nil
}
