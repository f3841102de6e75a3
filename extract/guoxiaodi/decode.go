package guoxiaodi

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

const dataPath = "/data"

// Decode transforms one answer of a query, or one page of the register or of
// notifications.
func (a *account) Decode(p *extract.Page, out *transform.Batch) (extract.Facts, error) {
	var err error
	f := extract.Facts{Rows: 1, Total: -1}
	switch p.Stream {
	case streamRegister:
		f, err = decodeRegister(p.Body, out)
	case streamNotified:
		f, err = decodeNotified(p.Body, out)
	case streamStatus:
		var s *queryAnswer[statusData]
		if s, err = readStatus(p.Body); err == nil {
			if r := a.begin(p, out, &s.envelope, &s.Data.OrderNo); r != nil {
				decodeStatus(&s.Data, p.Subject, r)
			}
		}
	case streamFeed:
		var s queryAnswer[feedData]
		if err = readAnswer(p.Body, feedFields, &s); err == nil {
			if r := a.begin(p, out, &s.envelope, &s.Data.OrderNo); r != nil {
				decodeFeed(&s.Data.Feed, r)
			}
		}
	case streamTips:
		var s queryAnswer[tipsData]
		if err = readAnswer(p.Body, tipsFields, &s); err == nil {
			if r := a.begin(p, out, &s.envelope, &s.Data.OrderNo); r != nil {
				decodeTips(&s.Data, orderNoOf(p.Subject, &s.Data.OrderNo), r)
			}
		}
	default:
		err = fmt.Errorf("no such stream: %s", p.Stream)
	}
	if err != nil {
		return f, extract.BadAnswer("decode "+p.Stream, err)
	}
	return f, nil
}

// begin opens the record of an answer; nil where nothing can be read of it:
// the courier does not know the number, or told of another order.
func (a *account) begin(p *extract.Page, out *transform.Batch, e *envelope, answered *transform.Text) *transform.Record {
	if e.missing(a) {
		// The finding is the order's, for the register may have made one of it.
		// The record is nobody's: it answers nothing of an order. It has the key
		// of one that is known, so that it ends when the courier answers.
		field, number, key := "sourceOrderNo", p.Subject.Number, p.Subject.OrderID
		if number == "" {
			field, number = "orderNo", p.Subject.OrderID
		}
		if key == "" {
			key = number
		}
		r := out.Record(key, "", -1)
		if r.Rejected() {
			return nil // the answer was no JSON: what it says is not known
		}
		r.Finding(field, "the courier does not know this number", number)
		r.SetOrderID("")
		return nil
	}
	r := out.Record(orderNoOf(p.Subject, answered), dataPath, -1)
	r.SetVersion(transform.Instant{Valid: true}) // it goes before an answer that knows nothing
	if asked, got := p.Subject.OrderID, answered.Plain(); asked != "" && got != "" && got != asked {
		r.Reject("orderNo", "the answer is about another order than the one asked for", got)
	}
	if r.Rejected() {
		return nil
	}
	return r
}

// orderNoOf is the answer's, or the one asked for where the answer has none.
func orderNoOf(asked extract.Subject, answered *transform.Text) string {
	if asked.OrderID != "" {
		return asked.OrderID
	}
	return answered.Plain()
}

// decodeStatus makes the order and its delivery. link_ref is the
// sourceOrderNo that was sent or registered, for the one that is answered can
// be another; the latter where the order was asked for by its orderNo alone.
func decodeStatus(s *statusData, asked extract.Subject, r *transform.Record) {
	rows := statusFields.Fill(r, s, cny)
	o, d := &rows.Order, &rows.Delivery
	if o.SourceStatus == "" {
		r.Finding("expressStatus", "the answer states no status", "")
	}
	o.Kind, o.Flow = transform.KindDelivery, transform.FlowCost
	o.RefundStatus = refundStatus(o.SourceStatus)
	link := asked.Number
	if link == "" {
		link = s.SourceOrderNo.Value(r, "sourceOrderNo")
	}
	o.LinkRef, d.LinkRef = link, link
	r.Order(o)
	d.DeliveryID = orderNoOf(asked, &s.OrderNo)
	r.Delivery(d)
}

func decodeFeed(feed *transform.List[event], r *transform.Record) {
	if feed.Twice {
		r.Finding("feed", transform.RepeatedList, "")
	}
	if feed.Wrong {
		r.Finding("feed", "not an array of events", "")
	}
	for i := range feed.Items {
		w := &feed.Items[i]
		r.In("feed", i)
		e := &eventFields.Fill(r, w, "").DeliveryEvent
		e.Description = describe(r, w)
		if e.SourceStatus == "" {
			r.Finding("expressStatus", "an event without a status is left out", "")
			continue
		}
		r.DeliveryEvent(e)
	}
	r.In("", 0)
}

// describe is the event's text without the courier's name and phone, which
// are personal data and stand in fields of their own.
func describe(r *transform.Record, e *event) string {
	text := e.RecordDesc.Value(r, "recordDesc")
	for _, worker := range []string{e.WorkerName.Plain(), e.WorkerPhone.Plain()} {
		if utf8.RuneCountInString(worker) > 1 {
			text = strings.ReplaceAll(text, worker, "***")
		}
	}
	return text
}

// tipAmount is what a list of tips that cannot be read would have stated.
var tipAmount = transform.TargetOf(transform.TableDeliveryTips, "amount")

func decodeTips(t *tipsData, deliveryID string, r *transform.Record) {
	r.Into(tipAmount)
	if t.Tips.Twice {
		r.Finding("tipList", transform.RepeatedList, "")
	}
	if t.Tips.Wrong {
		r.Finding("tipList", "not an array of tips", "")
	}
	r.Into(nil)
	d := &tipsFields.Fill(r, t, cny).Delivery
	d.DeliveryID = deliveryID
	if !d.TipCount.Valid {
		d.TipCount = transform.CountOf(len(t.Tips.Items)) // its presence says that the query answered
	}
	r.Delivery(d)
	for i := range t.Tips.Items {
		r.In("tipList", i)
		if v := &t.Tips.Items[i]; v.Wrong {
			r.Into(tipAmount)
			r.Finding("tipFee", transform.WrongType, v.Raw)
		}
		row := &tipFields.Fill(r, &t.Tips.Items[i], cny).DeliveryTip
		if row.TipNo == "" {
			row.TipNo = fmt.Sprintf("#%d", i+1)
			r.Finding("tipNo", "a tip without a number is known by its place in the list", "")
		}
		r.DeliveryTip(row)
	}
	r.In("", 0)
}
