package starhotel

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// order is an order of pmsOrder/list, with the encodings of docs/sources/starhotel.md.
type order struct {
	ID, PMSID   transform.Integer
	No          transform.Text
	Name, Phone transform.Text
	Total, Paid transform.Decimal
	Status      transform.Integer
	ServiceDate transform.Seconds
	CreatedAt   transform.ISO8601
	UpdatedAt   transform.ISO8601
}

func (o *order) read(d *jx.Decoder) (wrong string, err error) {
	return transform.ReadObject(d, func(d *jx.Decoder, key string) error {
		switch key {
		case "order_id":
			return o.ID.Read(d)
		case "pms_id":
			return o.PMSID.Read(d)
		case "order_no":
			return o.No.Read(d)
		case "name":
			return o.Name.Read(d)
		case "phone":
			return o.Phone.Read(d)
		case "total_amount":
			return o.Total.Read(d)
		case "total_payed_amount":
			return o.Paid.Read(d)
		case "order_status":
			return o.Status.Read(d)
		case "service_date":
			return o.ServiceDate.Read(d)
		case "created_at":
			return o.CreatedAt.Read(d)
		case "updated_at":
			return o.UpdatedAt.Read(d)
		}
		return d.Skip()
	})
}

// accom is an accommodation of getAccomOrderList.
type accom struct {
	ID             transform.Integer
	RoomType, Room transform.Text
	Start, End     transform.Seconds
	Total, Amount  transform.Decimal
	Status         transform.Integer
	CheckoutStatus transform.Integer
	wrong          string // what stood there instead of an object
}

func (a *accom) read(d *jx.Decoder) (err error) {
	a.wrong, err = transform.ReadObject(d, func(d *jx.Decoder, key string) error {
		switch key {
		case "accom_id":
			return a.ID.Read(d)
		case "room_type_name":
			return a.RoomType.Read(d)
		case "room_name":
			return a.Room.Read(d)
		case "checkin_start_time":
			return a.Start.Read(d)
		case "checkin_end_time":
			return a.End.Read(d)
		case "total_amount":
			return a.Total.Read(d)
		case "amount":
			return a.Amount.Read(d)
		case "accom_status":
			return a.Status.Read(d)
		case "checkout_status":
			return a.CheckoutStatus.Read(d)
		}
		return d.Skip()
	})
	return err
}

// accomOrder is an order of getAccomOrderList.
type accomOrder struct {
	ID     transform.Integer
	Accoms []accom
	wrong  string // what stood in accoms instead of an array
	twice  bool   // accoms stands more than once
}

func (o *accomOrder) read(d *jx.Decoder) (wrong string, err error) {
	return transform.ReadObject(d, func(d *jx.Decoder, key string) error {
		switch key {
		case "order_id":
			return o.ID.Read(d)
		case "accoms":
			var err error
			o.twice, o.Accoms = o.twice || o.Accoms != nil, nil
			o.wrong, err = transform.ReadArray(d, func(d *jx.Decoder) error {
				var a accom
				err := a.read(d)
				o.Accoms = append(o.Accoms, a)
				return err
			})
			return err
		}
		return d.Skip()
	})
}

// errNoData is a success without what was asked for.
var errNoData = errors.New("the answer has no data.list")

// readList reads the envelope of a success and calls item for each element
// of data.list. total is -1 where none is stated.
func readList(body []byte, item func(d *jx.Decoder) error) (total int64, err error) {
	total = -1
	found := false
	err = transform.ReadDocument(body, func(d *jx.Decoder) error {
		wrong, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
			if key != "data" {
				return d.Skip()
			}
			if d.Next() == jx.Array { // an empty array for an empty list
				found, total = true, 0
				return d.Arr(func(*jx.Decoder) error { return errNoData })
			}
			wrong, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
				switch key {
				case "list":
					found = d.Next() != jx.Null
					wrong, err := transform.ReadArray(d, item)
					if wrong != "" {
						return errNoData
					}
					return err
				case "total":
					var n transform.Scalar
					if err := n.Read(d); err != nil {
						return err
					}
					if t, err := strconv.ParseInt(n.Text, 10, 64); err == nil && t >= 0 {
						total = t
					}
					return nil
				}
				return d.Skip()
			})
			if wrong != "" {
				return errNoData
			}
			return err
		})
		if wrong != "" {
			return errNoData
		}
		return err
	})
	if err == nil && !found {
		err = errNoData
	}
	return total, err
}

