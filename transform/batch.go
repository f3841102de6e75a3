package transform

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Origin is what all rows of a batch have in common.
type Origin struct {
	Source, Account string
	Stream          string
	Calendar        Calendar
	Currency        string // where the source states none (ISO 4217)
	MemoOnly        bool   // the account's revenue is already in a PMS: flow memo, not revenue
	Privacy         Privacy
}

// PageOrigin is what the rows of one raw answer have in common.
type PageOrigin struct {
	Ref    string // file:line of the landed answer
	SHA256 string // of the landed line, hex
	Window int    // number of the window within the stream
	// Pass is the number of the reading of the window that the answer belongs
	// to, 0 where it is read once.
	Pass int
	// Body is the answer itself, which must not change until the next page
	// begins. Where it is given, a record without an id is known again by its
	// text.
	Body []byte
	// Repairs are what Mend had to do before Body was JSON. Each is told with
	// the record in which it stands.
	Repairs []Repair
}

// Batch collects the canonical rows of one stream of one account. It is not
// safe for concurrent use. The records that Take returns belong to the
// caller, who releases them.
type Batch struct {
	origin  Origin
	page    PageOrigin
	mem     memory.Allocator
	tables  map[string]*tableBuilder
	used    []*tableBuilder
	seq     int64
	current *Record
	rows    int
	texts   *recordTexts // of the page at textsOf; nil until they are asked for
	textsOf string
	told    []bool // beside the repairs of the page: whether a record has taken it
	filled  Rows   // by Fields, and how
	filling fill
}

// NewBatch returns an empty batch for the rows of origin.
func NewBatch(origin Origin) *Batch {
	b := &Batch{origin: origin, mem: memory.DefaultAllocator, tables: map[string]*tableBuilder{}}
	b.current = &Record{batch: b}
	return b
}

// Origin is what all rows of the batch have in common.
func (b *Batch) Origin() *Origin { return &b.origin }

// Begin names the landed answer from which the following records come.
func (b *Batch) Begin(page PageOrigin) {
	b.close()
	b.page, b.texts = page, nil
	b.told = make([]bool, len(page.Repairs))
}

// Record is one order (or reminder) of an answer while it is transformed. It
// is valid until the next call of Batch.Record, Begin or Take.
type Record struct {
	batch    *Batch
	key      string
	textHash string // of a record without a key
	orderID  string
	ref      string
	seq      int64
	version  Instant
	scope    string // the element in which fields are named, as "items"
	index    int
	line     int     // of the element's row
	target   *Target // of the value that is being read; nil where it is no column's
	rejected bool
	whole    bool
	unshown  bool
	ofPage   bool
	open     bool
	findings int
	stated   []statedTime
	created  Instant    // of the order
	ups      []followUp // instants that cannot be before created
	mends    mends
	wall     *time.Location // of times that are documented as UTC; nil is UTC
}

// RecordOf is Record by an id as the vendor wrote it under the name field. Of
// an id that is none the reject tells what it is.
func (b *Batch) RecordOf(field string, id *Scalar, path string, index int) *Record {
	if id.Kind == Boolean || id.Kind == Composite || id.Kind == Repeated {
		r := b.begin("", path, index)
		r.Reject(field, id.misfit().Error(), id.quote())
		return r
	}
	r := b.Record(id.Plain(), path, index)
	r.checkID(field)
	return r
}

// Record starts a record that stands at the JSON pointer path/index of the
// answer ("/orders", 3), or at path alone where index is negative. key is the
// order's id, or another natural key where the record is no order. A record
// without a key, or with one that cannot be read, is refused.
func (b *Batch) Record(key, path string, index int) *Record {
	text, why := legible(key)
	if why == nil && strings.ContainsFunc(key, unicode.IsControl) { // a text may have several lines, and no id
		why = errControl
	}
	if why != nil {
		r := b.begin("", path, index)
		r.Reject("order_id", why.Error(), text)
		return r
	}
	r := b.begin(key, path, index)
	if key == "" && !r.rejected {
		r.Reject("order_id", "the record has no id", "")
	}
	return r
}

// Page starts what is said of the answer itself, by its place in it
// ("/result/total"). It is no record: it may only have findings, and one of the
// same place in another answer of the window is the same.
func (b *Batch) Page(path string) *Record {
	r := b.begin("#"+path, path, -1)
	r.orderID, r.ofPage = "", true
	return r
}

func (b *Batch) begin(key, path string, index int) *Record {
	b.close()
	b.seq++
	pointer := path
	if index >= 0 {
		pointer += "/" + strconv.Itoa(index)
	}
	*b.current = Record{
		batch: b, key: key, orderID: key, seq: b.seq, open: true, ref: b.page.Ref + "#" + pointer,
		stated: b.current.stated[:0], ups: b.current.ups[:0],
	}
	if key == "" {
		b.current.textHash = b.textHash(path, index)
	}
	b.current.takeRepairs(pointer)
	return b.current
}

