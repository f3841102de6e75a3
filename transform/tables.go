package transform

import (
	"reflect"
	"slices"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
)

// MergeMode says how a record's rows of a table relate to those already
// loaded for the same order.
type MergeMode int

const (
	// Replace: the answer carries all rows of the order; rows that it no
	// longer carries are gone.
	Replace MergeMode = iota
	// Upsert: the answer may carry a part; rows are added or changed, never
	// removed.
	Upsert
)

// TableDef describes a table of facts as the loader sees it.
type TableDef struct {
	Name   string
	Schema *arrow.Schema // canonical columns, then the technical ones
	Keys   []string      // the natural key, source and account first
	Mode   MergeMode

	row     reflect.Type // of its rows
	columns []rowColumn
	clear   func(row unsafe.Pointer)
}

// How many columns stand before and after the columns of a table's rows.
const (
	keyColumns       = 3
	technicalColumns = 3
)

// The technical columns: landing_ref and payload_sha256 are loaded, columns
// that begin with an underscore exist in the staged files only.
const (
	ColLandingRef = "landing_ref"
	ColPayload    = "payload_sha256"
	ColSeq        = "_seq" // the record's number within the run, account and stream
)

// The tables of facts, in the order in which they are created.
const (
	TableOrders              = "orders"
	TableOrderItems          = "order_items"
	TablePayments            = "payments"
	TableDiscounts           = "discounts"
	TableSettlements         = "settlements"
	TableSettlementDiscounts = "settlement_discounts"
	TableStays               = "stays"
	TableDeliveries          = "deliveries"
	TableDeliveryEvents      = "delivery_events"
	TableDeliveryTips        = "delivery_tips"
	TableInvoices            = "invoices"
	TableReminders           = "reminders"
	TableGuests              = "guests"

	// TableRecords lists every record of a stream: its key, else the hash of
	// its text, version time, window and whether it was refused, or an order
	// that was not shown. It is staged, not loaded.
	TableRecords = "_records"
	// TableIssues holds rejects and findings. They go to the ledger.
	TableIssues = "_issues"
)

func def[R any](name string, mode MergeMode, key ...string) *TableDef {
	d := &TableDef{Name: name, Keys: append([]string{"source", "account"}, key...), Mode: mode, row: reflect.TypeFor[R]()}
	d.columns = columnsOf(d.row)
	d.clear = func(row unsafe.Pointer) { *(*R)(row) = *new(R) }
	fields := []arrow.Field{
		{Name: "source", Type: arrow.BinaryTypes.String},
		{Name: "account", Type: arrow.BinaryTypes.String},
		{Name: "order_id", Type: arrow.BinaryTypes.String, Nullable: true},
	}
	for _, c := range d.columns {
		fields = append(fields, arrow.Field{Name: c.name, Type: columnTypes[c.kind].arrow, Nullable: true})
	}
	d.Schema = arrow.NewSchema(append(fields,
		arrow.Field{Name: ColLandingRef, Type: arrow.BinaryTypes.String},
		arrow.Field{Name: ColPayload, Type: arrow.BinaryTypes.String},
		arrow.Field{Name: ColSeq, Type: arrow.PrimitiveTypes.Int64}), nil)
	return d
}

// Facts lists the tables of facts of the contract.
var Facts = []*TableDef{
	def[Order](TableOrders, Replace, "order_id"),
	def[OrderItem](TableOrderItems, Replace, "order_id", "line_no"),
	def[Payment](TablePayments, Replace, "order_id", "line_no"),
	def[Discount](TableDiscounts, Replace, "order_id", "line_no"),
	def[Settlement](TableSettlements, Replace, "order_id"),
	def[SettlementDiscount](TableSettlementDiscounts, Replace, "order_id", "line_no"),
	def[Stay](TableStays, Upsert, "order_id", "stay_id"),
	def[Delivery](TableDeliveries, Replace, "order_id", "delivery_id"),
	def[DeliveryEvent](TableDeliveryEvents, Upsert, "order_id", "event_id"),
	def[DeliveryTip](TableDeliveryTips, Replace, "order_id", "tip_no"),
	def[Invoice](TableInvoices, Replace, "order_id", "line_no"),
	def[Reminder](TableReminders, Upsert, "remind_id"),
	def[Guest](TableGuests, Replace, "order_id", "guest_no"),
}

// Staged lists the tables that are staged for the loader's own use.
var Staged = []*TableDef{
	def[recordRow](TableRecords, Upsert),
	def[issueRow](TableIssues, Upsert),
}

// Def finds a table by name; it panics on a name that is none, for names are
// constants of this package.
func Def(name string) *TableDef {
	for _, defs := range [][]*TableDef{Facts, Staged} {
		for _, d := range defs {
			if d.Name == name {
				return d
			}
		}
	}
	panic("transform: no table " + name)
}

// Columns lists the canonical columns of the table: neither the key columns
// that every row has nor the technical ones.
func (d *TableDef) Columns() []string {
	var names []string
	for _, c := range d.columns {
		names = append(names, c.name)
	}
	return names
}

// column finds a column of the table's rows.
func (d *TableDef) column(name string) (rowColumn, bool) {
	for _, c := range d.columns {
		if c.name == name {
			return c, true
		}
	}
	return rowColumn{}, false
}

// withDerived is names with the columns that are worked out of them, each
// once.
func (d *TableDef) withDerived(names []string) []string {
	for _, c := range d.columns {
		if slices.ContainsFunc(c.of, func(name string) bool { return slices.Contains(names, name) }) {
			names = append(names, c.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
