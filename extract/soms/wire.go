package soms

import "github.com/nightaudit/nightaudit/transform"

// order is an order as the vendor writes it (SOMS interface document, 2.40), with the
// members that docs/mapping.md maps. Everything else is skipped unread: it is
// personal data, logs, or nobody's figure. Misspelt keys are the real keys.
//
// One order value serves a whole page: its lists keep their memory.
type order struct {
	transform.Misfits

	ID            transform.Text      `json:"id"`
	State         transform.Text      `json:"state" orders:"source_status status"`
	OrigTotal     transform.Decimal   `json:"orig_total" orders:"gross_amount"`
	RealTotal     transform.Decimal   `json:"real_total" orders:"goods_amount"`
	SettleAmount  transform.Decimal   `json:"settle_amount" orders:"settle_amount"`
	SKUQuantity   transform.Decimal   `json:"sku_quantity" orders:"quantity"`
	Created       transform.LocalTime `json:"created"` // where the platform's is not given
	Modified      transform.LocalTime `json:"modified" orders:"updated_at"`
	CancelReason  transform.Text      `json:"cancel_reason" orders:"cancel_reason"`
	SourceOrderID transform.Text      `json:"source_order_id" orders:"link_ref"`
	WaybillID     transform.Text      `json:"waybill_id"`

	SettleCommission transform.Decimal `json:"settle_commission"`
	OldCommission    transform.Decimal `json:"selttle_commission"` // the deprecated twin

	SettleFreight    transform.Decimal `json:"settle_freight" settlements:"settle_freight_amount"`
	PerformanceFee   transform.Decimal `json:"performance_service_fee" settlements:"performance_fee_amount"`
	ShopAmount       transform.Decimal `json:"shop_amount" settlements:"shop_amount"`
	FreightDiscount  transform.Decimal `json:"freight_discount" settlements:"freight_discount_amount"`
	PackageDiscount  transform.Decimal `json:"package_discount" settlements:"packaging_discount_amount"`
	AddressChange    transform.Decimal `json:"address_change_fee" settlements:"address_change_amount"`
	SaleOrderID      transform.Text    `json:"sale_order_id" settlements:"sale_order_id"`
	ReissueReason    transform.Text    `json:"reissue_reason" settlements:"reissue_reason"`
	ResponsibleParty transform.Text    `json:"responsible_party" settlements:"responsible_party"`

	Store      idName               `json:"order_store"`
	Front      front                `json:"front"`
	Payment    payment              `json:"payment" options:"private"`
	Delivery   delivery             `json:"delivery" options:"private"`
	Promotion  promotion            `json:"promotion"`
	Items      transform.List[item] `json:"items" options:"strict"`
	SettleInfo settleInfo           `json:"settle_info"`
	SettleUnit settleUnit           `json:"settle_unit"`
	Invoice    invoice              `json:"invoice" options:"private"`

	_ transform.Computed `orders:"kind flow store_id store_name currency discount_amount paid_amount commission_amount created_at"`
}

type idName struct {
	ID   transform.Text `json:"id"`
	Name transform.Text `json:"name"`
}

func (v *idName) given() bool { return v.ID.Present() || v.Name.Present() }

type front struct {
	OrderID     transform.Text      `json:"order_id" orders:"order_no"`
	MainOrderID transform.Text      `json:"main_order_id" settlements:"main_order_id"`
	Created     transform.LocalTime `json:"created"`
	Finished    transform.LocalTime `json:"finished_time" orders:"finished_at"`
	Platform    struct {
		ID   transform.Text `json:"id" orders:"channel"`
		Name transform.Text `json:"name"` // for the probe
	} `json:"platform"`
	OrderType struct {
		ID transform.Text `json:"id" settlements:"order_type"`
	} `json:"order_type"`
}

