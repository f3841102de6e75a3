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

// readAnswer reads a whole answer whose data is an object of the given
// fields.
func readAnswer(body []byte, field func(d *jx.Decoder, key string) error) (envelope, error) {
	var e envelope
	err := transform.ReadDocument(body, func(d *jx.Decoder) (err error) {
		e, err = readEnvelope(d, func(d *jx.Decoder) error {
			wrong, err := transform.ReadObject(d, field)
			if err == nil && wrong != "" {
				err = errors.New("data is not an object")
			}
			return err
		})
		return err
	})
	return e, err
}

// statusAnswer is the answer of query-status.
type statusAnswer struct {
	envelope
	AccountNo, OrderNo, ExpressStatus transform.Text
}

func readStatus(body []byte) (s statusAnswer, err error) {
	s.envelope, err = readAnswer(body, func(d *jx.Decoder, key string) error {
		switch key {
		case "accountNo":
			return s.AccountNo.Read(d)
		case "orderNo":
			return s.OrderNo.Read(d)
		case "expressStatus":
			return s.ExpressStatus.Read(d)
		}
		return d.Skip()
	})
	// Data that names neither an order nor a state is no data.
	s.data = s.data && (s.OrderNo.Present() || s.ExpressStatus.Present())
	return s, err
}

// event is an entry of the feed.
type event struct {
	ExpressStatus, RecordDesc transform.Text
	WorkerName, WorkerPhone   transform.Text
	HappenTime                transform.MillisOrSeconds
}

func (e *event) read(d *jx.Decoder) error {
	_, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
		switch key {
		case "expressStatus":
			return e.ExpressStatus.Read(d)
		case "recordDesc":
			return e.RecordDesc.Read(d)
		case "expressWorkerName":
			return e.WorkerName.Read(d)
		case "expressWorkerPhone":
			return e.WorkerPhone.Read(d)
		case "happenTime":
			return e.HappenTime.Read(d)
		}
		return d.Skip()
	})
	return err
}

// feedAnswer is the answer of query-status-feed.
type feedAnswer struct {
	envelope
	OrderNo transform.Text
	Feed    []event
	wrong   bool // feed is no array
	twice   bool // feed stands more than once
}

func readFeed(body []byte) (f feedAnswer, err error) {
	f.envelope, err = readAnswer(body, func(d *jx.Decoder, key string) error {
		switch key {
		case "orderNo":
			return f.OrderNo.Read(d)
		case "feed":
			f.twice, f.Feed = f.twice || f.Feed != nil, nil
			wrong, err := transform.ReadArray(d, func(d *jx.Decoder) error {
				var e event
				err := e.read(d)
				f.Feed = append(f.Feed, e)
				return err
			})
			f.wrong = wrong != ""
			return err
		}
		return d.Skip()
	})
	return f, err
}

// tip is an entry of the list of tips.
type tip struct {
	TipNo      transform.Text
	TipFee     transform.Fen
	CreateTime transform.MillisOrSeconds
}

func (t *tip) read(d *jx.Decoder) error {
	_, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
		switch key {
		case "tipNo":
			return t.TipNo.Read(d)
		case "tipFee":
			return t.TipFee.Read(d)
		case "createTime":
			return t.CreateTime.Read(d)
		}
		return d.Skip()
	})
	return err
}

// tipsAnswer is the answer of query-tip-list.
type tipsAnswer struct {
	envelope
	OrderNo    transform.Text
	TotalFee   transform.Fen
	TotalCount transform.Integer
	Tips       []tip
	wrong      bool // tipList is no array
	twice      bool // tipList stands more than once
}

func readTips(body []byte) (t tipsAnswer, err error) {
	t.envelope, err = readAnswer(body, func(d *jx.Decoder, key string) error {
		switch key {
		case "orderNo":
			return t.OrderNo.Read(d)
		case "totalTipFee":
			return t.TotalFee.Read(d)
		case "totalTipCount":
			return t.TotalCount.Read(d)
		case "tipList":
			t.twice, t.Tips = t.twice || t.Tips != nil, nil
			wrong, err := transform.ReadArray(d, func(d *jx.Decoder) error {
				var one tip
				err := one.read(d)
				t.Tips = append(t.Tips, one)
				return err
			})
			t.wrong = wrong != ""
			return err
		}
		return d.Skip()
	})
	return t, err
}

// notification is what the courier posts when an order's state changes
// (docs/sources/guoxiaodi.md, status notifications).
type notification struct {
	event
	OrderNo, SourceOrderNo transform.Text
	Deduction              transform.Fen
}

func readNotification(body []byte) (n notification, err error) {
	err = transform.ReadDocument(body, func(d *jx.Decoder) error {
		if d.Next() != jx.Object {
			return errors.New("it is not an object")
		}
		return d.ObjBytes(func(d *jx.Decoder, key []byte) error {
			switch string(key) {
			case "orderNo":
				return n.OrderNo.Read(d)
			case "sourceOrderNo":
				return n.SourceOrderNo.Read(d)
			case "expressStatus":
				return n.ExpressStatus.Read(d)
			case "happenTime":
				return n.HappenTime.Read(d)
			case "cancelDeductionsAmount":
				return n.Deduction.Read(d)
			}
			return d.Skip()
		})
	})
	return n, err
}
