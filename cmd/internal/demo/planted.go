package demo

import (
	"regexp"
	"strconv"
	"time"
)

// Planted is a mismatch of the demo: a place where a vendor's figures do not
// add up, or where two systems disagree. The night must find each of them,
// by its rule, and nothing else.
type Planted struct {
	Rule    string // of docs/finance.md
	Source  string
	Account string
	OrderID string
	Line    int    // the break's line; 0 where it is of the whole order
	Actual  string // what the vendor states, in yuan
	// Expected is what the rule says it should be. Either is empty where
	// there is nothing to be said of that side.
	Expected string
	Reason   string // one of the closed list
	// Right is the order of the other side, as "source order"; empty where
	// an order is held against itself.
	Right    string
	Sentence string // what happened, for people
	// EN and ZH are the explanations that the night must give. "{day 40}"
	// stands for the date of that day of the world.
	EN, ZH string

	how string // which of several ways to make it, where a rule has some
}

var dayOfWorld = regexp.MustCompile(`\{day ([0-9]+)\}`)

// Explanations are those that the night must give for p, with the dates of
// this world.
func (w *World) Explanations(p Planted) (en, zh string) {
	date := func(day string) string {
		n, _ := strconv.Atoi(dayOfWorld.FindStringSubmatch(day)[1]) // digits only
		return w.at(n, 0).Format(time.DateOnly)
	}
	return dayOfWorld.ReplaceAllStringFunc(p.EN, date), dayOfWorld.ReplaceAllStringFunc(p.ZH, date)
}