type payment struct {
	Type         transform.Text                `json:"type" settlements:"payment_type"`
	State        transform.Text                `json:"state" orders:"payment_status"`
	Amount       transform.Decimal             `json:"amount" orders:"net_amount"`
	Freight      transform.Decimal             `json:"freight" orders:"freight_amount"`
	PackageTotal transform.Decimal             `json:"package_total" orders:"packaging_amount"`
	Other        transform.Decimal             `json:"other_fee" orders:"other_amount"`
	COD          transform.Decimal             `json:"cod_amount" settlements:"cod_amount"`
	Earnest      transform.Decimal             `json:"earnest_amount" settlements:"earnest_amount"`
	PaidAt       transform.LocalTime           `json:"pay_time"`
	Details      transform.List[paymentDetail] `json:"details" options:"private"`
}

type paymentDetail struct {
	Code     transform.Text    `json:"code" payments:"method_code"`
	Name     transform.Text    `json:"name" payments:"method_name"`
	Amount   transform.Decimal `json:"amount" payments:"amount"`
	Discount transform.Decimal `json:"discount_amount" payments:"discount_amount"`
	FlowNo   transform.Text    `json:"flowno" payments:"flow_no"`
	OutPayID transform.Text    `json:"out_pay_id" payments:"external_pay_id"`
}

type delivery struct {
	Type      transform.Text      `json:"type" settlements:"delivery_type"`
	State     transform.Text      `json:"state" settlements:"delivery_state"`
	WaybillID transform.Text      `json:"waybill_id"`
	PreEnd    transform.LocalTime `json:"pre_end_delivery_time" orders:"service_at"`
	Station   idName              `json:"station"`
	Carrier   struct {
		State   transform.Text `json:"state"`
		Carrier idName         `json:"carrier"`
	} `json:"carrier" options:"private"`
	Waybills transform.List[waybill] `json:"waybills" options:"private"`
}

type waybill struct {
	ID      transform.Text    `json:"waybill_id" deliveries:"waybill_no"`
	Freight transform.Decimal `json:"freight" deliveries:"fee_amount"`
	Carrier struct {
		ID   transform.Text `json:"id" deliveries:"carrier"`
		Name transform.Text `json:"name"` // for the probe
	} `json:"carrier"`
}

type settleInfo struct {
	Settlable transform.Bool                 `json:"settlable" settlements:"settlable"`
	Date      transform.LocalDay             `json:"settle_date" settlements:"settle_date"`
	Mode      transform.Text                 `json:"station_settle_mode" settlements:"settle_mode"`
	Discounts transform.List[settleDiscount] `json:"discounts"`
}

type settleUnit struct {
	Code transform.Text `json:"code" settlements:"settle_unit_code"`
	Name transform.Text `json:"name" settlements:"settle_unit_name"`
}

type settleDiscount struct {
	Scope   transform.Text    `json:"scope" settlement_discounts:"scope"`
	Amount  transform.Decimal `json:"amount" settlement_discounts:"amount"`
	Details transform.Text    `json:"details"` // of no documented type
}

type invoice struct {
	Result  transform.Text                `json:"result"`
	Details transform.List[invoiceDetail] `json:"details" options:"private"`
}

type invoiceDetail struct {
	Type      transform.Text      `json:"type" invoices:"type"`
	TitleType transform.Text      `json:"title_type" invoices:"title_type"`
	Amount    transform.Decimal   `json:"amount" invoices:"amount"`
	Tax       transform.Decimal   `json:"tax" invoices:"tax_amount"`
	Time      transform.LocalTime `json:"time" invoices:"issued_at"`
}

