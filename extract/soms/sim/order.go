package sim

import (
	"encoding/json"
	"time"
)

// Order is an order as SOMS answers it (SOMS interface document, 2.40). Amounts are yuan as
// decimal text, written to the wire as JSON numbers; an empty amount is left
// out. Times are yyyy-MM-dd HH:mm:ss in the vendor's zone: see LocalTime.
type Order struct {
	Created       string          `json:"created,omitempty"`
	Modified      string          `json:"modified,omitempty"`
	Creator       string          `json:"creator,omitempty"`
	Modifier      string          `json:"modifier,omitempty"`
	ID            string          `json:"id"`
	Shop          *IDName         `json:"shop,omitempty"`
	Source        string          `json:"source,omitempty"`
	State         string          `json:"state,omitempty"`
	Weight        json.Number     `json:"weight,omitempty"`
	Invoice       *Invoice        `json:"invoice,omitempty"`
	Payment       *Payment        `json:"payment,omitempty"`
	Delivery      *Delivery       `json:"delivery,omitempty"`
	Front         *Front          `json:"front,omitempty"`
	Items         []Item          `json:"items,omitempty"`
	Promotion     *OrderPromotion `json:"promotion,omitempty"`
	OrderStore    *IDName         `json:"order_store,omitempty"`
	ApproveState  string          `json:"approve_state,omitempty"`
	CustomerNote  string          `json:"customer_note,omitempty"`
	SellerNote    string          `json:"seller_note,omitempty"`
	CancelType    string          `json:"cancel_type,omitempty"`
	CancelReason  string          `json:"cancel_reason,omitempty"`
	SourceOrderID string          `json:"source_order_id,omitempty"`
	HasException  bool            `json:"has_exception,omitempty"`

	ItemCount   int         `json:"item_count"`
	SKUQuantity json.Number `json:"sku_quantity,omitempty"`
	RealTotal   json.Number `json:"real_total,omitempty"`
	OrigTotal   json.Number `json:"orig_total,omitempty"`

	SettleAmount          json.Number `json:"settle_amount,omitempty"`
	SettleCommission      json.Number `json:"settle_commission,omitempty"`
	SelttleCommission     json.Number `json:"selttle_commission,omitempty"` // the deprecated twin
	SettleFreight         json.Number `json:"settle_freight,omitempty"`
	PerformanceServiceFee json.Number `json:"performance_service_fee,omitempty"`
	ShopAmount            json.Number `json:"shop_amount,omitempty"`
	FreightDiscount       json.Number `json:"freight_discount,omitempty"`
	PackageDiscount       json.Number `json:"package_discount,omitempty"`
	AddressChangeFee      json.Number `json:"address_change_fee,omitempty"`

	SuspendInfo      *SuspendInfo `json:"suspend_info,omitempty"`
	SettleInfo       *SettleInfo  `json:"settle_info,omitempty"`
	SettleUnit       *SettleUnit  `json:"settle_unit,omitempty"`
	ReissueReason    string       `json:"reissue_reason,omitempty"`
	ResponsibleParty string       `json:"responsible_party,omitempty"`
	SaleOrderID      string       `json:"sale_order_id,omitempty"`
	WaybillID        string       `json:"waybill_id,omitempty"`

	// What the vendor knows of the order but does not answer: it can only be
	// filtered on.
	RefundState   string   `json:"-"` // none (also ""), refunded
	IndexModified string   `json:"-"` // when the search index takes the change; "": Modified, or when the order is Put, if later
	Flags         []string `json:"-"` // of Flags, besides those that the fields above tell

	// Raw, if set, is answered instead of the fields above, which still
	// serve the filters: for answers that break the document.
	Raw json.RawMessage `json:"-"`
}

// IDName is a reference (SOMS interface document, 2.30).
type IDName struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// Front is the order on its platform (SOMS interface document, 2.29).
type Front struct {
	Platform     *IDName `json:"platform,omitempty"`
	App          *IDName `json:"app,omitempty"`
	Created      string  `json:"created,omitempty"`
	Modified     string  `json:"modified,omitempty"`
	State        string  `json:"state,omitempty"`
	OrderID      string  `json:"order_id,omitempty"`
	MainOrderID  string  `json:"main_order_id,omitempty"`
	FinishedTime string  `json:"finished_time,omitempty"`
	OrderType    *IDName `json:"order_type,omitempty"`
}

