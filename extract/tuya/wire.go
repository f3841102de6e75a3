package tuya

import (
	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/transform"
)

// wireOrder is an order as list or detail answer it: the documented fields
// that are loaded, each with its documented encoding. What stands where an
// array or object belongs is kept as wrong text.
type wireOrder struct {
	orderID, projectID, roomNo     transform.Text
	status, bizType, secondBizType transform.Text
	groupID                        transform.Text
	quantity                       transform.Integer
	amount                         transform.Decimal // BigDecimal in major units of currency
	currency, source               transform.Text
	createdAt                      transform.Millis
	cancelReason                   transform.Text

	repeated         []string // lists that were there before in the same order
	commodities      []wireCommodity
	wrongCommodities string

	// The detail's own.
	finishedAt, canceledAt       transform.Millis
	customers                    []wireCustomer
	wrongCustomers, wrongInvoice string
	invoice                      wireInvoice
}

type wireCommodity struct {
	id, name  transform.Text
	unitPrice transform.Decimal
	quantity  transform.Integer
	amount    transform.Decimal
	currency  transform.Text
	wrong     string
}

// wireCustomer is a guest: contact is a phone number with country code or an
// email address.
type wireCustomer struct {
	name, contact transform.Text
	wrong         string
}

// wireInvoice: of the invoice only the type is loaded, the rest is the
// buyer's personal data. given is set where any field has a value.
type wireInvoice struct {
	kind  transform.Integer
	given bool
}

// reset empties o but keeps its slices' memory.
func (o *wireOrder) reset() {
	*o = wireOrder{commodities: o.commodities[:0], customers: o.customers[:0], repeated: o.repeated[:0]}
}

// read takes the next value of d; wrong is its raw text where it is no object.
func (o *wireOrder) read(d *jx.Decoder) (wrong string, err error) {
	o.reset()
	return transform.ReadObject(d, o.field)
}

func (o *wireOrder) field(d *jx.Decoder, key string) (err error) {
	switch key {
	case "order_id":
		return o.orderID.Read(d)
	case "project_id":
		return o.projectID.Read(d)
	case "room_no":
		return o.roomNo.Read(d)
	case "order_status":
		return o.status.Read(d)
	case "order_biz_type":
		return o.bizType.Read(d)
	case "second_order_biz_type":
		return o.secondBizType.Read(d)
	case "checkin_order_group_id":
		return o.groupID.Read(d)
	case "quantity":
		return o.quantity.Read(d)
	case "order_amount":
		return o.amount.Read(d)
	case "currency":
		return o.currency.Read(d)
	case "order_source":
		return o.source.Read(d)
	case "create_order_time":
		return o.createdAt.Read(d)
	case "finish_order_time":
		return o.finishedAt.Read(d)
	case "cancel_order_time":
		return o.canceledAt.Read(d)
	case "cancel_reason":
		return o.cancelReason.Read(d)
	case "commodity_list":
		if len(o.commodities) > 0 {
			o.repeated = append(o.repeated, "commodity_list")
		}
		o.commodities = o.commodities[:0]
		o.wrongCommodities, err = transform.ReadArray(d, o.commodity)
		return err
	case "customer_list":
		if len(o.customers) > 0 {
			o.repeated = append(o.repeated, "customer_list")
		}
		o.customers = o.customers[:0]
		o.wrongCustomers, err = transform.ReadArray(d, o.customer)
		return err
	case "invoice":
		o.invoice = wireInvoice{}
		o.wrongInvoice, err = transform.ReadObject(d, o.invoice.field)
		return err
	}
	return d.Skip()
}

func (o *wireOrder) commodity(d *jx.Decoder) (err error) {
	o.commodities = append(o.commodities, wireCommodity{})
	c := &o.commodities[len(o.commodities)-1]
	c.wrong, err = transform.ReadObject(d, c.field)
	return err
}

func (c *wireCommodity) field(d *jx.Decoder, key string) error {
	switch key {
	case "id":
		return c.id.Read(d)
	case "commodity_name":
		return c.name.Read(d)
	case "unit_price":
		return c.unitPrice.Read(d)
	case "quantity":
		return c.quantity.Read(d)
	case "order_amount":
		return c.amount.Read(d)
	case "currency":
		return c.currency.Read(d)
	}
	return d.Skip()
}

func (o *wireOrder) customer(d *jx.Decoder) (err error) {
	o.customers = append(o.customers, wireCustomer{})
	c := &o.customers[len(o.customers)-1]
	c.wrong, err = transform.ReadObject(d, c.field)
	return err
}

func (c *wireCustomer) field(d *jx.Decoder, key string) error {
	switch key {
	case "customer_name":
		return c.name.Read(d)
	case "customer_contact":
		return c.contact.Read(d)
	}
	return d.Skip()
}

func (i *wireInvoice) field(d *jx.Decoder, key string) error {
	if key == "invoice_type" {
		err := i.kind.Read(d)
		i.given = i.given || i.kind.Present()
		return err
	}
	var other transform.Scalar
	err := other.Read(d)
	i.given = i.given || other.Present()
	return err
}
