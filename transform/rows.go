package transform

// Order is a row of main.orders. Amounts are in major units of Currency; see
// docs/mapping.md for the source field behind each. BookedDate and BusinessDate
// are set by Record.Order.
type Order struct {
	OrderNo, Kind, ServiceType, Flow, Channel string
	StoreID, StoreName, RoomNo                string
	Status, SourceStatus                      string
	PaymentStatus, RefundStatus               string
	Currency                                  string

	Gross, Discount, Goods, Freight, Packaging, Other Money
	Net, Paid, Settle, Commission, Tip, Deduction     Money
	Quantity                                          Rate

	CreatedAt, UpdatedAt, ServiceAt, FinishedAt, CanceledAt Instant

	BookedDate, ServiceDate, BusinessDate Date

	CancelReason, LinkRef string
}

func (o *Order) columns(c *columns) {
	c.currency = o.Currency
	c.text("order_no", o.OrderNo)
	c.text("kind", o.Kind)
	c.text("service_type", o.ServiceType)
	c.text("flow", o.Flow)
	c.text("channel", o.Channel)
	c.text("store_id", o.StoreID)
	c.text("store_name", o.StoreName)
	c.text("room_no", o.RoomNo)
	c.text("status", o.Status)
	c.text("source_status", o.SourceStatus)
	c.text("payment_status", o.PaymentStatus)
	c.text("refund_status", o.RefundStatus)
	c.text("currency", o.Currency)
	c.money("gross_amount", o.Gross)
	c.money("discount_amount", o.Discount)
	c.money("goods_amount", o.Goods)
	c.money("freight_amount", o.Freight)
	c.money("packaging_amount", o.Packaging)
	c.money("other_amount", o.Other)
	c.money("net_amount", o.Net)
	c.money("paid_amount", o.Paid)
	c.money("settle_amount", o.Settle)
	c.money("commission_amount", o.Commission)
	c.money("tip_amount", o.Tip)
	c.money("deduction_amount", o.Deduction)
	c.rate("quantity", o.Quantity)
	c.instant("created_at", o.CreatedAt)
	c.instant("updated_at", o.UpdatedAt)
	c.instant("service_at", o.ServiceAt)
	c.instant("finished_at", o.FinishedAt)
	c.instant("canceled_at", o.CanceledAt)
	c.date("booked_date", o.BookedDate)
	c.date("service_date", o.ServiceDate)
	c.date("business_date", o.BusinessDate)
	c.text("cancel_reason", o.CancelReason)
	c.text("link_ref", o.LinkRef)
}

// OrderItem is a row of main.order_items.
type OrderItem struct {
	LineNo               int
	ItemID, SkuID, Title string
	Quantity, UnitPrice  Rate

	Total, Discount, ApportionedDiscount, Pay Money
	SettleUnitPrice                           Rate
	Settle, PlatformDiscount, Shop            Money
	CostPrice                                 Rate

	Currency string
	IsGift   Flag
}

func (o *OrderItem) columns(c *columns) {
	c.currency = o.Currency
	c.count("line_no", CountOf(o.LineNo))
	c.text("item_id", o.ItemID)
	c.text("sku_id", o.SkuID)
	c.text("title", o.Title)
	c.rate("quantity", o.Quantity)
	c.rate("unit_price", o.UnitPrice)
	c.money("total_amount", o.Total)
	c.money("discount_amount", o.Discount)
	c.money("apportioned_discount_amount", o.ApportionedDiscount)
	c.money("pay_amount", o.Pay)
	c.rate("settle_unit_price", o.SettleUnitPrice)
	c.money("settle_amount", o.Settle)
	c.money("platform_discount_amount", o.PlatformDiscount)
	c.money("shop_amount", o.Shop)
	c.rate("cost_price", o.CostPrice)
	c.text("currency", o.Currency)
	c.flag("is_gift", o.IsGift)
}

// Payment is a row of main.payments.
type Payment struct {
	LineNo                 int
	MethodCode, MethodName string
	Amount, Discount       Money
	Currency               string
	FlowNo, ExternalPayID  string
	PaidAt                 Instant
}

func (o *Payment) columns(c *columns) {
	c.currency = o.Currency
	c.count("line_no", CountOf(o.LineNo))
	c.text("method_code", o.MethodCode)
	c.text("method_name", o.MethodName)
	c.money("amount", o.Amount)
	c.money("discount_amount", o.Discount)
	c.text("currency", o.Currency)
	c.text("flow_no", o.FlowNo)
	c.text("external_pay_id", o.ExternalPayID)
	c.instant("paid_at", o.PaidAt)
}

