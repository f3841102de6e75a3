package tuya

import (
	"errors"
	"strings"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

func (a *account) Decode(p *extract.Page, out *transform.Batch) (extract.Facts, error) {
	dec := decoder{account: a, page: p, out: out, facts: extract.Facts{Total: -1}}
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
	account *account
	page    *extract.Page
	out     *transform.Batch
	facts   extract.Facts
	order   wireOrder
}

// list reads the result of the list: {total, page_no, page_size, data}.
func (dec *decoder) list(d *jx.Decoder) error {
	var (
		total transform.Integer
		found bool
	)
	wrong, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
		switch key {
		case "total":
			return total.Read(d)
		case "data":
			found = true
			wrong, err := transform.ReadArray(d, dec.row)
			if err == nil && wrong != "" {
				err = errors.New("result.data is not an array")
			}
			return err
		}
		return d.Skip()
	})
	if err != nil {
		return err
	}
	if wrong != "" || !found {
		return errors.New("it has no result.data")
	}
	dec.facts.Total, err = statedTotal(&total)
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
	dec.emit(dec.out.RecordOf("order_id", &dec.order.orderID.Scalar, "/result/data", dec.facts.Rows))
	dec.facts.Rows++
	return nil
}

// detail reads the result of the detail, an order. An order that the vendor
// does not know has an empty result: no record, and nothing is changed.
func (dec *decoder) detail(d *jx.Decoder) error {
	fields := 0
	dec.order.reset()
	wrong, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
		fields++
		return dec.order.field(d, key)
	})
	if err != nil {
		return err
	}
	if wrong != "" {
		return errors.New("its result is not an object")
	}
	if fields == 0 {
		return nil
	}
	asked, id := dec.page.Subject.OrderID, dec.order.orderID.Plain()
	if id == "" {
		id = asked
	}
	dec.facts.Rows, dec.facts.First = 1, strings.Clone(id)
	r := dec.out.Record(id, "/result", -1)
	if asked != "" && id != asked {
		r.Finding("order_id", "the vendor answered with another order than it was asked for", asked)
	}
	dec.emit(r)
	dec.details(r)
	return nil
}

// emit adds the rows that list and detail have in common (docs/mapping.md).
func (dec *decoder) emit(r *transform.Record) {
	if r.Rejected() {
		return
	}
	o, origin := &dec.order, dec.out.Origin()
	row := transform.Order{
		Flow:         origin.Revenue(),
		Channel:      o.source.Value(r, "order_source"),
		ServiceType:  o.secondBizType.Value(r, "second_order_biz_type"),
		StoreID:      dec.account.ProjectID, // the detail lacks it; the request was for this project
		RoomNo:       o.roomNo.Personal(r, "room_no"),
		SourceStatus: o.status.Value(r, "order_status"),
		Currency:     o.currency.Value(r, "currency"),
		Gross:        o.amount.Money(r, "order_amount"),
		Quantity:     o.quantity.Rate(r, "quantity"),
		CreatedAt:    o.createdAt.Instant(r, "create_order_time"),
		FinishedAt:   o.finishedAt.Instant(r, "finish_order_time"),
		CanceledAt:   o.canceledAt.Instant(r, "cancel_order_time"),
		CancelReason: o.cancelReason.Value(r, "cancel_reason"),
		LinkRef:      o.groupID.Value(r, "checkin_order_group_id"),
	}
	row.Net = row.Gross
	row.Kind = kind(r, o.bizType.Value(r, "order_biz_type"), row.ServiceType)
	row.Status = statuses.Status(r, "order_status", row.SourceStatus)
	if row.Currency == "" {
		row.Currency = origin.Currency
	}
	if project := o.projectID.Value(r, "project_id"); project != "" && project != dec.account.ProjectID {
		r.Finding("project_id", "an order of another project than the account's", project)
	}
	r.Order(&row)

	for _, name := range o.repeated {
		r.Finding(name, transform.RepeatedList, "")
	}
	if o.wrongCommodities != "" {
		r.Finding("commodity_list", transform.WrongType, o.wrongCommodities)
	}
	for i := range o.commodities {
		c := &o.commodities[i]
		if c.wrong != "" {
			r.In("", 0)
			r.Finding("commodity_list", transform.WrongType, c.wrong)
			continue
		}
		r.In("commodity_list", i)
		item := transform.OrderItem{
			LineNo:    i + 1,
			ItemID:    c.id.Value(r, "id"),
			Title:     c.name.Value(r, "commodity_name"),
			Quantity:  c.quantity.Rate(r, "quantity"),
			UnitPrice: c.unitPrice.Rate(r, "unit_price"),
			Total:     c.amount.Money(r, "order_amount"),
			Currency:  c.currency.Value(r, "currency"),
		}
		if item.Currency == "" {
			item.Currency = row.Currency
		}
		r.Item(&item)
	}
	r.In("", 0)
}

// kind is the canonical kind of an order_biz_type; a service is room service
// where food is ordered.
func kind(r *transform.Record, biz, service string) string {
	switch biz {
	case bizMaterial:
		return transform.KindCommodity
	case bizService:
		if service == "FOOD_SERVICE" {
			return transform.KindRoomService
		}
		return transform.KindServiceRequest
	}
	r.Finding("order_biz_type", "neither MATERIAL nor SERVICE: the order's kind is not known", biz)
	return ""
}

// details adds what the detail alone answers: guests and invoice.
func (dec *decoder) details(r *transform.Record) {
	if r.Rejected() {
		return
	}
	o := &dec.order
	if o.wrongCustomers != "" {
		r.Finding("customer_list", transform.WrongType, "")
	}
	for i := range o.customers {
		c := &o.customers[i]
		if c.wrong != "" {
			r.In("", 0)
			r.Finding("customer_list", transform.WrongType, "")
			continue
		}
		r.In("customer_list", i)
		g := transform.Guest{GuestNo: i + 1, Name: c.name.Personal(r, "customer_name")}
		if contact := c.contact.Personal(r, "customer_contact"); strings.Contains(contact, "@") {
			g.Email = contact
		} else {
			g.Phone = contact
		}
		r.Guest(&g)
	}
	r.In("", 0)
	if o.wrongInvoice != "" {
		r.Finding("invoice", transform.WrongType, "")
	}
	if o.invoice.given {
		r.In("invoice", 0)
		r.Invoice(&transform.Invoice{LineNo: 1, Type: o.invoice.kind.Code(r, "invoice_type")})
		r.In("", 0)
	}
}
