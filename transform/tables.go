package transform

import "github.com/apache/arrow-go/v18/arrow"

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
}

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
	// its text, version time, window and whether it was refused. It is staged,
	// not loaded.
	TableRecords = "_records"
	// TableIssues holds rejects and findings. They go to the ledger.
	TableIssues = "_issues"
)

func def(name string, r row, mode MergeMode, key ...string) *TableDef {
	fields := []arrow.Field{
		{Name: "source", Type: arrow.BinaryTypes.String},
		{Name: "account", Type: arrow.BinaryTypes.String},
		{Name: "order_id", Type: arrow.BinaryTypes.String, Nullable: true},
	}
	fields = append(fields, describe(r)...)
	fields = append(fields,
		arrow.Field{Name: ColLandingRef, Type: arrow.BinaryTypes.String},
		arrow.Field{Name: ColPayload, Type: arrow.BinaryTypes.String},
		arrow.Field{Name: ColSeq, Type: arrow.PrimitiveTypes.Int64})
	return &TableDef{Name: name, Schema: arrow.NewSchema(fields, nil), Keys: append([]string{"source", "account"}, key...), Mode: mode}
}

// Facts lists the tables of facts of the contract.
var Facts = []*TableDef{
	def(TableOrders, &Order{}, Replace, "order_id"),
	def(TableOrderItems, &OrderItem{}, Replace, "order_id", "line_no"),
	def(TablePayments, &Payment{}, Replace, "order_id", "line_no"),
	def(TableDiscounts, &Discount{}, Replace, "order_id", "line_no"),
	def(TableSettlements, &Settlement{}, Replace, "order_id"),
	def(TableSettlementDiscounts, &SettlementDiscount{}, Replace, "order_id", "line_no"),
	def(TableStays, &Stay{}, Upsert, "order_id", "stay_id"),
	def(TableDeliveries, &Delivery{}, Replace, "order_id", "delivery_id"),
	def(TableDeliveryEvents, &DeliveryEvent{}, Upsert, "order_id", "event_id"),
	def(TableDeliveryTips, &DeliveryTip{}, Replace, "order_id", "tip_no"),
	def(TableInvoices, &Invoice{}, Replace, "order_id", "line_no"),
	def(TableReminders, &Reminder{}, Upsert, "remind_id"),
	def(TableGuests, &Guest{}, Replace, "order_id", "guest_no"),
}

// Staged lists the tables that are staged for the loader's own use.
var Staged = []*TableDef{
	def(TableRecords, &recordRow{}, Upsert),
	def(TableIssues, &issueRow{}, Upsert),
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
	fields := d.Schema.Fields()
	var names []string
	for _, f := range fields[3 : len(fields)-3] {
		names = append(names, f.Name)
	}
	return names
}