// Discount is a row of main.discounts. ItemLineNo is null at level order.
type Discount struct {
	LineNo                            int
	Level                             string // order, item
	ItemLineNo                        Count
	PromotionID, PromotionName        string
	Amount, Merchant, Platform, Agent Money
	Currency                          string
}

func (o *Discount) columns(c *columns) {
	c.currency = o.Currency
	c.count("line_no", CountOf(o.LineNo))
	c.text("level", o.Level)
	c.count("item_line_no", o.ItemLineNo)
	c.text("promotion_id", o.PromotionID)
	c.text("promotion_name", o.PromotionName)
	c.money("amount", o.Amount)
	c.money("merchant_amount", o.Merchant)
	c.money("platform_amount", o.Platform)
	c.money("agent_amount", o.Agent)
	c.text("currency", o.Currency)
}

// Settlement is a row of main.settlements: the settlement side of a retail
// order, one row an order.
type Settlement struct {
	SettleUnitCode, SettleUnitName string
	SettleDate                     Date
	Settlable                      Flag
	SettleMode                     string

	SettleFreight, PerformanceFee, Shop               Money
	FreightDiscount, PackagingDiscount, AddressChange Money

	PaymentType                                               string
	COD, Earnest                                              Money
	OrderType, DeliveryType, DeliveryState                    string
	MainOrderID, SaleOrderID, ReissueReason, ResponsibleParty string
	Currency                                                  string
}

func (o *Settlement) columns(c *columns) {
	c.currency = o.Currency
	c.text("settle_unit_code", o.SettleUnitCode)
	c.text("settle_unit_name", o.SettleUnitName)
	c.date("settle_date", o.SettleDate)
	c.flag("settlable", o.Settlable)
	c.text("settle_mode", o.SettleMode)
	c.money("settle_freight_amount", o.SettleFreight)
	c.money("performance_fee_amount", o.PerformanceFee)
	c.money("shop_amount", o.Shop)
	c.money("freight_discount_amount", o.FreightDiscount)
	c.money("packaging_discount_amount", o.PackagingDiscount)
	c.money("address_change_amount", o.AddressChange)
	c.text("payment_type", o.PaymentType)
	c.money("cod_amount", o.COD)
	c.money("earnest_amount", o.Earnest)
	c.text("order_type", o.OrderType)
	c.text("delivery_type", o.DeliveryType)
	c.text("delivery_state", o.DeliveryState)
	c.text("main_order_id", o.MainOrderID)
	c.text("sale_order_id", o.SaleOrderID)
	c.text("reissue_reason", o.ReissueReason)
	c.text("responsible_party", o.ResponsibleParty)
	c.text("currency", o.Currency)
}

// SettlementDiscount is a row of main.settlement_discounts.
type SettlementDiscount struct {
	LineNo   int
	Scope    string // order, item, package, freight
	Amount   Money
	Details  string
	Currency string
}

func (o *SettlementDiscount) columns(c *columns) {
	c.currency = o.Currency
	c.count("line_no", CountOf(o.LineNo))
	c.text("scope", o.Scope)
	c.money("amount", o.Amount)
	c.text("details", o.Details)
	c.text("currency", o.Currency)
}

// Stay is a row of main.stays: one room of one order. ArrivalDate and
// DepartureDate are set by Record.Stay.
type Stay struct {
	StayID, RoomNo, RoomType   string
	GuestCount                 Count
	Status, SourceStatus       string
	ArrivalAt, DepartureAt     Instant
	ArrivalDate, DepartureDate Date
	Room, Consumption, Total   Money
	Currency                   string
	Settled                    Flag
}

func (o *Stay) columns(c *columns) {
	c.currency = o.Currency
	c.text("stay_id", o.StayID)
	c.text("room_no", o.RoomNo)
	c.text("room_type", o.RoomType)
	c.count("guest_count", o.GuestCount)
	c.text("status", o.Status)
	c.text("source_status", o.SourceStatus)
	c.instant("arrival_at", o.ArrivalAt)
	c.instant("departure_at", o.DepartureAt)
	c.date("arrival_date", o.ArrivalDate)
	c.date("departure_date", o.DepartureDate)
	c.money("room_amount", o.Room)
	c.money("consumption_amount", o.Consumption)
	c.money("total_amount", o.Total)
	c.text("currency", o.Currency)
	c.flag("settled", o.Settled)
}

// Delivery is a row of main.deliveries.
type Delivery struct {
	DeliveryID, Carrier, WaybillNo            string
	Status, SourceStatus                      string
	Fee, Distance, Weight, Surcharge, Special Money
	Tip, CreationTip                          Money // CreationTip: the part of Tip that was given when the order was placed
	TipCount                                  Count
	Deduction                                 Money
	Currency, LinkRef                         string
}

