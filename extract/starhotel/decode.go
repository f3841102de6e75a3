package starhotel

import (
	"strconv"
	"strings"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

const listPath = "/data/list"

// Decode transforms one answer of either list.
func (a *account) Decode(p *extract.Page, out *transform.Batch) (extract.Facts, error) {
	decodeOne := decodeOrder
	if p.Stream == streamAccoms || p.Stream == streamRefreshAccoms {
		decodeOne = decodeAccoms
	}
	var f extract.Facts
	var err error
	f.Total, err = readList(p.Body, func(d *jx.Decoder) error {
		id, err := decodeOne(d, out, f.Rows)
		id = strings.Clone(id) // it outlives the page
		if f.Rows == 0 {
			f.First = id
		}
		f.Keys = append(f.Keys, id)
		f.Rows++
		return err
	})
	if err != nil {
		return f, extract.BadAnswer("decode "+p.Stream, err)
	}
	if p.Part != "" || p.Subject.OrderID != "" {
		f.Total = -1 // not the window's: parts overlap, see scan.cut
	}
	if f.Rows == 0 && p.Stream == streamRefresh && p.Subject.Number != "" {
		// The record is the number's, not the order's: a record of the order
		// without its guest would say that there is none.
		f.Rows, f.First, f.Keys = 1, p.Subject.Number, []string{p.Subject.Number}
		out.Record(p.Subject.Number, listPath, -1).
			Finding("order_no", "the PMS no longer answers this order; it is kept as it was", p.Subject.OrderID)
	}
	return f, nil
}

// decodeOrder makes the order's row and its guest. Its room is the
// accommodations', see derive.sql.
func decodeOrder(d *jx.Decoder, out *transform.Batch, index int) (id string, err error) {
	var w order
	if _, err := w.read(d); err != nil {
		return "", err
	}
	id = w.ID.Plain()
	r := out.RecordOf("order_id", &w.ID.Scalar, listPath, index)
	if r.Rejected() {
		return "", nil
	}
	w.ID.Code(r, "order_id")
	total, paid := w.Total.Money(r, "total_amount"), w.Paid.Money(r, "total_payed_amount")
	o := transform.Order{
		OrderNo:       w.No.Value(r, "order_no"),
		Kind:          transform.KindStay,
		Flow:          out.Origin().Revenue(),
		StoreID:       w.PMSID.Code(r, "pms_id"),
		SourceStatus:  w.Status.Code(r, "order_status"),
		PaymentStatus: paymentStatus(total, paid),
		Currency:      out.Origin().Currency,
		Gross:         total,
		Net:           total,
		Paid:          paid,
		CreatedAt:     w.CreatedAt.Instant(r, "created_at"),
		UpdatedAt:     w.UpdatedAt.Instant(r, "updated_at"),
		ServiceAt:     w.ServiceDate.Instant(r, "service_date"),
	}
	o.Status = orderStatus.Status(r, "order_status", o.SourceStatus)
	r.SetVersion(o.UpdatedAt)
	r.Order(&o)
	r.Guest(&transform.Guest{GuestNo: 1, Name: w.Name.Personal(r, "name"), Phone: w.Phone.Personal(r, "phone")})
	return id, nil
}

// decodeAccoms makes the stays of an order. Name and phone stand in this
// answer too; guests come from the order's own.
func decodeAccoms(d *jx.Decoder, out *transform.Batch, index int) (id string, err error) {
	var w accomOrder
	if _, err := w.read(d); err != nil {
		return "", err
	}
	id = w.ID.Plain()
	r := out.RecordOf("order_id", &w.ID.Scalar, listPath, index)
	if r.Rejected() {
		return "", nil
	}
	w.ID.Code(r, "order_id")
	if w.twice {
		r.Finding("accoms", transform.RepeatedList, "")
	}
	if w.wrong != "" {
		r.Finding("accoms", "not an array of accommodations", "")
	}
	for i := range w.Accoms {
		r.In("accoms", i)
		decodeStay(&w.Accoms[i], r, out.Origin().Currency)
	}
	r.In("", 0)
	return id, nil
}

func decodeStay(w *accom, r *transform.Record, currency string) {
	id := w.ID.Code(r, "accom_id")
	if id == "" {
		r.Reject("accom_id", "the accommodation has no id", "")
		return
	}
	total, room := w.Total.Money(r, "total_amount"), w.Amount.Money(r, "amount")
	s := transform.Stay{
		StayID:       id,
		RoomNo:       w.Room.Value(r, "room_name"),
		RoomType:     w.RoomType.Value(r, "room_type_name"),
		SourceStatus: w.Status.Code(r, "accom_status"),
		ArrivalAt:    w.Start.Instant(r, "checkin_start_time"),
		DepartureAt:  w.End.Instant(r, "checkin_end_time"),
		Room:         room,
		Consumption:  r.Difference("total_amount", total, room),
		Total:        total,
		Currency:     currency,
		Settled:      settled(&w.CheckoutStatus, r),
	}
	s.Status = accomStatus.Status(r, "accom_status", s.SourceStatus)
	r.Stay(&s)
}

// settled reads checkout_status: 10 open, 20 settled.
func settled(v *transform.Integer, r *transform.Record) transform.Flag {
	n := v.Count(r, "checkout_status")
	switch {
	case !n.Valid:
		return transform.Flag{}
	case n.N == 10, n.N == 20:
		return transform.Flag{True: n.N == 20, Valid: true}
	}
	r.Finding("checkout_status", "a status that the vendor's document does not name", strconv.FormatInt(n.N, 10))
	return transform.Flag{}
}
