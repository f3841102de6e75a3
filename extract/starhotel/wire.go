package starhotel

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
	"github.com/nightaudit/nightaudit/transform"
)

// order is an order of pmsOrder/list (docs/sources/starhotel.md).
type order struct {
	ID          transform.Integer `json:"order_id"`
	Total       transform.Decimal `json:"total_amount" orders:"gross_amount net_amount"`
	Paid        transform.Decimal `json:"total_payed_amount" orders:"paid_amount"`
	No          transform.Text    `json:"order_no" orders:"order_no"`
	PMSID       transform.Integer `json:"pms_id" orders:"store_id"`
	Status      transform.Integer `json:"order_status" orders:"source_status status"`
	CreatedAt   transform.ISO8601 `json:"created_at" orders:"created_at"`
	UpdatedAt   transform.ISO8601 `json:"updated_at" orders:"updated_at"`
	ServiceDate transform.Seconds `json:"service_date" orders:"service_at"`
	Name        transform.Private `json:"name" guests:"name"`
	Phone       transform.Private `json:"phone" guests:"phone"`

	_ transform.Computed `orders:"kind flow payment_status currency"`
}

// accomOrder is an order of getAccomOrderList. Name and phone stand in this
// answer too; guests come from the order's own.
type accomOrder struct {
	ID     transform.Integer     `json:"order_id"`
	Accoms transform.List[accom] `json:"accoms"`
}

// accom is an accommodation of getAccomOrderList.
type accom struct {
	transform.Object // one that is something else has no id, which is told

	ID             transform.Integer `json:"accom_id"`
	Total          transform.Decimal `json:"total_amount" stays:"total_amount"`
	Amount         transform.Decimal `json:"amount" stays:"room_amount"`
	Room           transform.Text    `json:"room_name" stays:"room_no"`
	RoomType       transform.Text    `json:"room_type_name" stays:"room_type"`
	Status         transform.Integer `json:"accom_status" stays:"source_status status"`
	Start          transform.Seconds `json:"checkin_start_time" stays:"arrival_at"`
	End            transform.Seconds `json:"checkin_end_time" stays:"departure_at"`
	CheckoutStatus transform.Integer `json:"checkout_status"`
	CreatedAt      transform.Seconds `json:"created_date" stays:"created_at"`

	_ transform.Computed `stays:"stay_id consumption_amount settled"`
}

var (
	orderFields = transform.Declare[order](transform.Words{"status": orderStatus})
	accomsOf    = transform.Declare[accomOrder](nil)
	accomFields = transform.Declare[accom](transform.Words{"status": accomStatus})
)

// errNoData is a success without what was asked for.
var errNoData = errors.New("the answer has no data.list")

// readList reads the envelope of a success and calls item for each element
// of data.list.
func readList(body []byte, item func(d *jx.Decoder) error) (total transform.Integer, err error) {
	found := false
	err = transform.ReadDocument(body, func(d *jx.Decoder) error {
		wrong, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
			if key != "data" {
				return d.Skip()
			}
			if d.Next() == jx.Array { // an empty array for an empty list
				found, total.Kind, total.Text = true, transform.Number, "0"
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
					return total.Read(d)
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

// listShape is what both calls must answer (httpx.Call.Shape).
func listShape(body []byte) error {
	_, err := readList(body, (*jx.Decoder).Skip)
	return err
}

// glimpse is what paging needs to know of an answer.
type glimpse struct {
	rows    int
	total   int64
	ids     []string
	created []time.Time // beside ids; zero where the answer does not say
}

// holds is how many orders there are at least where g was answered.
func (g glimpse) holds() int64 { return max(g.total, int64(g.rows)) }

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
	total, err := readList(body, func(d *jx.Decoder) error {
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
	g.total = total.Stated()
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
		return &extract.Error{Class: extract.Doubtful, Err: errors.New("the answer is not complete JSON")}
	}
	if !code.Present() {
		return &extract.Error{Class: extract.Doubtful, Err: errors.New("the answer has no error_code"), Hint: "check base_url: is it the address of the PMS's interface?"}
	}
	if code.Text == "0" {
		return nil
	}
	if e := httpx.Mirrored(code.Text); e != nil {
		return e
	}
	return &extract.Error{
		Class: extract.Denied, Code: strings.Clone(code.Text), Err: extract.ErrRefused,
		Hint: "check pms_id and date_format; the vendor documents no error codes",
	}
}
