package transform

// The rows of the tables of facts. The tag of a field names its column; the
// columns stand in the order of the table, which is that of the fields. The tag
// of names the columns of which a date is worked out: who fills one of those
// carries the date, too.

// Order is a row of main.orders. Amounts are in major units of Currency; see
// docs/mapping.md for the source field behind each. BookedDate and BusinessDate
// are set by Record.Order.
type Order struct {
	OrderNo       string  `column:"order_no"`
	Kind          string  `column:"kind"`
	ServiceType   string  `column:"service_type"`
	Flow          string  `column:"flow"`
	Channel       string  `column:"channel"`
	StoreID       string  `column:"store_id"`
	StoreName     string  `column:"store_name"`
	RoomNo        string  `column:"room_no"`
	Status        string  `column:"status"`
	SourceStatus  string  `column:"source_status"`
	PaymentStatus string  `column:"payment_status"`
	RefundStatus  string  `column:"refund_status"`
	Currency      string  `column:"currency"`
	Gross         Money   `column:"gross_amount"`
	Discount      Money   `column:"discount_amount"`
	Goods         Money   `column:"goods_amount"`
	Freight       Money   `column:"freight_amount"`
	Packaging     Money   `column:"packaging_amount"`
	Other         Money   `column:"other_amount"`
	Net           Money   `column:"net_amount"`
	Paid          Money   `column:"paid_amount"`
	Settle        Money   `column:"settle_amount"`
	Commission    Money   `column:"commission_amount"`
	Tip           Money   `column:"tip_amount"`
	Deduction     Money   `column:"deduction_amount"`
	Quantity      Rate    `column:"quantity"`
	CreatedAt     Instant `column:"created_at"`
	UpdatedAt     Instant `column:"updated_at"`
	ServiceAt     Instant `column:"service_at"`
	FinishedAt    Instant `column:"finished_at"`
	CanceledAt    Instant `column:"canceled_at"`
	BookedDate    Date    `column:"booked_date" of:"created_at"`
	ServiceDate   Date    `column:"service_date" of:"service_at"`
	BusinessDate  Date    `column:"business_date" of:"created_at service_at"`
	CancelReason  string  `column:"cancel_reason"`
	LinkRef       string  `column:"link_ref"`
}

// OrderItem is a row of main.order_items.
type OrderItem struct {
	LineNo              int    `column:"line_no"`
	ItemID              string `column:"item_id"`
	SkuID               string `column:"sku_id"`
	Title               string `column:"title"`
	Quantity            Rate   `column:"quantity"`
	UnitPrice           Rate   `column:"unit_price"`
	Total               Money  `column:"total_amount"`
	Discount            Money  `column:"discount_amount"`
	ApportionedDiscount Money  `column:"apportioned_discount_amount"`
	Pay                 Money  `column:"pay_amount"`
	SettleUnitPrice     Rate   `column:"settle_unit_price"`
	Settle              Money  `column:"settle_amount"`
	PlatformDiscount    Money  `column:"platform_discount_amount"`
	Shop                Money  `column:"shop_amount"`
	CostPrice           Rate   `column:"cost_price"`
	Currency            string `column:"currency"`
	IsGift              Flag   `column:"is_gift"`
}

// Payment is a row of main.payments.
type Payment struct {
	LineNo        int     `column:"line_no"`
	MethodCode    string  `column:"method_code"`
	MethodName    string  `column:"method_name"`
	Amount        Money   `column:"amount"`
	Discount      Money   `column:"discount_amount"`
	Currency      string  `column:"currency"`
	FlowNo        string  `column:"flow_no"`
	ExternalPayID string  `column:"external_pay_id"`
	PaidAt        Instant `column:"paid_at"`
}

// Discount is a row of main.discounts. ItemLineNo is null at level order.
type Discount struct {
	LineNo        int    `column:"line_no"`
	Level         string `column:"level"` // order, item
	ItemLineNo    Count  `column:"item_line_no"`
	PromotionID   string `column:"promotion_id"`
	PromotionName string `column:"promotion_name"`
	Amount        Money  `column:"amount"`
	Merchant      Money  `column:"merchant_amount"`
	Platform      Money  `column:"platform_amount"`
	Agent         Money  `column:"agent_amount"`
	Currency      string `column:"currency"`
}

// Settlement is a row of main.settlements: the settlement side of a retail
// order, one row an order.
type Settlement struct {
	SettleUnitCode    string `column:"settle_unit_code"`
	SettleUnitName    string `column:"settle_unit_name"`
	SettleDate        Date   `column:"settle_date"`
	Settlable         Flag   `column:"settlable"`
	SettleMode        string `column:"settle_mode"`
	SettleFreight     Money  `column:"settle_freight_amount"`
	PerformanceFee    Money  `column:"performance_fee_amount"`
	Shop              Money  `column:"shop_amount"`
	FreightDiscount   Money  `column:"freight_discount_amount"`
	PackagingDiscount Money  `column:"packaging_discount_amount"`
	AddressChange     Money  `column:"address_change_amount"`
	PaymentType       string `column:"payment_type"`
	COD               Money  `column:"cod_amount"`
	Earnest           Money  `column:"earnest_amount"`
	OrderType         string `column:"order_type"`
	DeliveryType      string `column:"delivery_type"`
	DeliveryState     string `column:"delivery_state"`
	MainOrderID       string `column:"main_order_id"`
	SaleOrderID       string `column:"sale_order_id"`
	ReissueReason     string `column:"reissue_reason"`
	ResponsibleParty  string `column:"responsible_party"`
	Currency          string `column:"currency"`
}