// glimpse is what paging needs to know of an answer.
type glimpse struct {
	rows    int
	total   int64
	ids     []string
	created []time.Time // beside ids; zero where the answer does not say
}

// alike reports whether g holds more than half of the orders of first.
func (g glimpse) alike(first glimpse) bool {
	shared := 0
	for _, id := range first.ids {
		if slices.Contains(g.ids, id) {
			shared++
		}
	}
	return 2*shared > first.rows
}

// peek reads the order ids of an answer, when each was created, and the
// total. An order of the list of accommodations counts from its first one.
func peek(body []byte) (glimpse, error) {
	var g glimpse
	var err error
	g.total, err = readList(body, func(d *jx.Decoder) error {
		var id, at transform.Scalar
		var created time.Time
		_, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
			switch key {
			case "order_id":
				return id.Read(d)
			case "created_at":
				err := at.Read(d)
				created, _ = time.Parse(time.RFC3339Nano, at.Text) // an unreadable time is told by Decode
				return err
			case "accoms":
				_, err := transform.ReadArray(d, func(d *jx.Decoder) error {
					t, err := accomCreated(d)
					if !t.IsZero() && (created.IsZero() || t.Before(created)) {
						created = t
					}
					return err
				})
				return err
			}
			return d.Skip()
		})
		g.rows++
		g.ids = append(g.ids, strings.Clone(id.Text)) // the text shares the memory of the page
		g.created = append(g.created, created)
		return err
	})
	return g, err
}

// accomCreated reads the creation of an accommodation, zero where it has none.
func accomCreated(d *jx.Decoder) (created time.Time, err error) {
	var at transform.Scalar
	_, err = transform.ReadObject(d, func(d *jx.Decoder, key string) error {
		if key == "created_date" {
			return at.Read(d)
		}
		return d.Skip()
	})
	if n, e := strconv.ParseInt(at.Text, 10, 64); e == nil && len(at.Text) == 10 {
		created = time.Unix(n, 0)
	}
	return created, err
}

// checkEnvelope is the vendor's success test: error_code 0. The document
// shows no error; codes that mirror an HTTP status are classed as that.
func checkEnvelope(body []byte) error {
	var code transform.Scalar
	d := jx.DecodeBytes(bytes.TrimSpace(body))
	_, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
		if key == "error_code" {
			return code.Read(d)
		}
		return d.Skip()
	})
	if err != nil {
		return &extract.Error{Class: extract.Transient, Err: errors.New("the answer is not complete JSON")}
	}
	if !code.Present() {
		return &extract.Error{Class: extract.Permanent, Err: errors.New("the answer has no error_code"), Hint: "check base_url: is it the address of the PMS's interface?"}
	}
	if code.Text == "0" {
		return nil
	}
	e := &extract.Error{Class: extract.Permanent, Code: code.Text, Err: fmt.Errorf("the PMS refused the call")}
	switch code.Text {
	case "401":
		e.Class, e.Hint = extract.Expired, "check auth: the PMS does not accept the token"
	case "403":
		e.Hint = "check pms_id and what the token may read"
	case "429":
		e.Class, e.Hint = extract.Limited, "lower rate"
	case "500", "502", "503", "504":
		e.Class = extract.Transient
	default:
		e.Hint = "check pms_id and date_format; the vendor documents no error codes"
	}
	return e
}