func (o *Delivery) columns(c *columns) {
	c.currency = o.Currency
	c.text("delivery_id", o.DeliveryID)
	c.text("carrier", o.Carrier)
	c.text("waybill_no", o.WaybillNo)
	c.text("status", o.Status)
	c.text("source_status", o.SourceStatus)
	c.money("fee_amount", o.Fee)
	c.money("distance_amount", o.Distance)
	c.money("weight_amount", o.Weight)
	c.money("surcharge_amount", o.Surcharge)
	c.money("special_amount", o.Special)
	c.money("tip_amount", o.Tip)
	c.money("creation_tip_amount", o.CreationTip)
	c.count("tip_count", o.TipCount)
	c.money("deduction_amount", o.Deduction)
	c.text("currency", o.Currency)
	c.text("link_ref", o.LinkRef)
}

// DeliveryEvent is a row of main.delivery_events. EventID and BusinessDate
// are set by Record.DeliveryEvent.
type DeliveryEvent struct {
	EventID, Status, SourceStatus string
	HappenedAt                    Instant
	BusinessDate                  Date
	Description                   string
}

func (o *DeliveryEvent) columns(c *columns) {
	c.text("event_id", o.EventID)
	c.text("status", o.Status)
	c.text("source_status", o.SourceStatus)
	c.instant("happened_at", o.HappenedAt)
	c.date("business_date", o.BusinessDate)
	c.text("description", o.Description)
}

// DeliveryTip is a row of main.delivery_tips.
type DeliveryTip struct {
	TipNo     string
	Amount    Money
	Currency  string
	CreatedAt Instant
}

func (o *DeliveryTip) columns(c *columns) {
	c.currency = o.Currency
	c.text("tip_no", o.TipNo)
	c.money("amount", o.Amount)
	c.text("currency", o.Currency)
	c.instant("created_at", o.CreatedAt)
}

// Invoice is a row of main.invoices.
type Invoice struct {
	LineNo          int
	Type, TitleType string
	Amount, Tax     Money
	Currency        string
	Result          string
	IssuedAt        Instant
}

func (o *Invoice) columns(c *columns) {
	c.currency = o.Currency
	c.count("line_no", CountOf(o.LineNo))
	c.text("type", o.Type)
	c.text("title_type", o.TitleType)
	c.money("amount", o.Amount)
	c.money("tax_amount", o.Tax)
	c.text("currency", o.Currency)
	c.text("result", o.Result)
	c.instant("issued_at", o.IssuedAt)
}

// Reminder is a row of main.reminders: a customer's hurry-up of an order.
type Reminder struct {
	RemindID, StoreID string
	RemindCount       Count
	RemindedAt        Instant
	ReplyState        string
	RepliedAt         Instant
}

func (o *Reminder) columns(c *columns) {
	c.text("remind_id", o.RemindID)
	c.text("store_id", o.StoreID)
	c.count("remind_count", o.RemindCount)
	c.instant("reminded_at", o.RemindedAt)
	c.text("reply_state", o.ReplyState)
	c.instant("replied_at", o.RepliedAt)
}

// Guest is a row of main.guests. Record.Guest applies the policy for
// personal data: give it the vendor's plain text.
type Guest struct {
	GuestNo                              int
	Name, Phone, Email, IDCard, Passport string
}

func (o *Guest) columns(c *columns) {
	c.count("guest_no", CountOf(o.GuestNo))
	c.text("name", o.Name)
	c.text("phone", o.Phone)
	c.text("email", o.Email)
	c.text("id_card", o.IDCard)
	c.text("passport", o.Passport)
}

// recordRow is a row of the staged list of records.
type recordRow struct {
	Key      string
	TextHash string // of a record without a key (Batch.textHash)
	Version  Instant
	Window   int
	Rejected bool
}

func (o *recordRow) columns(c *columns) {
	c.text("record_key", o.Key)
	c.text("text_sha256", o.TextHash)
	c.instant("version_at", o.Version)
	c.count("window_no", CountOf(o.Window))
	c.flag("is_rejected", Flag{o.Rejected, true})
}

// issueRow is a reject or a finding.
type issueRow struct {
	Reject             bool
	Field, Reason, Raw string
}

func (o *issueRow) columns(c *columns) {
	c.flag("is_reject", Flag{o.Reject, true})
	c.text("field", o.Field)
	c.text("reason", o.Reason)
	c.text("raw", o.Raw)
}