// Payment is what is due and what was paid (SOMS interface document, 2.95).
type Payment struct {
	Type         string          `json:"type,omitempty"`  // cod, online, earnest
	State        string          `json:"state,omitempty"` // notPay, earnest, paid
	Amount       json.Number     `json:"amount,omitempty"`
	Freight      json.Number     `json:"freight,omitempty"`
	Details      []PaymentDetail `json:"details,omitempty"`
	PayTime      string          `json:"pay_time,omitempty"`
	PayBillID    string          `json:"pay_bill_id,omitempty"`
	CODAmount    json.Number     `json:"cod_amount,omitempty"`
	Earnest      json.Number     `json:"earnest_amount,omitempty"`
	PackageTotal json.Number     `json:"package_total,omitempty"`
	OtherFee     json.Number     `json:"other_fee,omitempty"`
}

// PaymentDetail is one means of payment (SOMS interface document, 2.96).
type PaymentDetail struct {
	Code           string      `json:"code,omitempty"`
	Name           string      `json:"name,omitempty"`
	Type           string      `json:"type,omitempty"`
	Amount         json.Number `json:"amount,omitempty"`
	FlowNo         string      `json:"flowno,omitempty"`
	DiscountAmount json.Number `json:"discount_amount,omitempty"`
	PayID          string      `json:"pay_id,omitempty"`
	OutPayID       string      `json:"out_pay_id,omitempty"`
}

// Item is a line of goods (SOMS interface document, 2.50).
type Item struct {
	UUID                   string         `json:"uuid,omitempty"`
	Spec                   string         `json:"spec,omitempty"`
	Unit                   string         `json:"unit,omitempty"`
	Barcode                string         `json:"barcode,omitempty"`
	Quantity               json.Number    `json:"quantity,omitempty"`
	Total                  json.Number    `json:"total,omitempty"`
	Promotion              *ItemPromotion `json:"promotion,omitempty"`
	ItemNo                 string         `json:"item_no,omitempty"`
	SKUID                  string         `json:"sku_id,omitempty"`
	ProductID              string         `json:"product_id,omitempty"`
	ItemTitle              string         `json:"item_title,omitempty"`
	UnitPrice              json.Number    `json:"unit_price,omitempty"`
	PayAmount              json.Number    `json:"pay_amount,omitempty"`
	DiscountAmount         json.Number    `json:"discount_amount,omitempty"`
	ApportedDiscountAmount json.Number    `json:"apported_discount_amount,omitempty"`
	Price                  json.Number    `json:"price,omitempty"`
	CostPrice              json.Number    `json:"cost_price,omitempty"`
	ShopPrice              json.Number    `json:"shop_price,omitempty"`
	ShopTotal              json.Number    `json:"shop_total,omitempty"`
	SettlePrice            json.Number    `json:"settle_price,omitempty"`
	SettleTotal            json.Number    `json:"settle_total,omitempty"`
	SettleDiscountAmount   json.Number    `json:"settle_discountAmount,omitempty"`
	ItemID                 string         `json:"item_id,omitempty"`
	IsGift                 bool           `json:"is_gift"`
}

// ItemPromotion and OrderPromotion hold the discounts (SOMS interface document, 2.35, 2.70).
type (
	ItemPromotion struct {
		Favs                   []Fav       `json:"favs,omitempty"`
		DiscountAmount         json.Number `json:"discount_amount,omitempty"`
		ApportedDiscountAmount json.Number `json:"apported_discount_amount,omitempty"`
	}
	OrderPromotion struct {
		Favs []Fav `json:"favs,omitempty"`
	}
)

// Fav is one discount and who bears it (SOMS interface document, 2.24).
type Fav struct {
	ID            string        `json:"id,omitempty"`
	Name          string        `json:"name,omitempty"`
	Type          string        `json:"type,omitempty"`
	Amount        json.Number   `json:"amount,omitempty"`
	Remark        string        `json:"remark,omitempty"`
	SettleDetails []SettleShare `json:"settle_details,omitempty"`
}

// SettleShare is the part of a discount that one party bears (SOMS interface document, 2.20).
type SettleShare struct {
	Role     string      `json:"role,omitempty"` // shop, platform, agent
	Discount json.Number `json:"discount,omitempty"`
}

