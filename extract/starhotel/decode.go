package starhotel

import (
	"strconv"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

const listPath = "/data/list"

// decoder holds the record of a page that is decoded.
type decoder struct {
	out    *transform.Batch
	whole  bool // the list was not cut, by status for instance
	order  order
	accoms accomOrder
}

// Decode transforms one answer of either list.
func (a *account) Decode(p *extract.Page, out *transform.Batch) (extract.Facts, error) {
	dec := decoder{out: out}
	decodeOne := dec.decodeOrder
	if p.Stream == streamAccoms || p.Stream == streamRefreshAccoms {
		dec.whole = p.Part == ""
		decodeOne = dec.decodeAccoms
	}
	var f extract.Facts
	total, err := readList(p.Body, func(d *jx.Decoder) error {
		r, err := decodeOne(d, f.Rows)
		if err == nil {
			f.Count(r.Identity())
		}
		return err
	})
	if err != nil {
		return f, extract.BadAnswer("decode "+p.Stream, err)
	}
	f.State(&total, out, "/data/total")
	if p.Part != "" || p.Subject.OrderID != "" {
		f.Total = -1 // not the window's: parts overlap, see scan.cut
	}
	if f.Rows == 0 && p.Stream == streamRefresh && p.Subject.Number != "" {
		f.Count(p.Subject.OrderID)
		out.NotShown(p.Subject.OrderID, "the vendor no longer answers this order; it is kept as it was", "")
	}
	return f, nil
}

// decodeOrder makes the order's row and its guest. Its room is the
// accommodations', see derive.sql.
func (dec *decoder) decodeOrder(d *jx.Decoder, index int) (*transform.Record, error) {
	w := &dec.order
	if _, err := orderFields.Read(d, w); err != nil {
		return nil, err
	}
	r := dec.out.RecordOf("order_id", &w.ID.Scalar, listPath, index)
	if r.Rejected() {
		return r, nil
	}
	w.ID.Code(r, "order_id")
	rows := orderFields.Fill(r, w, dec.out.Origin().Currency)
	o := &rows.Order
	o.Kind, o.Flow = transform.KindStay, dec.out.Origin().Revenue()
	o.PaymentStatus = paymentStatus(o.Net, o.Paid)
	r.SetVersion(o.UpdatedAt)
	r.Order(o)
	rows.Guest.GuestNo = 1
	r.Guest(&rows.Guest)
	return r, nil
}

// decodeAccoms makes the stays of an order.
func (dec *decoder) decodeAccoms(d *jx.Decoder, index int) (*transform.Record, error) {
	w := &dec.accoms
	if _, err := accomsOf.Read(d, w); err != nil {
		return nil, err
	}
	r := dec.out.RecordOf("order_id", &w.ID.Scalar, listPath, index)
	if r.Rejected() {
		return r, nil
	}
	w.ID.Code(r, "order_id")
	r.Into(stayTotal)
	if w.Accoms.Twice {
		r.Finding("accoms", transform.RepeatedList, "")
	}
	if w.Accoms.Wrong {
		r.Finding("accoms", "not an array of accommodations", "")
	}
	if dec.whole && w.Accoms.Given && !w.Accoms.Twice {
		r.ListsAll()
	}
	for i := range w.Accoms.Items {
		r.In("accoms", i)
		decodeStay(&w.Accoms.Items[i], r, dec.out.Origin().Currency)
	}
	r.In("", 0)
	return r, nil
}

// stayTotal is what a list of accommodations that cannot be read would have
// stated.
var stayTotal = transform.TargetOf(transform.TableStays, "total_amount")

func decodeStay(w *accom, r *transform.Record, currency string) {
	id := w.ID.Code(r, "accom_id")
	if id == "" {
		r.Reject("accom_id", "the accommodation has no id", "")
		return
	}
	s := &accomFields.Fill(r, w, currency).Stay
	s.StayID = id
	s.Consumption = r.Difference("total_amount", s.Total, s.Room)
	s.Settled = settled(&w.CheckoutStatus, r)
	r.Stay(s)
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
