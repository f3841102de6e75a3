package akubela

import (
	"errors"
	"strings"
	"time"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

func (a *account) Decode(p *extract.Page, out *transform.Batch) (extract.Facts, error) {
	dec := decoder{page: p, out: out, wall: a.wall, facts: extract.Facts{Total: -1}}
	op, read := "decode a list of orders", dec.list
	if p.Stream == streamDetail {
		op, read = "decode order "+p.Subject.OrderID, dec.detail
	}
	if err := transform.ReadMember(p.Body, "result", read); err != nil {
		return dec.facts, extract.BadAnswer(op, err)
	}
	return dec.facts, nil
}

// decoder decodes one page.
type decoder struct {
	page  *extract.Page
	out   *transform.Batch
	wall  *time.Location // of the vendor's times
	facts extract.Facts
	order wireOrder
}

// list reads the result of the list, a bare array. null stands for an empty one.
func (dec *decoder) list(d *jx.Decoder) error { return transform.ReadRecords(d, "result", dec.row) }

func (dec *decoder) row(d *jx.Decoder) error {
	o := &dec.order
	if _, err := orderFields.Read(d, o); err != nil {
		return err
	}
	r := dec.out.RecordOf("order_id", &o.OrderID.Scalar, "/result", dec.facts.Rows)
	dec.facts.Count(r.Identity())
	r.WallZone(dec.wall)
	dec.stay(r)
	return nil
}

// errNoOrder is an object that is something else than an order, by what it lacks.
var errNoOrder = errors.New("its result is not an order")

// detail reads the result of the detail, which lacks order_id: it is the one
// asked for. An empty result is an order that the vendor does not know: a
// finding, and nothing is changed.
func (dec *decoder) detail(d *jx.Decoder) error {
	var o wireDetail
	wrong, err := detailFields.Read(d, &o)
	if err != nil {
		return err
	}
	if wrong != "" {
		return errors.New("its result is not an object")
	}
	if o.Members == 0 {
		dec.facts.Count(dec.page.Subject.OrderID)
		dec.out.NotShown(dec.page.Subject.OrderID, "the vendor no longer answers this order; it is kept as it was", "")
		return nil
	}
	if !o.OrderID.Present() && !o.OrderNumber.Present() && !o.Source.Present() {
		return errNoOrder
	}
	id, named := dec.page.Subject.OrderID, o.OrderID.Plain()
	if id == "" {
		id = named
	}
	dec.facts.Rows, dec.facts.First = 1, strings.Clone(id)
	r := dec.out.Record(id, "/result", -1)
	if named != "" && named != id {
		r.Reject("order_id", "the vendor answered with another order than it was asked for", named)
	}
	if !r.Rejected() {
		r.Order(&detailFields.Fill(r, &o, "").Order)
	}
	return nil
}

// stay adds an order of the list: the order, its one stay and its guests
// (docs/mapping.md).
func (dec *decoder) stay(r *transform.Record) {
	if r.Rejected() {
		return
	}
	o := &dec.order
	rows := orderFields.Fill(r, o, "")
	rows.Order.Kind, rows.Order.Flow = transform.KindStay, transform.FlowMemo
	r.Order(&rows.Order)
	stay := &rows.Stay
	stay.StayID, stay.DepartureAt = o.OrderID.Plain(), departure(r, o)
	if o.Guests.Given { // else the vendor does not say
		stay.GuestCount = transform.CountOf(len(o.Guests.Items))
	}
	r.Stay(stay)
	o.Guests.Each(r, "guests", nil, func(i int, g *wireGuest) {
		guest := &guestFields.Fill(r, g, "").Guest
		guest.GuestNo = i + 1
		r.Guest(guest)
	})
}

// departure is finish_time, the word of the tables, or end_time, the word of
// every example; where both are there and differ, the tables' word is taken.
func departure(r *transform.Record, o *wireOrder) transform.Instant {
	finish := o.FinishTime.Instant(r, "finish_time")
	end := o.EndTime.Instant(r, "end_time")
	if !finish.Valid {
		return end
	}
	r.OneMoment("end_time", end, "finish_time", finish)
	return finish
}