// Invoice is the order's invoice (SOMS interface document, 2.33, 2.34).
type (
	Invoice struct {
		Required bool            `json:"required"`
		Result   string          `json:"result,omitempty"`
		Details  []InvoiceDetail `json:"details,omitempty"`
	}
	InvoiceDetail struct {
		Type      string      `json:"type,omitempty"`
		Kind      string      `json:"kind,omitempty"`
		Title     string      `json:"title,omitempty"`
		Amount    json.Number `json:"amount,omitempty"`
		Tax       json.Number `json:"tax,omitempty"`
		Time      string      `json:"time,omitempty"`
		TitleType string      `json:"title_type,omitempty"`
		SerialNo  string      `json:"serial_no,omitempty"`
	}
)

// Delivery is how the order reaches the customer (SOMS interface document, 2.18).
type Delivery struct {
	Type      string    `json:"type,omitempty"`  // selftake, deliver
	State     string    `json:"state,omitempty"` // none, shipped, signed, refused, redeliver
	Station   *IDName   `json:"station,omitempty"`
	Waybills  []Waybill `json:"waybills,omitempty"`
	Carrier   *Carrier  `json:"carrier,omitempty"`
	Remark    string    `json:"remark,omitempty"`
	ShipMode  string    `json:"ship_mode,omitempty"`
	WaybillID string    `json:"waybill_id,omitempty"`
	PreType   string    `json:"pre_type,omitempty"`
	PreStart  string    `json:"pre_start_delivery_time,omitempty"`
	PreEnd    string    `json:"pre_end_delivery_time,omitempty"`
}

// Waybill is one parcel or ride (SOMS interface document, 2.109).
type Waybill struct {
	Carrier               *IDName     `json:"carrier,omitempty"`
	WaybillID             string      `json:"waybill_id,omitempty"`
	ExpectedLogisticsType string      `json:"expected_logistics_type,omitempty"`
	Freight               json.Number `json:"freight,omitempty"`
}

// Carrier is who delivers and how far that is (SOMS interface document, 2.8).
type Carrier struct {
	State                 string  `json:"state,omitempty"`
	Type                  string  `json:"type,omitempty"` // self, thirdparty, express
	Carrier               *IDName `json:"carrier,omitempty"`
	ExpectedLogisticsType string  `json:"expected_logistics_type,omitempty"`
}

// SuspendInfo tells whether the order is held back (SOMS interface document, 2.106).
type SuspendInfo struct {
	Suspended bool   `json:"suspended"`
	Code      string `json:"code,omitempty"`
	Caption   string `json:"caption,omitempty"`
	Time      string `json:"time,omitempty"`
}

// SettleInfo and its discounts are the reconciliation part of the order
// (SOMS interface document, 2.82, 2.83).
type (
	SettleInfo struct {
		Settlable         bool             `json:"settlable"`
		Discounts         []SettleDiscount `json:"discounts,omitempty"`
		SettleDate        string           `json:"settle_date,omitempty"` // a day, written as a date-time
		StationSettleMode string           `json:"station_settle_mode,omitempty"`
	}
	SettleDiscount struct {
		Scope   string        `json:"scope,omitempty"` // order, item, package, freight
		Amount  json.Number   `json:"amount,omitempty"`
		Details []SettleShare `json:"details,omitempty"`
	}
)

// SettleUnit is who is settled with (SOMS interface document, 2.104).
type SettleUnit struct {
	Type string `json:"type,omitempty"`
	Code string `json:"code,omitempty"`
	Name string `json:"name,omitempty"`
}

// Remind is a customer's hurry-up of an order (SOMS interface document, 2.74).
type Remind struct {
	Created       string  `json:"created,omitempty"`
	Modified      string  `json:"modified,omitempty"`
	Store         *IDName `json:"store,omitempty"`
	Time          string  `json:"time,omitempty"`
	Count         int     `json:"count"`
	RemindID      string  `json:"remind_id"`
	OrderID       string  `json:"order_id,omitempty"`
	PlatformID    string  `json:"platform_id,omitempty"`
	ShopID        string  `json:"shop_id,omitempty"`
	FrontRemindID string  `json:"front_remind_id,omitempty"`
	ReplyState    string  `json:"reply_state,omitempty"`
	ReplyTime     string  `json:"reply_time,omitempty"`
	ReplyContent  string  `json:"reply_content,omitempty"`
	ReplyOperator string  `json:"reply_operator,omitempty"`
}

// Zone is the vendor's own time zone, UTC+8.
var Zone = time.FixedZone("UTC+8", 8*60*60)

// LocalTime writes t as the vendor does: yyyy-MM-dd HH:mm:ss in Zone.
func LocalTime(t time.Time) string { return t.In(Zone).Format(time.DateTime) }
