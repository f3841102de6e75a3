package soms

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// decoder holds the memory that one page's decoding needs: the order as the
// vendor writes it, and one canonical row of each table. A row is copied into
// the batch at once, so the next order uses it again.
type decoder struct {
	order order
	of    []string // "items[3].promotion.favs" by index

	rows struct {
		order              transform.Order
		item               transform.OrderItem
		payment            transform.Payment
		discount           transform.Discount
		settlement         transform.Settlement
		settlementDiscount transform.SettlementDiscount
		delivery           transform.Delivery
		invoice            transform.Invoice
	}
}

// Decode transforms one answer. It takes every shape in which the vendor
// answers orders, whichever call was made: a page of the query, a list, or
// a bare order.
func (a *account) Decode(p *extract.Page, out *transform.Batch) (extract.Facts, error) {
	s := a.decoders.Get().(*decoder)
	defer a.decoders.Put(s)
	switch p.Stream {
	case streamOrders:
		return s.decodeOrders(p.Body, out, (*decoder).addOrder)
	case streamRefunded:
		return s.decodeOrders(p.Body, out, (*decoder).addRefunded)
	case streamReminders:
		return s.decodeReminds(p.Body, out)
	}
	return extract.Facts{}, extract.BadAnswer("decode a page of soms", fmt.Errorf("there is no stream %q", p.Stream))
}

// envelope is what stands around the records (docs/sources/soms.md, Envelope).
type envelope struct {
	total   transform.Integer
	success transform.Bool
	code    transform.Text
	found   bool // the expected key was there
}

// member takes a member of the envelope; own is false where key is none.
func (e *envelope) member(d *jx.Decoder, key string) (own bool, err error) {
	switch key {
	case "total":
		return true, e.total.Read(d)
	case "success":
		return true, e.success.Read(d)
	case "code":
		return true, e.code.Read(d)
	}
	return false, nil
}

// facts begins the facts of a page.
func (e *envelope) facts() extract.Facts {
	f := extract.Facts{Total: -1}
	if n, err := strconv.ParseInt(e.total.Text, 10, 64); err == nil && n >= 0 {
		f.Total = n
	}
	return f
}

func (e *envelope) verdict(key string) error {
	if e.success.Text == "false" {
		return &extract.Error{Class: extract.Permanent, Code: e.code.Text, Err: errors.New("the vendor reports a failure")}
	}
	if !e.found {
		return fmt.Errorf("it has no %q", key)
	}
	return nil
}

// add transforms the order just read into rows of r.
type add func(s *decoder, r *transform.Record, origin *transform.Origin, f *extract.Facts)

func (s *decoder) decodeOrders(body []byte, out *transform.Batch, add add) (extract.Facts, error) {
	const op = "decode an answer with orders"
	var (
		env  envelope
		f    extract.Facts
		o    = &s.order
		take = func(path string, index int) {
			r := out.RecordOf("id", &o.id.Scalar, path, index)
			id := strings.Clone(o.id.Plain())
			if f.Rows == 0 {
				f.First = id
			}
			f.Keys = append(f.Keys, id)
			f.Rows++
			if !r.Rejected() {
				add(s, r, out.Origin(), &f)
			}
			o.reset()
		}
	)
	o.reset()
	defer o.reset()
	err := transform.ReadDocument(body, func(d *jx.Decoder) error {
		wrong, err := transform.ReadObject(d, func(d *jx.Decoder, name string) error {
			if name == "orders" {
				env.found = true
				o.reset()
				return readRecords(d, "orders", func(d *jx.Decoder) error {
					err := o.read(d)
					if err == nil {
						take("/orders", f.Rows)
					}
					return err
				})
			}
			if own, err := env.member(d, name); own || err != nil {
				return err
			}
			return o.member(d, name) // a bare order
		})
		if err == nil && wrong != "" {
			err = errors.New("it is no object")
		}
		return err
	})
	if err != nil {
		return extract.Facts{}, extract.BadAnswer(op, err)
	}
	if !env.found && o.id.Present() {
		env.found = true
		take("", -1)
	}
	if err := env.verdict("orders"); err != nil {
		return extract.Facts{}, extract.BadAnswer(op, err)
	}
	f.Total = env.facts().Total
	return f, nil
}

// readRecords reads the array of records of an answer. Unlike the arrays
// within an order, something else in its place fails the answer: records
// would be lost.
func readRecords(d *jx.Decoder, key string, record func(d *jx.Decoder) error) error {
	wrong, err := transform.ReadArray(d, record)
	if err == nil && wrong != "" {
		err = fmt.Errorf("its %q is no array", key)
	}
	return err
}

