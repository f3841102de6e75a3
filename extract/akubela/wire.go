package akubela

import (
	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/transform"
)

// wireOrder is an order as list or detail answer it: the documented fields
// that are loaded, each with its documented encoding. fields counts all
// members, loaded or not.
type wireOrder struct {
	fields int

	orderID, orderNumber, roomNo, roomType transform.Text
	startTime, finishTime, endTime         transform.UTCTime
	state                                  transform.Text
	guests                                 []wireGuest
	guestsGiven, guestsTwice               bool
	wrongGuests                            string

	source transform.Text // the detail's own
}

type wireGuest struct {
	name, email, phone, idCard, passport transform.Text
	wrong                                string
}

// read takes the next value of d; wrong is its raw text where it is no object.
func (o *wireOrder) read(d *jx.Decoder) (wrong string, err error) {
	*o = wireOrder{guests: o.guests[:0]}
	return transform.ReadObject(d, o.field)
}

func (o *wireOrder) field(d *jx.Decoder, key string) (err error) {
	o.fields++
	switch key {
	case "order_id":
		return o.orderID.Read(d)
	case "order_number":
		return o.orderNumber.Read(d)
	case "residence_no":
		return o.roomNo.Read(d)
	case "room_type_name":
		return o.roomType.Read(d)
	case "start_time":
		return o.startTime.Read(d)
	case "finish_time": // of the tables
		return o.finishTime.Read(d)
	case "end_time": // of every example
		return o.endTime.Read(d)
	case "order_state":
		return o.state.Read(d)
	case "source":
		return o.source.Read(d)
	case "guests":
		o.guestsTwice = o.guestsTwice || len(o.guests) > 0
		o.guests, o.guestsGiven = o.guests[:0], d.Next() == jx.Array
		o.wrongGuests, err = transform.ReadArray(d, o.guest)
		return err
	}
	return d.Skip()
}

func (o *wireOrder) guest(d *jx.Decoder) (err error) {
	o.guests = append(o.guests, wireGuest{})
	g := &o.guests[len(o.guests)-1]
	g.wrong, err = transform.ReadObject(d, g.field)
	return err
}

func (g *wireGuest) field(d *jx.Decoder, key string) error {
	switch key {
	case "guest_name":
		return g.name.Read(d)
	case "email": // its row in the tables lost its name
		return g.email.Read(d)
	case "phone":
		return g.phone.Read(d)
	case "id_card":
		return g.idCard.Read(d)
	case "passport":
		return g.passport.Read(d)
	}
	return d.Skip()
}
