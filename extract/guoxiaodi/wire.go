package guoxiaodi

import (
	"errors"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/transform"
)

// envelope is what every answer is wrapped in (docs/sources/guoxiaodi.md, Envelope).
type envelope struct {
	code transform.Integer
	ok   transform.Bool
	data bool // data is there and not null
}

// readEnvelope reads an answer and calls data for its data, unless that is
// null.
func readEnvelope(d *jx.Decoder, data func(d *jx.Decoder) error) (envelope, error) {
	var e envelope
	wrong, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
		switch key {
		case "code":
			return e.code.Read(d)
		case "ok":
			return e.ok.Read(d)
		case "data":
			if d.Next() == jx.Null {
				return d.Null()
			}
			e.data = true
			return data(d)
		}
		return d.Skip()
	})
	if err == nil && wrong != "" {
		err = errors.New("the answer is not an object")
	}
	return e, err
}

// missing reports whether the answer says that the courier does not know the
// number: by a code of unknown_codes, or by a success without data.
func (e *envelope) missing(a *account) bool {
	return !e.data || a.unknownCode(e.code.Text)
}

// queryAnswer is the answer of a query.
type queryAnswer[T any] struct {
	envelope
	Data T
}

// readAnswer reads an answer whose data is an object of the given fields.
func readAnswer[T any](body []byte, fields *transform.Fields[T], a *queryAnswer[T]) error {
	return transform.ReadDocument(body, func(d *jx.Decoder) (err error) {
		a.envelope, err = readEnvelope(d, func(d *jx.Decoder) error {
			wrong, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
				return fields.ReadMember(d, key, &a.Data)
			})
			if err == nil && wrong != "" {
				err = errors.New("data is not an object")
			}
			return err
		})
		return err
	})
}

// dataShape is what every query must answer (httpx.Call.Shape): data that is
// an object, or none.
func dataShape(body []byte) error {
	return readAnswer(body, noFields, new(queryAnswer[struct{}]))
}

// statusData is the answer of query-status.
type statusData struct {
	AccountNo     transform.Text `json:"accountNo" orders:"store_id"`
	OrderNo       transform.Text `json:"orderNo"`
	SourceOrderNo transform.Text `json:"sourceOrderNo"`
	ExpressStatus transform.Text `json:"expressStatus" orders:"source_status status" deliveries:"source_status status"`

	_ transform.Computed `orders:"kind flow refund_status currency link_ref" deliveries:"currency link_ref"`
}

func readStatus(body []byte) (*queryAnswer[statusData], error) {
	s := new(queryAnswer[statusData])
	err := readAnswer(body, statusFields, s)
	// Data that names neither an order nor a state is no data.
	s.data = s.data && (s.Data.OrderNo.Present() || s.Data.ExpressStatus.Present())
	return s, err
}

// feedData is the answer of query-status-feed.
type feedData struct {
	OrderNo transform.Text        `json:"orderNo"`
	Feed    transform.List[event] `json:"feed"`
}

// event is an entry of the feed.
type event struct {
	transform.Object // one that is something else has no status, which is told

	ExpressStatus transform.Text            `json:"expressStatus" delivery_events:"source_status status"`
	HappenTime    transform.MillisOrSeconds `json:"happenTime" delivery_events:"happened_at"`
	RecordDesc    transform.Private         `json:"recordDesc"`
	WorkerName    transform.Private         `json:"expressWorkerName"`
	WorkerPhone   transform.Private         `json:"expressWorkerPhone"`

	_ transform.Computed `delivery_events:"description"`
}

// tipsData is the answer of query-tip-list.
type tipsData struct {
	OrderNo    transform.Text      `json:"orderNo"`
	TotalFee   transform.Fen       `json:"totalTipFee" deliveries:"tip_amount"`
	TotalCount transform.Integer   `json:"totalTipCount" deliveries:"tip_count"`
	Tips       transform.List[tip] `json:"tipList"`
}

// tip is an entry of the list of tips.
type tip struct {
	transform.Object // one that is something else has no number, which is told

	TipNo      transform.Text            `json:"tipNo" delivery_tips:"tip_no"`
	TipFee     transform.Fen             `json:"tipFee" delivery_tips:"amount"`
	CreateTime transform.MillisOrSeconds `json:"createTime" delivery_tips:"created_at"`
}

// notification is what the courier posts when an order's state changes
// (docs/sources/guoxiaodi.md, status notifications).
type notification struct {
	OrderNo       transform.Text            `json:"orderNo"`
	SourceOrderNo transform.Text            `json:"sourceOrderNo"`
	ExpressStatus transform.Text            `json:"expressStatus" delivery_events:"source_status status"`
	HappenTime    transform.MillisOrSeconds `json:"happenTime" delivery_events:"happened_at"`
	Deduction     transform.Fen             `json:"cancelDeductionsAmount" orders:"deduction_amount"`
}

func readNotification(body []byte) (n notification, err error) {
	err = transform.ReadDocument(body, func(d *jx.Decoder) error {
		if d.Next() != jx.Object {
			return errors.New("it is not an object")
		}
		_, err := notificationFields.Read(d, &n)
		return err
	})
	return n, err
}

// created is the data of a create-and-pay answer, or what of it a register
// keeps.
type created struct {
	OrderNo       transform.Text            `json:"orderNo"`
	SourceOrderNo transform.Text            `json:"sourceOrderNo"`
	Carriage      transform.Fen             `json:"carriageFee" orders:"freight_amount"`
	Distance      transform.Fen             `json:"distanceFee" deliveries:"distance_amount"`
	Weight        transform.Fen             `json:"weightFee" deliveries:"weight_amount"`
	Tip           transform.Fen             `json:"tipFee" deliveries:"creation_tip_amount"`
	Overflow      transform.Fen             `json:"customerTotalOverflowAmount" deliveries:"surcharge_amount"`
	Special       transform.Fen             `json:"specialDeliveryFee" deliveries:"special_amount"`
	Pay           transform.Fen             `json:"payFee" orders:"net_amount" deliveries:"fee_amount"`
	Before        transform.Fen             `json:"beforePreferentialFee" orders:"gross_amount"`
	Preferential  transform.Fen             `json:"preferentialAmount" orders:"discount_amount"`
	TimeCreate    transform.MillisOrSeconds `json:"timeCreateOrder" orders:"created_at"`

	// An order that the courier does not know is one by its register alone.
	_ transform.Computed `orders:"kind flow currency" deliveries:"currency link_ref"`
}

var (
	statusWords        = transform.Words{"status": expressStatus}
	noFields           = transform.Declare[struct{}](nil)
	statusFields       = transform.Declare[statusData](statusWords)
	feedFields         = transform.Declare[feedData](nil)
	eventFields        = transform.Declare[event](statusWords)
	tipsFields         = transform.Declare[tipsData](nil)
	tipFields          = transform.Declare[tip](nil)
	notificationFields = transform.Declare[notification](statusWords)
	createdFields      = transform.Declare[created](nil)
)