func (b *Batch) close() {
	r := b.current
	if !r.open {
		return
	}
	r.open = false
	r.In("", 0)
	r.checkClocks()
	r.tellRepairs()
	appendRow(r, TableRecords, &recordRow{Key: r.key, TextHash: r.textHash, Version: r.version, Window: b.page.Window, Pass: b.page.Pass, Rejected: Flag{r.rejected, true}, Whole: Flag{r.whole, true}, AskAgain: Flag{r.unshown, true}, OfPage: Flag{r.ofPage, true}})
}

// NotShown notes that order id was asked for by itself and was not shown. It is a
// finding; what is known of the order stays as it is, with what its earlier
// answers could not give, and the order is asked for again as long as the
// finding stands. said is the vendor's code and words, without personal data.
func (b *Batch) NotShown(id, reason, said string) {
	// The record is none of the order's: its key is no order's id.
	r := b.begin("not shown: "+id, "", -1)
	r.orderID, r.unshown = id, true
	r.Finding("order_id", reason, said)
	r.rejected = true // nothing of it loads
}

// Identity is by what the record is known in a list: its key, or where it has
// none the hash of its text behind Unnamed; "" where neither is known.
func (r *Record) Identity() string {
	if r.key == "" && r.textHash != "" {
		return Unnamed + r.textHash
	}
	return r.key
}

// Unnamed is how the identity of a record without a key begins; no key does.
const Unnamed = "\x00"

// SetOrderID names the order to which a record with another key belongs.
func (r *Record) SetOrderID(id string) { r.orderID = id }

// ListsAll says that the record lists all rows of its order that there are,
// of tables whose answers may carry a part (Upsert): those that it does not list
// are gone. An answer of a window that begins somewhere says so of orders
// created in that window only.
func (r *Record) ListsAll() { r.whole = true }

// SetVersion gives the source's own time of this version: of two answers
// with one order the later version is loaded, or else the one landed later.
func (r *Record) SetVersion(at Instant) { r.version = at }

// In names the element whose fields follow ("items", 3), for findings. An
// empty name returns to the record itself.
func (r *Record) In(name string, index int) { r.InLine(name, index, index+1) }

// InLine is In for an element whose row has another line number than its place
// in the list gives.
func (r *Record) InLine(name string, index, line int) {
	r.scope, r.index, r.line, r.target = name, index, line, nil
}

// Finding notes that a value is doubtful; the row is kept. raw is the text
// as the vendor wrote it; it must not be personal data.
func (r *Record) Finding(field, reason, raw string) {
	r.findings++
	r.issue(false, field, reason, raw)
}

// Reject refuses the record: none of its rows will be loaded.
func (r *Record) Reject(field, reason, raw string) {
	r.rejected = true
	r.issue(true, field, reason, raw)
}

// Rejected reports whether the record was refused.
func (r *Record) Rejected() bool { return r.rejected }

const maxRaw = 1000 // characters of raw text kept with a finding

func (r *Record) issue(reject bool, field, reason, raw string) {
	if r.scope != "" {
		field = r.scope + "[" + strconv.Itoa(r.index) + "]." + field
	}
	r.mends.note(field)
	if raw, _ = legible(raw); len(raw) > maxRaw {
		raw = truncate(raw, maxRaw)
	}
	row := issueRow{Reject: Flag{reject, true}, Field: field, Reason: reason, Raw: raw, IsAmount: Flag{false, true}}
	if t := r.target; t != nil && !reject {
		row.Table, row.Column, row.IsAmount.True = t.table, t.column, t.isAmount
		if t.hasLines && r.scope != "" {
			row.LineNo = CountOf(r.line)
		}
	}
	appendRow(r, TableIssues, &row)
}

// truncate cuts s, which is longer, to at most n bytes at a character's
// boundary.
func truncate(s string, n int) string {
	cut := n
	for cut > n-utf8.UTFMax && !utf8.RuneStart(s[cut]) {
		cut--
	}
	if !utf8.RuneStart(s[cut]) {
		cut = n // no UTF-8: there are no boundaries
	}
	return s[:cut] + "…"
}

// appendRow appends v to the table name, whose rows are of type R.
func appendRow[R any](r *Record, name string, v *R) {
	b := r.batch
	t := b.tables[name]
	if t == nil {
		d := Def(name)
		if d.row != reflect.TypeFor[R]() {
			panic("transform: a row of another table than " + name)
		}
		t = newTable(b.mem, d)
		b.tables[name] = t
		b.used = append(b.used, t)
	}
	t.append(b, r, unsafe.Pointer(v))
	b.rows++
	if name == TableIssues || name == TableRecords {
		return // they repeat texts of the rows
	}
	for _, m := range t.mended {
		r.target = m.target
		r.Finding(m.target.column, m.why.Error(), m.text)
	}
	r.target = nil
}