// SettlementDiscount is a row of main.settlement_discounts.
type SettlementDiscount struct {
	LineNo   int    `column:"line_no"`
	Scope    string `column:"scope"` // order, item, package, freight
	Amount   Money  `column:"amount"`
	Details  string `column:"details"`
	Currency string `column:"currency"`
}

// Stay is a row of main.stays: one room of one order. ArrivalDate and
// DepartureDate are set by Record.Stay.
type Stay struct {
	StayID        string  `column:"stay_id"`
	RoomNo        string  `column:"room_no"`
	RoomType      string  `column:"room_type"`
	GuestCount    Count   `column:"guest_count"`
	Status        string  `column:"status"`
	SourceStatus  string  `column:"source_status"`
	ArrivalAt     Instant `column:"arrival_at"`
	DepartureAt   Instant `column:"departure_at"`
	ArrivalDate   Date    `column:"arrival_date" of:"arrival_at"`
	DepartureDate Date    `column:"departure_date" of:"departure_at"`
	Room          Money   `column:"room_amount"`
	Consumption   Money   `column:"consumption_amount"`
	Total         Money   `column:"total_amount"`
	Currency      string  `column:"currency"`
	Settled       Flag    `column:"settled"`
	CreatedAt     Instant `column:"created_at"`
}

// Delivery is a row of main.deliveries.
type Delivery struct {
	DeliveryID   string `column:"delivery_id"`
	Carrier      string `column:"carrier"`
	WaybillNo    string `column:"waybill_no"`
	Status       string `column:"status"`
	SourceStatus string `column:"source_status"`
	Fee          Money  `column:"fee_amount"`
	Distance     Money  `column:"distance_amount"`
	Weight       Money  `column:"weight_amount"`
	Surcharge    Money  `column:"surcharge_amount"`
	Special      Money  `column:"special_amount"`
	Tip          Money  `column:"tip_amount"`          // CreationTip: the part of Tip that was given when the order was placed
	CreationTip  Money  `column:"creation_tip_amount"` // CreationTip: the part of Tip that was given when the order was placed
	TipCount     Count  `column:"tip_count"`
	Deduction    Money  `column:"deduction_amount"`
	Currency     string `column:"currency"`
	LinkRef      string `column:"link_ref"`
}

// DeliveryEvent is a row of main.delivery_events. EventID and BusinessDate
// are set by Record.DeliveryEvent.
type DeliveryEvent struct {
	EventID      string  `column:"event_id"`
	Status       string  `column:"status"`
	SourceStatus string  `column:"source_status"`
	HappenedAt   Instant `column:"happened_at"`
	BusinessDate Date    `column:"business_date" of:"happened_at"`
	Description  string  `column:"description"`
}

// DeliveryTip is a row of main.delivery_tips.
type DeliveryTip struct {
	TipNo     string  `column:"tip_no"`
	Amount    Money   `column:"amount"`
	Currency  string  `column:"currency"`
	CreatedAt Instant `column:"created_at"`
}

// Invoice is a row of main.invoices.
type Invoice struct {
	LineNo    int     `column:"line_no"`
	Type      string  `column:"type"`
	TitleType string  `column:"title_type"`
	Amount    Money   `column:"amount"`
	Tax       Money   `column:"tax_amount"`
	Currency  string  `column:"currency"`
	Result    string  `column:"result"`
	IssuedAt  Instant `column:"issued_at"`
}

// Reminder is a row of main.reminders: a customer's hurry-up of an order.
type Reminder struct {
	RemindID    string  `column:"remind_id"`
	StoreID     string  `column:"store_id"`
	RemindCount Count   `column:"remind_count"`
	RemindedAt  Instant `column:"reminded_at"`
	ReplyState  string  `column:"reply_state"`
	RepliedAt   Instant `column:"replied_at"`
}

// Guest is a row of main.guests. Record.Guest applies the policy for
// personal data: give it the vendor's plain text.
type Guest struct {
	GuestNo  int    `column:"guest_no"`
	Name     string `column:"name"`
	Phone    string `column:"phone"`
	Email    string `column:"email"`
	IDCard   string `column:"id_card"`
	Passport string `column:"passport"`
}

// recordRow is a row of the staged list of records.
type recordRow struct {
	Key      string  `column:"record_key"`
	TextHash string  `column:"text_sha256"` // of a record without a key (Batch.textHash)
	Version  Instant `column:"version_at"`
	Window   int     `column:"window_no"`
	Pass     int     `column:"pass_no"`
	Rejected Flag    `column:"is_rejected"`
	Whole    Flag    `column:"is_whole"`
	AskAgain Flag    `column:"ask_again"`  // of an order that was not shown (Batch.NotShown)
	OfPage   Flag    `column:"is_of_page"` // no record of the vendor's, but what is said of an answer
}

// issueRow is a reject or a finding. Table and Column say which column lacks a
// value for it, where it is one; IsAmount, whether amounts do.
type issueRow struct {
	Reject   Flag   `column:"is_reject"`
	Field    string `column:"field"`
	Reason   string `column:"reason"`
	Raw      string `column:"raw"`
	Table    string `column:"table_name"`
	Column   string `column:"column_name"`
	IsAmount Flag   `column:"is_amount"`
	LineNo   Count  `column:"line_no"`
}
