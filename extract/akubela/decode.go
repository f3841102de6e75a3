package akubela

import (
	"errors"
	"strings"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

func (a *account) Decode(p *extract.Page, out *transform.Batch) (extract.Facts, error) {
	dec := decoder{page: p, out: out, facts: extract.Facts{Total: -1}}
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
	facts extract.Facts
	order wireOrder
}

// list reads the result of the list, a bare array. null stands for an empty
// one; an answer without a result is none of a list.
func (dec *decoder) list(d *jx.Decoder) error {
	wrong, err := transform.ReadArray(d, dec.row)
	if err == nil && wrong != "" {
		err = errors.New("its result is not an array")
	}
	return err
}

func (dec *decoder) row(d *jx.Decoder) error {
	if _, err := dec.order.read(d); err != nil {
		return err
	}
	id := strings.Clone(dec.order.orderID.Plain()) // it outlives the page
	if dec.facts.Rows == 0 {
		dec.facts.First = id
	}
	dec.facts.Keys = append(dec.facts.Keys, id)
	dec.stay(dec.out.RecordOf("order_id", &dec.order.orderID.Scalar, "/result", dec.facts.Rows), id)
	dec.facts.Rows++
	return nil
}

// detail reads the result of the detail, which lacks order_id: it is the one
// asked for. Only the source is taken, the rest is the list's. An empty
// result is an order that the vendor does not know: no record, and nothing
// is changed.
func (dec *decoder) detail(d *jx.Decoder) error {
	wrong, err := dec.order.read(d)
	if err != nil {
		return err
	}
	if wrong != "" {
		return errors.New("its result is not an object")
	}
	if dec.order.fields == 0 {
		return nil
	}
	id, named := dec.page.Subject.OrderID, dec.order.orderID.Plain()
	if id == "" {
		id = named
	}
	dec.facts.Rows, dec.facts.First = 1, strings.Clone(id)
	r := dec.out.Record(id, "/result", -1)
	if named != "" && named != id {
		r.Reject("order_id", "the vendor answered with another order than it was asked for", named)
	}
	if !r.Rejected() {
		r.Order(&transform.Order{Channel: dec.order.source.Value(r, "source")})
	}
	return nil
}

// stay adds an order of the list: the order, its one stay and its guests
// (docs/mapping.md).
func (dec *decoder) stay(r *transform.Record, id string) {
	if r.Rejected() {
		return
	}
	o := &dec.order
	code := o.state.Value(r, "order_state")
	room := o.roomNo.Personal(r, "residence_no")
	start := o.startTime.Instant(r, "start_time")
	status := statuses.Status(r, "order_state", code)
	r.Order(&transform.Order{
		OrderNo:      o.orderNumber.Value(r, "order_number"),
		Kind:         transform.KindStay,
		Flow:         transform.FlowMemo,
		RoomNo:       room,
		Status:       status,
		SourceStatus: code,
		ServiceAt:    start,
	})
	var guests transform.Count // null where the vendor does not say
	if o.guestsGiven {
		guests = transform.CountOf(len(o.guests))
	}
	if o.guestsTwice {
		r.Finding("guests", transform.RepeatedList, "")
	}
	if o.wrongGuests != "" {
		r.Finding("guests", transform.WrongType, "")
	}
	r.Stay(&transform.Stay{
		StayID:       id,
		RoomNo:       room,
		RoomType:     o.roomType.Value(r, "room_type_name"),
		GuestCount:   guests,
		Status:       status,
		SourceStatus: code,
		ArrivalAt:    start,
		DepartureAt:  departure(r, o),
	})
	for i := range o.guests {
		g := &o.guests[i]
		if g.wrong != "" {
			r.In("", 0)
			r.Finding("guests", transform.WrongType, "")
			continue
		}
		r.In("guests", i)
		r.Guest(&transform.Guest{
			GuestNo:  i + 1,
			Name:     g.name.Personal(r, "guest_name"),
			Phone:    g.phone.Personal(r, "phone"),
			Email:    g.email.Personal(r, "email"),
			IDCard:   g.idCard.Personal(r, "id_card"),
			Passport: g.passport.Personal(r, "passport"),
		})
	}
	r.In("", 0)
}

// departure is finish_time, the word of the tables, or end_time, the word of
// every example; where both are there and differ, the tables' word is taken.
func departure(r *transform.Record, o *wireOrder) transform.Instant {
	finish := o.finishTime.Instant(r, "finish_time")
	end := o.endTime.Instant(r, "end_time")
	if !finish.Valid {
		return end
	}
	r.OneMoment("end_time", end, "finish_time", finish)
	return finish
}