// plantedMismatches is the list. Amounts and explanations were worked out by
// hand from the orders as the seed makes them; plant refuses an entry that the
// order does not bear out.
func plantedMismatches() []Planted {
	return []Planted{
		// item_total: the line's total against unit price × quantity.
		{
			Rule: "item_total", Source: "soms", Account: Shop, OrderID: "8826000101541", Line: 3, Actual: "41.70", Expected: "44.70", Reason: "amount",
			Sentence: "three loaves at 13.90 were charged 41.70; the price was raised to 14.90 afterwards",
			EN:       "line 3 is stated as 41.70, but 14.90 × 3 is 44.70: differs by 3.00.",
			ZH:       "第3行金额为41.70，而单价14.90×数量3应为44.70：相差3.00。",
		},
		{
			Rule: "item_total", Source: "soms", Account: Shop, OrderID: "8826000101702", Line: 1, Actual: "12.90", Expected: "1290.00", Reason: "unit_factor_100",
			Sentence: "the unit price of a box of eggs was sent in fen",
			EN:       "line 1 is stated as 12.90, but 1290.00 × 1 is 1290.00: differs by 1277.10, a factor of exactly 100, as between yuan and fen.",
			ZH:       "第1行金额为12.90，而单价1290.00×数量1应为1290.00：相差1277.10，恰为100倍，疑为元与分之别。",
		},
		{
			Rule: "item_total", Source: "soms", Account: Shop, OrderID: "8826000102024", Line: 2, Actual: "3.02", Expected: "4.16", Reason: "amount", how: "quantity",
			Sentence: "apples: 0.236 kg were charged, 0.325 kg were booked",
			EN:       "line 2 is stated as 3.02, but 12.80 × 0.325 is 4.16: differs by 1.14.",
			ZH:       "第2行金额为3.02，而单价12.80×数量0.325应为4.16：相差1.14。",
		},
		{
			Rule: "item_total", Source: "tuya", Account: Hotel, OrderID: "ORDER20260421000507", Line: 2, Actual: "39.00", Expected: "93.00", Reason: "amount",
			Sentence: "a cable for 39.00 is priced 93.00: digits changed places",
			EN:       "line 2 is stated as 39.00, but 93.00 × 1 is 93.00: differs by 54.00.",
			ZH:       "第2行金额为39.00，而单价93.00×数量1应为93.00：相差54.00。",
		},
		{
			Rule: "item_total", Source: "tuya", Account: Hotel, OrderID: "ORDER20260421000672", Line: 3, Actual: "52.00", Expected: "5200.00", Reason: "unit_factor_100",
			Sentence: "the price of a children's menu was sent in fen",
			EN:       "line 3 is stated as 52.00, but 5200.00 × 1 is 5200.00: differs by 5148.00, a factor of exactly 100, as between yuan and fen.",
			ZH:       "第3行金额为52.00，而单价5200.00×数量1应为5200.00：相差5148.00，恰为100倍，疑为元与分之别。",
		},

		// order_goods: the order's goods against the sum of its lines.
		{
			Rule: "order_goods", Source: "soms", Account: Shop, OrderID: "8826000101748", Actual: "89.21", Expected: "87.21", Reason: "amount",
			Sentence: "a thing became 2.00 cheaper after the order was added up",
			EN:       "goods are stated as 89.21, but its lines (5) come to 87.21: differs by 2.00.",
			ZH:       "订单商品金额为89.21，而5行商品实付合计为87.21：相差2.00。",
		},
		{
			Rule: "order_goods", Source: "soms", Account: Shop, OrderID: "8826000101886", Actual: "79.15", Expected: "85.15", Reason: "one_component",
			Sentence: "a raincoat for 6.00 was added to the lines, not to the goods",
			EN:       "goods are stated as 79.15, but its lines (4) come to 85.15: differs by 6.00, which is line 4.",
			ZH:       "订单商品金额为79.15，而4行商品实付合计为85.15：相差6.00，恰为第4行。",
		},
		{
			Rule: "order_goods", Source: "soms", Account: Shop, OrderID: "8826000101840", Actual: "26.38", Expected: "20.38", Reason: "one_component",
			Sentence: "the goods hold the freight of 6.00, which the vendor says they do not",
			EN:       "goods are stated as 26.38, but its lines (2) come to 20.38: differs by 6.00, which is the freight.",
			ZH:       "订单商品金额为26.38，而2行商品实付合计为20.38：相差6.00，恰为运费。",
		},
		{
			Rule: "order_goods", Source: "tuya", Account: Hotel, OrderID: "ORDER20260421000485", Actual: "106.00", Expected: "154.00", Reason: "amount",
			Sentence: "two bowls of noodles were served, one was charged",
			EN:       "the order is stated as 106.00, but its lines (2) come to 154.00: differs by 48.00.",
			ZH:       "订单金额为106.00，而2行商品合计为154.00：相差48.00。",
		},
		{
			Rule: "order_goods", Source: "tuya", Account: Hotel, OrderID: "ORDER20260421000705", Actual: "104.00", Expected: "58.00", Reason: "amount",
			Sentence: "a fruit plate for 46.00 was struck off the lines and is still charged",
			EN:       "the order is stated as 104.00, but its lines (1) come to 58.00: differs by 46.00.",
			ZH:       "订单金额为104.00，而1行商品合计为58.00：相差46.00。",
		},

		// cashier: what was paid against the PMS order's total.
		{
			Rule: "cashier", Source: "starhotel", Account: Hotel, OrderID: "4332", Actual: "988.00", Expected: "1206.00", Reason: "one_component",
			Sentence: "the guest left without paying the room service of 218.00",
			EN:       "completed, 988.00 paid of 1206.00: 218.00 is still due, which is the consumption of its stays.",
			ZH:       "订单已完成，应付1206.00，已付988.00：尚欠218.00，恰为住宿期间的消费。",
		},
		{
			Rule: "cashier", Source: "starhotel", Account: Hotel, OrderID: "4346", Actual: "5.86", Expected: "586.00", Reason: "unit_factor_100",
			Sentence: "a payment of 586.00 was entered as 5.86",
			EN:       "completed, 5.86 paid of 586.00: 580.14 is still due, a factor of exactly 100, as between yuan and fen.",
			ZH:       "订单已完成，应付586.00，已付5.86：尚欠580.14，恰为100倍，疑为元与分之别。",
		},
		{
			Rule: "cashier", Source: "starhotel", Account: Hotel, OrderID: "4317", Actual: "128.00", Expected: "0.00", Reason: "status",
			Sentence: "the booking was canceled and its deposit kept",
			EN:       "canceled, but 128.00 paid is kept.",
			ZH:       "订单已取消，已付128.00未退。",
		},
		{
			Rule: "cashier", Source: "starhotel", Account: Hotel, OrderID: "4479", Actual: "992.00", Expected: "892.00", Reason: "amount",
			Sentence: "the guest paid 100.00 too much",
			EN:       "992.00 paid of 892.00: 100.00 too much.",
			ZH:       "应付892.00，已付992.00：多收100.00。",
		},

		// courier_fee: lines 1 carriage, 2 payable, 3 tips.
		{
			Rule: "courier_fee", Source: "guoxiaodi", Account: Courier, OrderID: "ON26042100346546", Line: 1, Actual: "7.90", Expected: "8.90", Reason: "amount",
			Sentence: "weight 3.00 and distance 5.90 make a carriage of 8.90, not of 7.90",
			EN:       "carriage is stated as 7.90, but weight 3.00 + distance 5.90 is 8.90: differs by 1.00.",
			ZH:       "运费为7.90，而重量费3.00+里程费5.90应为8.90：相差1.00。",
		},
		{
			Rule: "courier_fee", Source: "guoxiaodi", Account: Courier, OrderID: "ON26042100348110", Line: 1, Actual: "11.30", Expected: "10.80", Reason: "amount",
			Sentence: "weight 1.00 and distance 9.80 make a carriage of 10.80, not of 11.30",
			EN:       "carriage is stated as 11.30, but weight 1.00 + distance 9.80 is 10.80: differs by 0.50.",
			ZH:       "运费为11.30，而重量费1.00+里程费9.80应为10.80：相差0.50。",
		},
		{
			Rule: "courier_fee", Source: "guoxiaodi", Account: Courier, OrderID: "ON26042100347192", Line: 2, Actual: "12.15", Expected: "13.50", Reason: "amount", how: "preferential",
			Sentence: "13.50 were due and 12.15 charged, with no reduction stated",
			EN:       "payable is stated as 12.15, but 13.50 less preferential 0.00 is 13.50: differs by 1.35.",
			ZH:       "支付费用为12.15，而优惠前应付13.50减优惠0.00应为13.50：相差1.35。",
		},
		{
			Rule: "courier_fee", Source: "guoxiaodi", Account: Courier, OrderID: "ON26042100347872", Line: 2, Actual: "12.50", Expected: "11.50", Reason: "one_component", how: "before",
			Sentence: "the surcharge of 1.00 was charged but is not in what was due",
			EN:       "payable is stated as 12.50, but 11.50 less preferential 0.00 is 11.50: differs by 1.00, which is the surcharge.",
			ZH:       "支付费用为12.50，而优惠前应付11.50减优惠0.00应为11.50：相差1.00，恰为溢价。",
		},
		{
			Rule: "courier_fee", Source: "guoxiaodi", Account: Courier, OrderID: "ON26042100347311", Line: 3, Actual: "7.00", Expected: "4.00", Reason: "amount",
			Sentence: "two tips of 4.00 together are listed, 7.00 are stated",
			EN:       "tips are stated as 7.00, but those listed (2) come to 4.00 (tip at creation: 0.00): differs by 3.00.",
			ZH:       "小费总额为7.00，而2笔小费合计4.00（下单小费：0.00）：相差3.00。",
		},

		{
			Rule: "item_pay", Source: "soms", Account: Shop, OrderID: "8826000101610", Line: 2, Actual: "10.20", Expected: "9.20", Reason: "one_component",
			Sentence: "a reduction of 1.00 on the bananas was shown and not given",
			EN:       "line 2 is paid 10.20, but 10.20 − apportioned 0.00 − discount 1.00 is 9.20: differs by 1.00, which is the line's own discount.",
			ZH:       "第2行实付为10.20，而金额10.20−分摊0.00−优惠1.00应为9.20：相差1.00，恰为该行的单品优惠。",
		},
		{
			Rule: "item_pay", Source: "soms", Account: Shop, OrderID: "8826000101725", Line: 1, Actual: "82.17", Expected: "77.17", Reason: "one_component",
			Sentence: "a reduction of 5.00 on the detergent was shown and not given",
			EN:       "line 1 is paid 82.17, but 89.70 − apportioned 7.53 − discount 5.00 is 77.17: differs by 5.00, which is the line's own discount.",
			ZH:       "第1行实付为82.17，而金额89.70−分摊7.53−优惠5.00应为77.17：相差5.00，恰为该行的单品优惠。",
		},
		{
			Rule: "order_due", Source: "soms", Account: Shop, OrderID: "8826000101587", Actual: "34.30", Expected: "35.30", Reason: "amount",
			Sentence: "packaging of 2.00 is stated, of which 1.00 is due",
			EN:       "34.30 is due, but goods 28.80 + freight 4.50 + packaging 2.00 + other fees 0.00 are 35.30: differs by 1.00.",
			ZH:       "应付总金额为34.30，而商品28.80+运费4.50+包装费2.00+其他费用0.00应为35.30：相差1.00。",
		},
		{
			Rule: "payment_total", Source: "soms", Account: Shop, OrderID: "8826000101656", Actual: "133.50", Expected: "134.00", Reason: "amount",
			Sentence: "0.50 of the order were never paid",
			EN:       "the payments (1) come to 133.50, but 134.00 is due: differs by 0.50.",
			ZH:       "1笔收款合计为133.50，而应付总金额为134.00：相差0.50。",
		},
		{
			Rule: "payment_total", Source: "soms", Account: Shop, OrderID: "8826000102139", Actual: "99.00", Expected: "105.00", Reason: "one_component",
			Sentence: "the customer paid the goods without the freight of 6.00",
			EN:       "the payments (1) come to 99.00, but 105.00 is due: differs by 6.00, which is the freight.",
			ZH:       "1笔收款合计为99.00，而应付总金额为105.00：相差6.00，恰为运费。",
		},
		{
			Rule: "settlement", Source: "soms", Account: Shop, OrderID: "8826000101449", Actual: "332.30", Expected: "344.80", Reason: "one_component",
			Sentence: "the platform's subsidy of 12.50 was not settled",
			EN:       "settled 332.30, expected 344.80 (paid 332.30 + platform subsidy 12.50): differs by 12.50, which is the platform subsidy of promotion 1112.",
			ZH:       "结算332.30，应为344.80（实付332.30+平台补贴12.50）：相差12.50，恰为促销1112的平台补贴。",
		},
		{
			Rule: "settlement", Source: "soms", Account: Shop, OrderID: "8826000101495", Actual: "169.24", Expected: "179.24", Reason: "amount",
			Sentence: "the platform settled 10.00 too little",
			EN:       "settled 169.24, expected 179.24 (paid 170.74 + platform subsidy 8.50): differs by 10.00.",
			ZH:       "结算169.24，应为179.24（实付170.74+平台补贴8.50）：相差10.00。",
		},
		{
			Rule: "courier_vs_shop", Source: "soms", Account: Shop, OrderID: "8826000102027", Actual: "765.00", Expected: "7.65", Right: "guoxiaodi ON26042100346580", Reason: "unit_factor_100",
			Sentence: "the waybill's freight was written in fen",
			EN:       "the shop states a freight of 765.00 (W88260001020271), the courier charged 7.65 (order ON26042100346580): differs by 757.35, a factor of exactly 100, as between yuan and fen.",
			ZH:       "店铺运费为765.00（运单W88260001020271），配送商收取7.65（订单ON26042100346580）：相差757.35，恰为100倍，疑为元与分之别。",
		},
		{
			Rule: "courier_vs_shop", Source: "soms", Account: Shop, OrderID: "8826000102038", Actual: "10.50", Expected: "8.50", Right: "guoxiaodi ON26042100346597", Reason: "one_component",
			Sentence: "the waybill's freight holds the tip of 2.00 given at creation",
			EN:       "the shop states a freight of 10.50 (W88260001020381), the courier charged 8.50 (order ON26042100346597): differs by 2.00, which is the tip given at creation.",
			ZH:       "店铺运费为10.50（运单W88260001020381），配送商收取8.50（订单ON26042100346597）：相差2.00，恰为下单小费。",
		},
		{
			Rule: "courier_missing", Source: "soms", Account: Shop, OrderID: "8826000102063", Actual: "7.60", Reason: "missing_right",
			Sentence: "the courier knows nothing of a delivery that the shop gave to it",
			EN:       "the shop sent this order by gxd (waybill W88260001020631, freight 7.60), but the courier has no such order.",
			ZH:       "店铺已将该订单交由gxd配送（运单W88260001020631，运费7.60），但配送商无此订单。",
		},
		{
			Rule: "courier_missing", Source: "soms", Account: Shop, OrderID: "8826000102073", Actual: "6.70", Reason: "missing_right",
			Sentence: "the courier knows nothing of a delivery that the shop gave to it",
			EN:       "the shop sent this order by gxd (waybill W88260001020731, freight 6.70), but the courier has no such order.",
			ZH:       "店铺已将该订单交由gxd配送（运单W88260001020731，运费6.70），但配送商无此订单。",
		},
		{
			Rule: "courier_missing", Source: "guoxiaodi", Account: Courier, OrderID: "ON26042100990017", Actual: "12.78", Reason: "missing_right",
			Sentence: "the courier charges a delivery of an order that the shop does not have",
			EN:       "the courier charges 12.78 for the shop's order 8826000999001, but the shop has no such order.",
			ZH:       "配送商就店铺订单8826000999001收取12.78，但店铺无此订单。",
		},
		{
			Rule: "courier_status", Source: "soms", Account: Shop, OrderID: "8826000102112", Right: "guoxiaodi ON26042100346886", Reason: "status",
			Sentence: "delivered says the shop, canceled says the courier",
			EN:       "delivered says the shop, canceled says the courier (order ON26042100346886); the courier keeps 0.00.",
			ZH:       "店铺已送达，配送商订单ON26042100346886已取消；配送商扣款0.00。",
		},
		{
			Rule: "courier_status", Source: "soms", Account: Shop, OrderID: "8826000101698", Right: "guoxiaodi ON26042100345611", Reason: "status",
			Sentence: "canceled says the shop, delivered says the courier",
			EN:       "canceled says the shop, delivered says the courier (order ON26042100345611), which charges 4.90.",
			ZH:       "店铺已取消，配送商订单ON26042100345611已送达，收取4.90。",
		},
		{
			Rule: "room_charges", Source: "starhotel", Account: Hotel, OrderID: "4388", Actual: "220.00", Expected: "320.00", Reason: "amount",
			Sentence: "100.00 of what was served to the room were never billed",
			EN:       "the PMS billed a consumption of 220.00 for room 209, the orders finished there during the stay (1) come to 320.00: differs by 100.00.",
			ZH:       "PMS对房间209计消费220.00，入住期间该房间1笔已完成订单合计320.00：相差100.00。",
		},
		{
			Rule: "room_charges", Source: "starhotel", Account: Hotel, OrderID: "4430", Actual: "413.00", Expected: "375.00", Reason: "amount",
			Sentence: "38.00 more were billed to the room than were served",
			EN:       "the PMS billed a consumption of 413.00 for room 304, the orders finished there during the stay (3) come to 375.00: differs by 38.00.",
			ZH:       "PMS对房间304计消费413.00，入住期间该房间3笔已完成订单合计375.00：相差38.00。",
		},
		{
			Rule: "stay_match", Source: "starhotel", Account: Hotel, OrderID: "4451", Reason: "missing_right",
			Sentence: "a billed stay without a key",
			EN:       "the PMS has a stay in room 309 from {day 42} to {day 43}, the access system has no key for it.",
			ZH:       "PMS显示房间309自{day 42}至{day 43}有住宿，门禁系统无此记录。",
		},
		{
			Rule: "stay_match", Source: "akubela", Account: Hotel, OrderID: ghostStay, Reason: "missing_right",
			Sentence: "a room was opened for two nights that nobody booked",
			EN:       "the access system has a guest in room 507 from {day 40} to {day 42}, the PMS has no such stay.",
			ZH:       "门禁系统显示房间507自{day 40}至{day 42}有人入住，PMS无此住宿。",
		},
		{
			Rule: "duplicate", Source: "soms", Account: Shop, OrderID: "8826000102001", Actual: "106.50", Reason: "duplicate", Right: "soms 8826000101955",
			Sentence: "the platform's order 8826000101955 was taken over twice",
			EN:       "the order number 3801000000521774628 of meituan is taken over twice: here with 106.50, before as order 8826000101955 with 125.00.",
			ZH:       "meituan的订单号3801000000521774628重复：本单金额106.50，此前已有订单8826000101955，金额125.00。",
		},
		{
			Rule: "plausibility", Source: "tuya", Account: Hotel, OrderID: "ORDER20260421000628", Line: 3, Reason: "status",
			Sentence: "finished ten minutes before it was placed",
			EN:       "it ends before it begins: finished_at {day 44} 14:32:25, created_at {day 44} 14:42:25.",
			ZH:       "结束早于开始：完成时间 {day 44} 14:32:25, 下单时间 {day 44} 14:42:25。",
		},
		{
			Rule: "plausibility", Source: "soms", Account: Shop, OrderID: "8826000101771", Line: 3, Reason: "status",
			Sentence: "finished ten minutes before it was placed",
			EN:       "it ends before it begins: finished_at {day 40} 19:07:36, created_at {day 40} 19:17:36.",
			ZH:       "结束早于开始：完成时间 {day 40} 19:07:36, 下单时间 {day 40} 19:17:36。",
		},
		{
			Rule: "stay_total", Source: "starhotel", Account: Hotel, OrderID: "4465", Actual: "690.00", Expected: "610.00", Reason: "amount",
			Sentence: "the room became 80.00 dearer, the order did not",
			EN:       "its stays (1) come to 690.00, but the order's total is 610.00: 80.00 too much.",
			ZH:       "1笔住宿合计690.00，而订单总额为610.00：多80.00。",
		},
	}
}

// ghostStay is a stay that only the door locks know.
const ghostStay = "orx00000000000000000000000004711"