// remind is a reminder as the vendor writes it (SOMS interface document, 2.74).
type remind struct {
	id, orderID, replyState   transform.Text
	store                     idName
	count                     transform.Integer
	time, replyTime, modified transform.LocalTime
	storeWrong                string
}

func (v *remind) member(d *jx.Decoder, key string) (err error) {
	switch key {
	case "remind_id":
		return v.id.Read(d)
	case "order_id":
		return v.orderID.Read(d)
	case "reply_state":
		return v.replyState.Read(d)
	case "count":
		return v.count.Read(d)
	case "time":
		return v.time.Read(d)
	case "reply_time":
		return v.replyTime.Read(d)
	case "modified":
		return v.modified.Read(d)
	case "store":
		v.storeWrong, err = transform.ReadObject(d, v.store.member)
		return err
	}
	return d.Skip()
}

func (s *decoder) decodeReminds(body []byte, out *transform.Batch) (extract.Facts, error) {
	const op = "decode an answer with reminders"
	var (
		env envelope
		f   extract.Facts
		v   remind
	)
	take := func(path string, index int) {
		r := out.RecordOf("remind_id", &v.id.Scalar, path, index)
		id := strings.Clone(v.id.Plain())
		if f.Rows == 0 {
			f.First = id
		}
		f.Keys = append(f.Keys, id)
		f.Rows++
		if !r.Rejected() {
			addRemind(r, &v)
		}
		v = remind{}
	}
	err := transform.ReadDocument(body, func(d *jx.Decoder) error {
		wrong, err := transform.ReadObject(d, func(d *jx.Decoder, name string) error {
			if name == "reminds" {
				env.found = true
				v = remind{}
				return readRecords(d, "reminds", func(d *jx.Decoder) error {
					_, err := transform.ReadObject(d, v.member)
					if err == nil {
						take("/reminds", f.Rows)
					}
					return err
				})
			}
			if own, err := env.member(d, name); own || err != nil {
				return err
			}
			return v.member(d, name) // a bare reminder
		})
		if err == nil && wrong != "" {
			err = errors.New("it is no object")
		}
		return err
	})
	if err != nil {
		return extract.Facts{}, extract.BadAnswer(op, err)
	}
	if !env.found && v.id.Present() {
		env.found = true
		take("", -1)
	}
	if err := env.verdict("reminds"); err != nil {
		return extract.Facts{}, extract.BadAnswer(op, err)
	}
	f.Total = env.facts().Total
	return f, nil
}

func addRemind(r *transform.Record, v *remind) {
	r.SetOrderID(v.orderID.Value(r, "order_id"))
	r.SetVersion(v.modified.Instant(r, "modified"))
	if v.storeWrong != "" {
		r.Finding("store", transform.WrongType, v.storeWrong)
	}
	r.Reminder(&transform.Reminder{
		RemindID:    v.id.Text,
		StoreID:     v.store.id.Value(r, "store.id"),
		RemindCount: v.count.Count(r, "count"),
		RemindedAt:  v.time.Instant(r, "time"),
		ReplyState:  v.replyState.Value(r, "reply_state"),
		RepliedAt:   v.replyTime.Instant(r, "reply_time"),
	})
}

// succeeded is the success test of an answer: the expected key is there and
// no success:false stands before it. It reads no further than that key.
func succeeded(body []byte) error {
	var (
		env  envelope
		done = errors.New("found")
	)
	d := jx.GetDecoder()
	defer jx.PutDecoder(d)
	d.ResetBytes(body)
	_, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
		switch key {
		case "orders", "reminds":
			return done
		}
		own, err := env.member(d, key)
		if !own && err == nil {
			err = d.Skip()
		}
		return err
	})
	switch {
	case env.success.Text == "false":
		return &extract.Error{
			Class: extract.Permanent, Code: env.code.Text, Err: errors.New("the vendor reports a failure"),
			Hint: "look the code up at the vendor",
		}
	case errors.Is(err, done):
		return nil
	case err != nil:
		return &extract.Error{Class: extract.Permanent, Err: errors.New("the answer is not valid JSON")}
	}
	return &extract.Error{
		Class: extract.Permanent, Err: errors.New("the answer has neither orders nor reminds"),
		Hint: "check base_url and tenant_id",
	}
}