// Order adds the order itself. Its booked, service and business dates are
// computed here: of created_at and service_at in the account's calendar; the
// loader lets the arrival of a stay take precedence.
func (r *Record) Order(o *Order) {
	cal := r.batch.origin.Calendar
	o.BookedDate = cal.BusinessDate(o.CreatedAt)
	o.ServiceDate = cal.BusinessDate(o.ServiceAt)
	o.BusinessDate = o.BookedDate
	if o.Kind == KindStay && o.ServiceDate.Valid {
		o.BusinessDate = o.ServiceDate
	}
	o.RoomNo = r.batch.origin.Privacy.room(o.RoomNo)
	r.created = o.CreatedAt
	r.later("updated_at", o.UpdatedAt)
	r.later("finished_at", o.FinishedAt)
	r.later("canceled_at", o.CanceledAt)
	appendRow(r, TableOrders, o)
}

// Item, Discount and the others each add a row that belongs to the record.
func (r *Record) Item(v *OrderItem)                        { appendRow(r, TableOrderItems, v) }
func (r *Record) Discount(v *Discount)                     { appendRow(r, TableDiscounts, v) }
func (r *Record) Settlement(v *Settlement)                 { appendRow(r, TableSettlements, v) }
func (r *Record) SettlementDiscount(v *SettlementDiscount) { appendRow(r, TableSettlementDiscounts, v) }
func (r *Record) Delivery(v *Delivery)                     { appendRow(r, TableDeliveries, v) }
func (r *Record) DeliveryTip(v *DeliveryTip)               { appendRow(r, TableDeliveryTips, v) }

// Payment adds a means of payment.
func (r *Record) Payment(v *Payment) {
	r.later("paid_at", v.PaidAt)
	appendRow(r, TablePayments, v)
}

// Invoice adds an invoice.
func (r *Record) Invoice(v *Invoice) {
	r.later("issued_at", v.IssuedAt)
	appendRow(r, TableInvoices, v)
}

// Reminder adds a customer's reminder and its answer.
func (r *Record) Reminder(v *Reminder) {
	r.checkShift("replied_at", v.RepliedAt, "reminded_at", v.RemindedAt)
	appendRow(r, TableReminders, v)
}

// Stay adds a room's stay; its dates are those of the account's calendar.
func (r *Record) Stay(v *Stay) {
	v.ArrivalDate = r.batch.origin.Calendar.BusinessDate(v.ArrivalAt)
	v.DepartureDate = r.batch.origin.Calendar.BusinessDate(v.DepartureAt)
	v.RoomNo = r.batch.origin.Privacy.room(v.RoomNo)
	r.checkShift("departure_at", v.DepartureAt, "arrival_at", v.ArrivalAt)
	appendRow(r, TableStays, v)
}

// DeliveryEvent adds an event. Its id is the hash of the vendor's status and
// the moment, so that an event told twice is one event.
func (r *Record) DeliveryEvent(v *DeliveryEvent) {
	at := ""
	if v.HappenedAt.Valid {
		at = strconv.FormatInt(v.HappenedAt.Micros, 10)
	}
	sum := sha256.Sum256([]byte(v.SourceStatus + "\x00" + at))
	v.EventID = hex.EncodeToString(sum[:16])
	v.BusinessDate = r.batch.origin.Calendar.BusinessDate(v.HappenedAt)
	appendRow(r, TableDeliveryEvents, v)
}

// Guest adds a guest as far as the policy for personal data allows; a guest
// of whom nothing is kept is not added.
func (r *Record) Guest(v *Guest) {
	g := r.batch.origin.Privacy.guest(v)
	if g.Name+g.Phone+g.Email+g.IDCard+g.Passport == "" {
		return
	}
	appendRow(r, TableGuests, &g)
}

// Rows counts the rows collected since the last Take.
func (b *Batch) Rows() int { return b.rows }

// Seq is the sequence number of the last record; the next one's is greater.
func (b *Batch) Seq() int64 { return b.seq }

// Take hands over the rows collected so far, by table, and empties the batch.
func (b *Batch) Take(emit func(table string, rec arrow.RecordBatch) error) error {
	b.close()
	b.rows = 0
	var first error
	for _, t := range b.used {
		if t.rows == 0 {
			continue
		}
		rec := t.builder.NewRecordBatch()
		t.rows = 0
		if first == nil {
			first = emit(t.name, rec)
		}
		rec.Release()
	}
	return first
}

// TakeSums hands over the control sums of all rows added since it was last
// called, of every amount column that had a value, and starts anew. Rejected
// and repeated records are included; the loader takes them out again.
func (b *Batch) TakeSums() []*ControlSum {
	var sums []*ControlSum
	for _, t := range b.used {
		for i := range t.cells {
			if s := t.cells[i].sum; s != nil && s.rows > 0 {
				s.flush()
				sums = append(sums, s)
				t.cells[i].sum = newControlSum(s.Table, s.Column)
			}
		}
	}
	return sums
}
