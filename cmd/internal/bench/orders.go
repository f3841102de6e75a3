package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	tuya "github.com/nightaudit/nightaudit/extract/tuya/sim"
)

// What the simulated vendors demand. Peers are given the same.
const (
	username, password = "bench", "bench"
	clientID, secret   = "bench", "bench"
	projectID          = "1160823965053000001"
)

// epoch is when the first order is created; another follows each minute.
var epoch = time.Date(2025, 6, 1, 0, 0, 0, 0, soms.Zone)

func createdAt(i int) time.Time { return epoch.Add(time.Duration(i) * time.Minute) }

// nightAfter is the clock of a night after so many orders.
func nightAfter(orders int) time.Time { return createdAt(orders).Add(time.Hour) }

// somsFen is what is due for order i, in fen: two of an article, one of another
// for 5.00, and 4.00 of freight.
func somsFen(i int) int64 { return 2*price(i) + 500 + 400 }

// tuyaFen is what is due for order i, in fen.
func tuyaFen(i int) int64 { return 2 * price(i) }

// price of the first article of order i, in fen.
func price(i int) int64 { return 500 + int64(i%90)*100 + int64(i%10)*5 }

// yuan writes an amount in fen.
func yuan(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

// sums are the orders and the money of a source.
type sums struct {
	Orders int64
	Fen    int64
}

func sumOf(orders int, fen func(i int) int64) sums {
	s := sums{Orders: int64(orders)}
	for i := range orders {
		s.Fen += fen(i)
	}
	return s
}

func (s sums) String() string { return fmt.Sprintf("%d orders, %s CNY", s.Orders, yuan(s.Fen)) }

func somsOrder(i int) soms.Order {
	return retailOrder(fmt.Sprintf("888%08d", i), soms.LocalTime(createdAt(i)), 400, 0, item(1, "葡萄", 2, price(i)), item(2, "矿泉水", 1, 500))
}

// retailOrder is a delivered and paid order in which everything adds up: no check
// finds anything. Amounts are in fen.
func retailOrder(id, at string, freight, packaging int64, items ...soms.Item) soms.Order {
	var goods, pieces int64
	for _, i := range items {
		goods += fen(i.Total)
		n, _ := i.Quantity.Int64() // item wrote it
		pieces += n
	}
	due := money(goods + freight + packaging)
	return soms.Order{
		ID: id, Created: at, Modified: at, State: "delivered", Items: items, ItemCount: len(items), SKUQuantity: json.Number(fmt.Sprint(pieces)),
		Front: &soms.Front{OrderID: "F" + id, Created: at, Platform: &soms.IDName{ID: "meituan"}},
		Payment: &soms.Payment{
			State: "paid", Amount: due, Freight: money(freight), PackageTotal: money(packaging), PayTime: at,
			Details: []soms.PaymentDetail{{Code: "wx", Amount: due}},
		},
		RealTotal: money(goods), OrigTotal: money(goods), SettleAmount: due,
	}
}

func item(no int, title string, quantity, unit int64) soms.Item {
	total := money(quantity * unit)
	return soms.Item{
		ItemID: fmt.Sprint(no), SKUID: fmt.Sprintf("K%d", no), ItemTitle: title, Quantity: json.Number(fmt.Sprint(quantity)), UnitPrice: money(unit),
		Total: total, PayAmount: total, DiscountAmount: "0.00", ApportedDiscountAmount: "0.00",
	}
}

// money is an amount in fen as the vendor writes it, and fen reads it back.
func money(fen int64) json.Number { return json.Number(yuan(fen)) }

func fen(amount json.Number) int64 {
	n, _ := strconv.ParseInt(strings.Replace(string(amount), ".", "", 1), 10, 64) // money wrote it
	return n
}

func tuyaOrder(i int) tuya.Order {
	at, due := createdAt(i), tuya.Cents(tuyaFen(i))
	return tuya.Order{
		SpaceID: "1341704857700000001", RoomNo: fmt.Sprint(801 + i%40), OrderID: fmt.Sprintf("ORDER%09d", i),
		OrderStatus: "finished", OrderBizType: []string{"MATERIAL", "SERVICE"}[i%2], SecondOrderBizType: "FOOD_SERVICE",
		CommodityList: []tuya.Commodity{{ID: "1", CommodityName: "矿泉水", UnitPrice: tuya.Cents(price(i)), Quantity: 2, OrderAmount: due, Currency: "CNY"}},
		Quantity:      2, OrderAmount: due, Currency: "CNY", OrderSource: "APPLET_WX", CreateOrderTime: tuya.At(at), DeliveryType: "manualDelivery",
		CustomerList:  []tuya.Customer{{CustomerName: "张三", CustomerContact: "+86-13800000000", CheckStatus: 1}},
		CheckinStatus: 1, FinishOrderTime: tuya.At(at.Add(20 * time.Minute)),
	}
}
