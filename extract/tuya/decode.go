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

// list reads the result of the list.
func (dec *decoder) list(d *jx.Decoder) error {
	total, err := readRows(d, dec.row)
	if err == nil {
		dec.facts.State(&total, dec.out, "/result/total")
	}
	return err
}

// readRows reads the result of the list, {total, page_no, page_size, data},
// and calls row for each element of data.
func readRows(d *jx.Decoder, row func(d *jx.Decoder) error) (total transform.Integer, err error) {
	found := false
	wrong, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
		switch key {
		case "total":
			return total.Read(d)
		case "data":
			found = true
			return transform.ReadRecords(d, "result.data", row)
		}
		return d.Skip()
	})
	if err == nil && (wrong != "" || !found) {
		err = errors.New("it has no result.data")
	}
	return total, err
}

// listShape is what the call for a list must answer (httpx.Call.Shape).
func listShape(body []byte) error {
	return transform.ReadMember(body, "result", func(d *jx.Decoder) error {
		_, err := readRows(d, (*jx.Decoder).Skip)
		return err
	})
}

func (dec *decoder) row(d *jx.Decoder) error {
	if _, err := orderFields.Read(d, &dec.order); err != nil {
		return err
	}
	r := dec.out.RecordOf("order_id", &dec.order.OrderID.Scalar, "/result/data", dec.facts.Rows)
	dec.facts.Count(r.Identity())
	dec.emit(r)
	return nil
}

// detail reads the result of the detail, an order. An order that the vendor
// does not know has an empty result: a finding, and nothing is changed.
func (dec *decoder) detail(d *jx.Decoder) error {
	o := &dec.order
	wrong, err := orderFields.Read(d, o)
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
	if !o.OrderID.Present() && !o.Status.Present() && !o.Amount.Present() {
		return errors.New("its result is not an order")
	}
	asked, id := dec.page.Subject.OrderID, o.OrderID.Plain()
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

// lineTotal is what a list of lines that cannot be read would have stated.
var lineTotal = transform.TargetOf(transform.TableOrderItems, "total_amount")

// emit adds the rows that list and detail have in common (docs/mapping.md). An
// order without a time of its creation is dated by what its detail says
// (derive.sql).
func (dec *decoder) emit(r *transform.Record) {
	if r.Rejected() {
		return
	}
	o, origin := &dec.order, dec.out.Origin()
	row := &orderFields.Fill(r, o, origin.Currency).Order
	row.Flow, row.StoreID = origin.Revenue(), dec.account.ProjectID
	row.Kind = kind(r, o.BizType.Value(r, "order_biz_type"), row.ServiceType)
	if project := o.ProjectID.Value(r, "project_id"); project != "" && project != dec.account.ProjectID {
		r.Finding("project_id", "an order of another project than the account's", project)
	}
	r.Order(row)
	if o.Customers.Twice {
		r.Finding("customer_list", transform.RepeatedList, "")
	}
	o.Commodities.Each(r, "commodity_list", lineTotal, func(i int, c *wireCommodity) {
		item := &commodityFields.Fill(r, c, row.Currency).Item
		item.LineNo = i + 1
		r.Item(item)
	})
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
	o.Customers.Twice = false // told by emit, for the list has none
	o.Customers.Each(r, "customer_list", nil, func(i int, c *wireCustomer) {
		g := &customerFields.Fill(r, c, "").Guest
		g.GuestNo = i + 1
		if contact := c.Contact.Value(r, "customer_contact"); strings.Contains(contact, "@") {
			g.Email = contact
		} else {
			g.Phone = contact
		}
		r.Guest(g)
	})
	if o.Invoice.Wrong {
		r.Finding("invoice", transform.WrongType, "")
	}
	if o.Invoice.Yes {
		r.In("invoice", 0)
		invoice := &invoiceFields.Fill(r, &o.Invoice, "").Invoice
		invoice.LineNo = 1
		r.Invoice(invoice)
		r.In("", 0)
	}
}
