package sim

import (
	"encoding/json"
	"strconv"
	"time"
)

// Order is what the vendor holds of an order. Amounts are texts of fen
// ("1700").
type Order struct {
	AccountNo          string // the merchant's id
	OrderNo            string
	SourceOrderNo      string // what the queries answer
	ExpressStatus      string
	ExpressWorkerName  string
	ExpressWorkerPhone string
	Feed               []Event
	Tips               []Tip // added after the order was made

	// CreationTip is the tip given when the order was made; it counts in
	// totalTipFee ("" is none).
	CreationTip string
	// TotalTipFee, if set, is answered instead of the sum of CreationTip
	// and Tips.
	TotalTipFee string
	// AlsoKnownAs are further numbers by which the order is found as a
	// sourceOrderNo: the vendor's samples send one and return another.
	AlsoKnownAs []string
}

// Event is an entry of the status feed. HappenTime is in milliseconds.
type Event struct {
	ExpressStatus      string `json:"expressStatus"`
	ExpressStatusDesc  string `json:"expressStatusDesc"`
	ExpressWorkerName  string `json:"expressWorkerName"`
	ExpressWorkerPhone string `json:"expressWorkerPhone"`
	HappenTime         int64  `json:"happenTime"`
	RecordDesc         string `json:"recordDesc"`
}

// Tip is a tip that was added to an order. CreateTime is in milliseconds.
type Tip struct {
	TipNo      string `json:"tipNo"`
	TipFee     string `json:"tipFee"`
	CreateTime int64  `json:"createTime"`
}

// Created is the data of a create-and-pay answer: a line of the register.
// Amounts are texts of fen, TimeCreateOrder a text of milliseconds.
type Created struct {
	CustomerNote                string     `json:"customerNote"`
	OrderNo                     string     `json:"orderNo"`
	SourceOrderNo               string     `json:"sourceOrderNo"`
	ExpressStatus               string     `json:"expressStatus"`
	CarriageFee                 string     `json:"carriageFee"`
	DistanceFee                 string     `json:"distanceFee"`
	WeightFee                   string     `json:"weightFee"`
	TipFee                      string     `json:"tipFee"`
	CustomerTotalOverflowAmount string     `json:"customerTotalOverflowAmount"`
	ExpressOrderOverflowList    []Overflow `json:"expressOrderOverflowList"`
	PayFee                      string     `json:"payFee"`
	PlanRouteMileageNum         string     `json:"planRouteMileageNum"`
	PlanRouteMinuteNum          string     `json:"planRouteMinuteNum"`
	TimeCreateOrder             string     `json:"timeCreateOrder"`
	BeforePreferentialFee       string     `json:"beforePreferentialFee"`
	PreferentialAmount          string     `json:"preferentialAmount"`
	SpecialDeliveryFee          string     `json:"specialDeliveryFee"`
}

// Overflow is a surcharge of a plan.
type Overflow struct {
	PlanName       string `json:"planName"`
	CustomerAmount string `json:"customerAmount"`
}

// Answer is the create-and-pay answer with its envelope, as one line of JSON
// without the line break: what a merchant's system would have stored.
func (c Created) Answer(at time.Time) []byte { return line(wrap(at, c)) }

// Bare is the same without the envelope.
func (c Created) Bare() []byte { return line(c) }

// CSVHeader are the columns that CSV writes.
var CSVHeader = []string{
	"orderNo", "sourceOrderNo", "carriageFee", "distanceFee", "weightFee", "tipFee",
	"customerTotalOverflowAmount", "payFee", "timeCreateOrder", "beforePreferentialFee", "preferentialAmount", "specialDeliveryFee",
}

// CSV is the line's fields under CSVHeader.
func (c Created) CSV() []string {
	return []string{
		c.OrderNo, c.SourceOrderNo, c.CarriageFee, c.DistanceFee, c.WeightFee, c.TipFee,
		c.CustomerTotalOverflowAmount, c.PayFee, c.TimeCreateOrder, c.BeforePreferentialFee, c.PreferentialAmount, c.SpecialDeliveryFee,
	}
}

// envelope is what every answer is wrapped in.
type envelope struct {
	Code         int    `json:"code"`
	Msg          string `json:"msg"`
	Data         any    `json:"data"`
	Timestamp    string `json:"timestamp"`
	TimeStampNow int64  `json:"timeStampNow"`
	OK           bool   `json:"ok"`
	Fail         bool   `json:"fail"`
}

func wrap(at time.Time, data any) envelope {
	return envelope{
		Msg: "操作成功", Data: data, OK: true,
		Timestamp:    at.In(time.FixedZone("UTC+8", 8*3600)).Format(time.DateTime),
		TimeStampNow: at.UnixMilli(),
	}
}

func line(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain structs of texts and numbers
	}
	return b
}

// The answers of the three queries.
type (
	statusAnswer struct {
		AccountNo          string `json:"accountNo"`
		OrderNo            string `json:"orderNo"`
		SourceOrderNo      string `json:"sourceOrderNo"`
		ExpressStatus      string `json:"expressStatus"`
		ExpressWorkerName  string `json:"expressWorkerName"`
		ExpressWorkerPhone string `json:"expressWorkerPhone"`
	}
	feedAnswer struct {
		OrderNo       string  `json:"orderNo"`
		SourceOrderNo string  `json:"sourceOrderNo"`
		Feed          []Event `json:"feed"`
	}
	tipsAnswer struct {
		AccountNo     string `json:"accountNo"`
		OrderNo       string `json:"orderNo"`
		SourceOrderNo string `json:"sourceOrderNo"`
		TotalTipFee   string `json:"totalTipFee"`
		TotalTipCount int    `json:"totalTipCount"`
		TipList       []Tip  `json:"tipList"`
	}
)

func (o *Order) status() statusAnswer {
	return statusAnswer{o.AccountNo, o.OrderNo, o.SourceOrderNo, o.ExpressStatus, o.ExpressWorkerName, o.ExpressWorkerPhone}
}

func (o *Order) feed() feedAnswer {
	if o.Feed == nil {
		return feedAnswer{o.OrderNo, o.SourceOrderNo, []Event{}}
	}
	return feedAnswer{o.OrderNo, o.SourceOrderNo, o.Feed}
}

func (o *Order) tips() tipsAnswer {
	a := tipsAnswer{AccountNo: o.AccountNo, OrderNo: o.OrderNo, SourceOrderNo: o.SourceOrderNo, TotalTipFee: o.TotalTipFee, TotalTipCount: len(o.Tips), TipList: o.Tips}
	if a.TipList == nil {
		a.TipList = []Tip{}
	}
	if a.TotalTipFee == "" {
		sum := fen(o.CreationTip)
		for _, t := range o.Tips {
			sum += fen(t.TipFee)
		}
		a.TotalTipFee = strconv.FormatInt(sum, 10)
	}
	return a
}

// inSeconds writes the order's times in seconds.
func (o *Order) inSeconds() {
	for i := range o.Feed {
		o.Feed[i].HappenTime /= 1000
	}
	for i := range o.Tips {
		o.Tips[i].CreateTime /= 1000
	}
}

// fen reads the simulator's own data; a text that is no number counts as 0.
func fen(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
