package main

import (
	"encoding/json"
	"fmt"
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
	at, goods, due := soms.LocalTime(createdAt(i)), 2*price(i)+500, yuan(somsFen(i))
	return soms.Order{
		ID: fmt.Sprintf("888%08d", i), Created: at, Modified: at, State: "delivered",
		Front:   &soms.Front{OrderID: fmt.Sprintf("F%08d", i), Created: at, Platform: &soms.IDName{ID: "meituan"}},
		Payment: &soms.Payment{State: "paid", Amount: json.Number(due), Freight: "4.00", Details: []soms.PaymentDetail{{Code: "wx", Amount: json.Number(due)}}},
		Items: []soms.Item{
			{ItemID: "1", SKUID: "A", ItemTitle: "葡萄", Quantity: "2", UnitPrice: json.Number(yuan(price(i))), Total: json.Number(yuan(2 * price(i))), PayAmount: json.Number(yuan(2 * price(i)))},
			{ItemID: "2", SKUID: "B", ItemTitle: "矿泉水", Quantity: "1", UnitPrice: "5.00", Total: "5.00", PayAmount: "5.00"},
		},
		ItemCount: 2, SKUQuantity: "3", RealTotal: json.Number(yuan(goods)), OrigTotal: json.Number(yuan(goods)),
	}
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