type item struct {
	ItemID           transform.Text    `json:"item_id" order_items:"item_id"`
	SkuID            transform.Text    `json:"sku_id" order_items:"sku_id"`
	Title            transform.Text    `json:"item_title" order_items:"title"`
	Quantity         transform.Decimal `json:"quantity" order_items:"quantity"`
	UnitPrice        transform.Decimal `json:"unit_price" order_items:"unit_price"`
	Total            transform.Decimal `json:"total" order_items:"total_amount"`
	Discount         transform.Decimal `json:"discount_amount" order_items:"discount_amount"`
	Apportioned      transform.Decimal `json:"apported_discount_amount" order_items:"apportioned_discount_amount"`
	Pay              transform.Decimal `json:"pay_amount" order_items:"pay_amount"`
	SettlePrice      transform.Decimal `json:"settle_price" order_items:"settle_unit_price"`
	SettleTotal      transform.Decimal `json:"settle_total" order_items:"settle_amount"`
	PlatformDiscount transform.Decimal `json:"settle_discountAmount" order_items:"platform_discount_amount"`
	ShopTotal        transform.Decimal `json:"shop_total" order_items:"shop_amount"`
	CostPrice        transform.Decimal `json:"cost_price" order_items:"cost_price"`
	IsGift           transform.Bool    `json:"is_gift" order_items:"is_gift"`
	Promotion        promotion         `json:"promotion"`
}

// promotion holds the discounts of an order or of an item (SOMS interface
// document, 2.24, 2.35, 2.70).
type promotion struct {
	Favs transform.List[fav] `json:"favs" told:"favs" options:"quiet"`
}

type fav struct {
	ID     transform.Text        `json:"id" discounts:"promotion_id"`
	Name   transform.Text        `json:"name" discounts:"promotion_name"`
	Amount transform.Decimal     `json:"amount" discounts:"amount"`
	Shares transform.List[share] `json:"settle_details" options:"quiet"`
}

type share struct {
	Role     transform.Text    `json:"role"`
	Discount transform.Decimal `json:"discount"`

	_ transform.Computed `discounts:"merchant_amount platform_amount agent_amount"`
}

// remind is a reminder as the vendor writes it (SOMS interface document, 2.74).
type remind struct {
	ID         transform.Text      `json:"remind_id"`
	OrderID    transform.Text      `json:"order_id"`
	Modified   transform.LocalTime `json:"modified"`
	Store      remindStore         `json:"store"`
	Count      transform.Integer   `json:"count" reminders:"remind_count"`
	Time       transform.LocalTime `json:"time" reminders:"reminded_at"`
	ReplyState transform.Text      `json:"reply_state" reminders:"reply_state"`
	ReplyTime  transform.LocalTime `json:"reply_time" reminders:"replied_at"`
}

type remindStore struct {
	transform.Object

	ID transform.Text `json:"id"`
}

// trace is what a carrier tells of an order's way (SOMS interface document,
// 2.19, 2.61): one call names the list traces, the other details. The texts and
// places of its entries are not read: they name couriers and receivers.
type trace struct {
	Success transform.Bool              `json:"success"`
	Code    transform.Text              `json:"code"`
	OrderID transform.Text              `json:"order_id"`
	Traces  transform.List[traceDetail] `json:"traces" options:"private"`
	Details transform.List[traceDetail] `json:"details" options:"private"`
}

// traceDetail is an entry of it (SOMS interface document, 2.62). What its
// status can be is not documented.
type traceDetail struct {
	transform.Object // one that is something else has neither time nor status, which is told

	Time   transform.LocalTime `json:"time" delivery_events:"happened_at"`
	Status transform.Text      `json:"status" delivery_events:"source_status"`
}

var (
	orderFields          = transform.Declare[order](transform.Words{"status": orderStatus, "payment_status": paymentStatus})
	itemFields           = transform.Declare[item](nil)
	paymentFields        = transform.Declare[paymentDetail](nil)
	favFields            = transform.Declare[fav](nil)
	settleDiscountFields = transform.Declare[settleDiscount](nil)
	waybillFields        = transform.Declare[waybill](nil)
	invoiceFields        = transform.Declare[invoiceDetail](nil)
	remindFields         = transform.Declare[remind](nil)
	traceFields          = transform.Declare[trace](nil)
	traceDetailFields    = transform.Declare[traceDetail](nil)
)
