// Package ledger holds the words that every stage of the line shares: which
// run, which account, which stream, which window, and what the warehouse knows
// of an account when windows are planned. They are values without behavior, so
// that extract, load and the commands speak of the same thing without
// importing each other.
package ledger

import (
	"cmp"
	"time"
)

// AccountID names an account of a source, as in the configuration and in the
// key of every row.
type AccountID struct{ Source, Account string }

func (a AccountID) String() string { return a.Source + "/" + a.Account }

// Run is one execution of the pipeline.
type Run struct {
	ID           string    `json:"run_id"`
	At           time.Time `json:"at"` // the recorded time, UTC: upper bound of what is asked for
	Version      string    `json:"version"`
	ConfigSHA256 string    `json:"config_sha256"` // of the configuration file's bytes, hex
}

// Stream is one kind of answer of a source.
type Stream struct {
	// Name of the stream in the ledger: "orders", "detail", …
	Name string
	// Carries lists, by table of facts, the columns that this stream's
	// answers carry; an empty list stands for all columns of the table. What
	// a stream does not carry it never clears (docs/mapping.md).
	Carries map[string][]string
	// Enriches is set where the stream only adds to orders that another
	// stream has made known; its records of unknown orders load nothing.
	Enriches bool
	// Makes is set for a stream that enriches and whose records are orders by
	// themselves as well: no list, but orders that nobody else may know.
	Makes bool
	// ByID is set for a stream that asks for single orders. It is planned
	// after the other streams were staged, for the orders that are new,
	// changed or not final (State.Due).
	ByID bool
}

// WindowState is how the reading of a window ended (docs/contract.md,
// audit.extracts).
type WindowState string

// The states of a window.
const (
	Complete     WindowState = "complete"
	Unreconciled WindowState = "unreconciled" // loaded and marked: it does not add up
	Failed       WindowState = "failed"       // nothing of it is loaded
)

// Window is a part of a stream that is fetched and accounted for as one:
// half-open in time, or a list of orders. A source plans it; what comes after
// Due is filled in as it is read.
type Window struct {
	Stream string `json:"stream"`
	// Start, inclusive, and End, exclusive; zero where it is not bounded in time.
	Start time.Time `json:"start,omitzero"`
	End   time.Time `json:"end,omitzero"`
	// Filter names a variant of the window ("MATERIAL", "refunded") where a
	// stream is scanned several times over the same time.
	Filter string `json:"filter,omitempty"`
	// Exhaustive is set where the window, once complete, holds every order
	// that the vendor has and that was created in [Start, End): one that is
	// in the warehouse, was created then and did not come has been deleted at
	// the vendor. Windows of one stream with several filters cover the same
	// time and count together.
	Exhaustive bool `json:"exhaustive,omitempty"`
	// Reread is set for a window that is read beside the nightly ones, to mend
	// what they may have missed: it does not move the stream's cursor.
	Reread bool `json:"-"`
	// OwnCursor is set for a window that brings what the other windows of its
	// stream have let pass: it moves a cursor of its own (CursorOf), and no date
	// is covered by it.
	OwnCursor bool `json:"own_cursor,omitempty"`
	// Due are the orders to ask for, where the window is a list of orders.
	Due []Due `json:"-"`

	// Advances is set where the window, once complete, moves the stream's
	// cursor: not for a part that is read again.
	Advances bool        `json:"advances"`
	Total    int64       `json:"total"` // as the vendor states it; -1 where it states none
	Pages    int         `json:"pages"`
	State    WindowState `json:"state"`
	Message  string      `json:"message,omitempty"` // why it is not complete
}

// CursorOf names the cursor of the windows of a stream that have their own.
func CursorOf(stream, filter string) string { return stream + "/" + filter }

// State is what the warehouse knows of an account when its windows are
// planned. A source that asks for orders by id, counts days again or takes
// numbers from another source goes by it.
type State struct {
	// Due are the orders to ask for by id, ascending: new, changed or not
	// final. nil on the first call of Plan, not nil on the second.
	Due []Due
	// Booked counts, on the second call of Plan, the account's orders that are
	// known and not deleted, this run's included, by the calendar day of
	// their creation in the account's zone (yyyy-MM-dd). It holds each of the
	// driver's SweepDays, also where nothing is booked; nil where the operator
	// has named a range of creation.
	Booked map[string]int64
	// Known are the numbers that other sources' orders give this account to
	// ask for (guoxiaodi from soms), ascending.
	Known []KnownNumber
	// Settled holds the order_id and link_ref of this account's orders that
	// are final and need not be asked for again, for sources that ask by
	// number. nil, as with --full: ask for all.
	Settled map[string]bool
	// NotShown holds the numbers that such a source asked for last and was not
	// shown.
	NotShown map[string]bool
}

// Due is an order that is to be asked for by its id.
type Due struct {
	OrderID string
	OrderNo string // the vendor's second number, where it has one
	// OnItsWay is set where a waybill of the order is known, and the order is
	// not final, or was not when it was last seen.
	OnItsWay bool `json:",omitempty"`
	// Again is set where the order was asked for before and was not shown.
	Again bool `json:",omitempty"`
}

// Name is the number by which the order is spoken of.
func (d Due) Name() string { return cmp.Or(d.OrderID, d.OrderNo) }

// Day is a calendar day of an account.
type Day struct {
	Name       string // yyyy-MM-dd
	Start, End time.Time
}

// KnownNumber is a number from another source's order and the order it
// belongs to.
type KnownNumber struct {
	Number  string // as configured: the order's id, the platform's order id or the waybill id
	OrderID string
}

// KnownQuery says which numbers of another source's orders an account asks
// its vendor for. The warehouse answers it (State.Known).
type KnownQuery struct {
	Source, Account string   // whose orders: "soms", "retail"
	Carriers        []string // orders with a delivery of one of these carriers
	Key             KnownKey // which of the order's numbers
}

// KnownKey is the column that holds the number.
type KnownKey string

// The numbers of an order that another vendor may know it by.
const (
	KnownOrderID KnownKey = "order_id"   // orders.order_id
	KnownOrderNo KnownKey = "order_no"   // orders.order_no
	KnownWaybill KnownKey = "waybill_no" // deliveries.waybill_no of that carrier
)
