package demo

// Planted is a mismatch of the demo: a place where a vendor's figures do not
// add up, or where two systems disagree. The night must find each of them,
// by its rule, and nothing else.
type Planted struct {
	Rule    string // of design/reports.md
	Source  string
	Account string
	OrderID string
	Line    int    // the break's line; 0 where it is of the whole order
	Actual  string // what the vendor states, in yuan
	// Expected is what the rule says it should be. Both are empty where a
	// rule compares no amounts.
	Expected string
	Reason   string // one of the closed list
	// Later is set where the rule is not among the first five; it trips
	// none of these.
	Later    bool
	Sentence string // what happened, for people

	how string // which of several ways to make it, where a rule has some
}

// plantedMismatches is the list. The amounts were worked out by hand from
// the orders as the seed makes them; plant refuses an entry that the order
// does not bear out.
func plantedMismatches() []Planted {
	return []Planted{
		// item_total: the line's total against unit price × quantity.
		{
			Rule: "item_total", Source: "soms", Account: Shop, OrderID: "8826000101541", Line: 3, Actual: "41.70", Expected: "44.70", Reason: "amount",
			Sentence: "three loaves at 13.90 were charged 41.70; the price was raised to 14.90 afterwards",
		},
		{
			Rule: "item_total", Source: "soms", Account: Shop, OrderID: "8826000101702", Line: 1, Actual: "12.90", Expected: "1290.00", Reason: "unit_factor_100",
			Sentence: "the unit price of a box of eggs was sent in fen",
		},
		{
			Rule: "item_total", Source: "soms", Account: Shop, OrderID: "8826000102024", Line: 2, Actual: "3.02", Expected: "4.16", Reason: "amount", how: "quantity",
			Sentence: "apples: 0.236 kg were charged, 0.325 kg were booked",
		},
		{
			Rule: "item_total", Source: "tuya", Account: Hotel, OrderID: "ORDER20260421000507", Line: 2, Actual: "39.00", Expected: "93.00", Reason: "amount",
			Sentence: "a cable for 39.00 is priced 93.00: digits changed places",
		},
		{
			Rule: "item_total", Source: "tuya", Account: Hotel, OrderID: "ORDER20260421000672", Line: 3, Actual: "52.00", Expected: "5200.00", Reason: "unit_factor_100",
			Sentence: "the price of a children's menu was sent in fen",
		},

		// order_goods: the order's goods against the sum of its lines.
		{
			Rule: "order_goods", Source: "soms", Account: Shop, OrderID: "8826000101748", Actual: "89.21", Expected: "87.21", Reason: "amount",
			Sentence: "a thing became 2.00 cheaper after the order was added up",
		},
		{
			Rule: "order_goods", Source: "soms", Account: Shop, OrderID: "8826000101886", Actual: "79.15", Expected: "85.15", Reason: "one_component",
			Sentence: "a raincoat for 6.00 was added to the lines, not to the goods",
		},
		{
			Rule: "order_goods", Source: "soms", Account: Shop, OrderID: "8826000101840", Actual: "26.38", Expected: "20.38", Reason: "one_component",
			Sentence: "the goods hold the freight of 6.00, which the vendor says they do not",
		},
		{
			Rule: "order_goods", Source: "tuya", Account: Hotel, OrderID: "ORDER20260421000485", Actual: "106.00", Expected: "154.00", Reason: "amount",
			Sentence: "two bowls of noodles were served, one was charged",
		},
		{
			Rule: "order_goods", Source: "tuya", Account: Hotel, OrderID: "ORDER20260421000705", Actual: "104.00", Expected: "58.00", Reason: "amount",
			Sentence: "a fruit plate for 46.00 was struck off the lines and is still charged",
		},

		// cashier: what was paid against the PMS order's total.
		{
			Rule: "cashier", Source: "starhotel", Account: Hotel, OrderID: "4332", Actual: "988.00", Expected: "1206.00", Reason: "one_component",
			Sentence: "the guest left without paying the room service of 218.00",
		},
		{
			Rule: "cashier", Source: "starhotel", Account: Hotel, OrderID: "4346", Actual: "5.86", Expected: "586.00", Reason: "unit_factor_100",
			Sentence: "a payment of 586.00 was entered as 5.86",
		},
		{
			Rule: "cashier", Source: "starhotel", Account: Hotel, OrderID: "4317", Actual: "128.00", Expected: "0.00", Reason: "status",
			Sentence: "the booking was canceled and its deposit kept",
		},
		{
			Rule: "cashier", Source: "starhotel", Account: Hotel, OrderID: "4479", Actual: "992.00", Expected: "892.00", Reason: "amount",
			Sentence: "the guest paid 100.00 too much",
		},

		// courier_fee: lines 1 carriage, 2 payable, 3 tips.
		{
			Rule: "courier_fee", Source: "guoxiaodi", Account: Courier, OrderID: "ON26042100346546", Line: 1, Actual: "7.90", Expected: "8.90", Reason: "amount",
			Sentence: "weight 3.00 and distance 5.90 make a carriage of 8.90, not of 7.90",
		},
		{
			Rule: "courier_fee", Source: "guoxiaodi", Account: Courier, OrderID: "ON26042100348110", Line: 1, Actual: "11.30", Expected: "10.80", Reason: "amount",
			Sentence: "weight 1.00 and distance 9.80 make a carriage of 10.80, not of 11.30",
		},
		{
			Rule: "courier_fee", Source: "guoxiaodi", Account: Courier, OrderID: "ON26042100347192", Line: 2, Actual: "12.15", Expected: "13.50", Reason: "amount", how: "preferential",
			Sentence: "13.50 were due and 12.15 charged, with no reduction stated",
		},
		{
			Rule: "courier_fee", Source: "guoxiaodi", Account: Courier, OrderID: "ON26042100347872", Line: 2, Actual: "12.50", Expected: "11.50", Reason: "one_component", how: "before",
			Sentence: "the surcharge of 1.00 was charged but is not in what was due",
		},
		{
			Rule: "courier_fee", Source: "guoxiaodi", Account: Courier, OrderID: "ON26042100347311", Line: 3, Actual: "7.00", Expected: "4.00", Reason: "amount",
			Sentence: "two tips of 4.00 together are listed, 7.00 are stated",
		},

		// For the rules of later steps.
		{
			Rule: "item_pay", Later: true, Source: "soms", Account: Shop, OrderID: "8826000101610", Line: 2, Actual: "10.20", Expected: "9.20", Reason: "amount",
			Sentence: "a reduction of 1.00 on the bananas was shown and not given",
		},
		{
			Rule: "item_pay", Later: true, Source: "soms", Account: Shop, OrderID: "8826000101725", Line: 1, Actual: "82.17", Expected: "77.17", Reason: "amount",
			Sentence: "a reduction of 5.00 on the detergent was shown and not given",
		},
		{
			Rule: "order_due", Later: true, Source: "soms", Account: Shop, OrderID: "8826000101587", Actual: "34.30", Expected: "35.30", Reason: "amount",
			Sentence: "packaging of 2.00 is stated, of which 1.00 is due",
		},
		{
			Rule: "payment_total", Later: true, Source: "soms", Account: Shop, OrderID: "8826000101656", Actual: "133.50", Expected: "134.00", Reason: "amount",
			Sentence: "0.50 of the order were never paid",
		},
		{
			Rule: "payment_total", Later: true, Source: "soms", Account: Shop, OrderID: "8826000102139", Actual: "99.00", Expected: "105.00", Reason: "one_component",
			Sentence: "the customer paid the goods without the freight of 6.00",
		},
		{
			Rule: "settlement", Later: true, Source: "soms", Account: Shop, OrderID: "8826000101449", Actual: "332.30", Expected: "344.80", Reason: "one_component",
			Sentence: "the platform's subsidy of 12.50 was not settled",
		},
		{
			Rule: "settlement", Later: true, Source: "soms", Account: Shop, OrderID: "8826000101495", Actual: "169.24", Expected: "179.24", Reason: "amount",
			Sentence: "the platform settled 10.00 too little",
		},
		{
			Rule: "courier_vs_shop", Later: true, Source: "soms", Account: Shop, OrderID: "8826000102027", Actual: "765.00", Expected: "7.65", Reason: "unit_factor_100",
			Sentence: "the waybill's freight was written in fen",
		},
		{
			Rule: "courier_vs_shop", Later: true, Source: "soms", Account: Shop, OrderID: "8826000102038", Actual: "10.50", Expected: "8.50", Reason: "one_component",
			Sentence: "the waybill's freight holds the tip of 2.00 given at creation",
		},
		{
			Rule: "courier_missing", Later: true, Source: "soms", Account: Shop, OrderID: "8826000102063", Reason: "missing_right",
			Sentence: "the courier knows nothing of a delivery that the shop gave to it",
		},
		{
			Rule: "courier_missing", Later: true, Source: "soms", Account: Shop, OrderID: "8826000102073", Reason: "missing_right",
			Sentence: "the courier knows nothing of a delivery that the shop gave to it",
		},
		{
			Rule: "courier_missing", Later: true, Source: "guoxiaodi", Account: Courier, OrderID: "ON26042100990017", Reason: "missing_right",
			Sentence: "the courier charges a delivery of an order that the shop does not have",
		},
		{
			Rule: "courier_status", Later: true, Source: "soms", Account: Shop, OrderID: "8826000102112", Reason: "status",
			Sentence: "delivered says the shop, canceled says the courier",
		},
		{
			Rule: "courier_status", Later: true, Source: "soms", Account: Shop, OrderID: "8826000101698", Reason: "status",
			Sentence: "canceled says the shop, delivered says the courier",
		},
		{
			Rule: "room_charges", Later: true, Source: "starhotel", Account: Hotel, OrderID: "4388", Actual: "220.00", Expected: "320.00", Reason: "amount",
			Sentence: "100.00 of what was served to the room were never billed",
		},
		{
			Rule: "room_charges", Later: true, Source: "starhotel", Account: Hotel, OrderID: "4430", Actual: "413.00", Expected: "375.00", Reason: "amount",
			Sentence: "38.00 more were billed to the room than were served",
		},
		{
			Rule: "stay_match", Later: true, Source: "starhotel", Account: Hotel, OrderID: "4451", Reason: "missing_right",
			Sentence: "a billed stay without a key",
		},
		{
			Rule: "stay_match", Later: true, Source: "akubela", Account: Hotel, OrderID: ghostStay, Reason: "missing_right",
			Sentence: "a room was opened for two nights that nobody booked",
		},
		{
			Rule: "duplicate", Later: true, Source: "soms", Account: Shop, OrderID: "8826000102001", Reason: "duplicate",
			Sentence: "the platform's order 8826000101955 was taken over twice",
		},
		{
			Rule: "plausibility", Later: true, Source: "tuya", Account: Hotel, OrderID: "ORDER20260421000628",
			Sentence: "finished ten minutes before it was placed",
		},
		{
			Rule: "plausibility", Later: true, Source: "soms", Account: Shop, OrderID: "8826000101771",
			Sentence: "finished ten minutes before it was placed",
		},
		{
			Rule: "stay_total", Later: true, Source: "starhotel", Account: Hotel, OrderID: "4465", Actual: "690.00", Expected: "610.00", Reason: "amount",
			Sentence: "the room became 80.00 dearer, the order did not",
		},
	}
}

// ghostStay is a stay that only the door locks know.
const ghostStay = "orx00000000000000000000000004711"
