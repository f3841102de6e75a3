package soms

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
	"github.com/nightaudit/nightaudit/transform"
)

// decoder holds the memory that one page's decoding needs.
type decoder struct {
	order  order
	remind remind
	of     []string // "items[3].promotion.favs" by index
	// part is set for orders that the search has answered where it is configured
	// to leave parts out.
	part bool
}

// Decode transforms one answer. It takes every shape in which the vendor
// answers orders, whichever call was made: a page of the query, a list, or
// a bare order.
func (a *account) Decode(p *extract.Page, out *transform.Batch) (extract.Facts, error) {
	s := a.decoders.Get().(*decoder)
	defer a.decoders.Put(s)
	s.part = a.cfg.ByID && !strings.HasSuffix(p.Request.Path, pathOrders)
	switch p.Stream {
	case streamOrders:
		return decodeRecords(p.Body, out, orderRecords, &s.order, s.addOrder)
	case streamRefunded:
		return decodeRecords(p.Body, out, orderRecords, &s.order, s.addRefunded)
	case streamReminders:
		return decodeRecords(p.Body, out, remindRecords, &s.remind, s.addRemind)
	case streamTraces:
		return decodeTrace(p, out)
	}
	return extract.Facts{}, extract.BadAnswer("decode a page of soms", fmt.Errorf("there is no stream %q", p.Stream))
}

// envelope is what stands around the records (docs/sources/soms.md, Envelope).
type envelope struct {
	stated  transform.Integer
	success transform.Bool
	code    transform.Text
	found   bool // the expected key was there
}

// member takes a member of the envelope; own is false where key is none.
func (e *envelope) member(d *jx.Decoder, key string) (own bool, err error) {
	switch key {
	case "total":
		return true, e.stated.Read(d)
	case "success":
		return true, e.success.Read(d)
	case "code":
		return true, e.code.Read(d)
	}
	return false, nil
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

// records is how an answer with records of one kind is read.
type records[T any] struct {
	key    string // of the array of records
	what   string // the records are
	fields *transform.Fields[T]
	idName string
	id     func(v *T) *transform.Scalar
}

var (
	orderRecords  = records[order]{"orders", "orders", orderFields, "id", func(o *order) *transform.Scalar { return &o.ID.Scalar }}
	remindRecords = records[remind]{"reminds", "reminders", remindFields, "remind_id", func(v *remind) *transform.Scalar { return &v.ID.Scalar }}
)

// decodeRecords reads the records of an answer into v, one after the other,
// and hands each that is not refused to add. An answer without an array of
// records can be a bare record.
func decodeRecords[T any](body []byte, out *transform.Batch, l records[T], v *T, add func(*transform.Record, *transform.Origin, *extract.Facts)) (extract.Facts, error) {
	var (
		env  envelope
		f    extract.Facts
		id   = l.id(v)
		take = func(path string, index int) {
			r := out.RecordOf(l.idName, id, path, index)
			f.Count(r.Identity())
			if !r.Rejected() {
				add(r, out.Origin(), &f)
			}
		}
	)
	l.fields.Empty(v)
	defer l.fields.Empty(v)
	err := transform.ReadDocument(body, func(d *jx.Decoder) error {
		wrong, err := transform.ReadObject(d, func(d *jx.Decoder, name string) error {
			if name == l.key {
				env.found = true
				return transform.ReadRecords(d, l.key, func(d *jx.Decoder) error {
					_, err := l.fields.Read(d, v)
					if err == nil {
						take("/"+l.key, f.Rows)
					}
					return err
				})
			}
			if own, err := env.member(d, name); own || err != nil {
				return err
			}
			return l.fields.ReadMember(d, name, v)
		})
		if err == nil && wrong != "" {
			err = errors.New("it is no object")
		}
		return err
	})
	if err == nil {
		if !env.found && id.Present() {
			env.found = true
			take("", -1)
		}
		err = env.verdict(l.key)
	}
	if err != nil {
		return extract.Facts{}, extract.BadAnswer("decode an answer with "+l.what, err)
	}
	f.State(&env.stated, out, "/total")
	return f, nil
}

func (s *decoder) addRemind(r *transform.Record, _ *transform.Origin, _ *extract.Facts) {
	v := &s.remind
	r.SetOrderID(v.OrderID.Value(r, "order_id"))
	r.SetVersion(v.Modified.Instant(r, "modified"))
	if v.Store.Wrong {
		r.Finding("store", transform.WrongType, v.Store.Raw)
	}
	row := &remindFields.Fill(r, v, "").Reminder
	row.RemindID, row.StoreID = v.ID.Text, v.Store.ID.Value(r, "store.id")
	r.Reminder(row)
}

// succeeded is the success test of an answer: one of the expected keys is
// there and no success:false.
func succeeded(body []byte) error {
	var env envelope
	err := transform.ReadDocument(body, func(d *jx.Decoder) error {
		_, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
			env.found = env.found || key == "orders" || key == "reminds"
			own, err := env.member(d, key)
			if !own && err == nil {
				err = d.Skip()
			}
			return err
		})
		return err
	})
	switch {
	case env.success.Text == "false":
		if e := httpx.Mirrored(env.code.Text); e != nil {
			return e
		}
		return &extract.Error{
			Class: extract.Denied, Code: env.code.Text, Err: errors.New("the vendor reports a failure"),
			Hint: "look the code up at the vendor",
		}
	case err != nil:
		return &extract.Error{Class: extract.Doubtful, Err: err}
	case env.found:
		return nil
	}
	return &extract.Error{
		Class: extract.Doubtful, Err: errors.New("the answer has neither orders nor reminds"),
		Hint: "check base_url and tenant_id",
	}
}
