package demo

import (
	"fmt"

	akubela "github.com/nightaudit/nightaudit/extract/akubela/sim"
	starhotel "github.com/nightaudit/nightaudit/extract/starhotel/sim"
	tuya "github.com/nightaudit/nightaudit/extract/tuya/sim"
)

// tuyaOrders are the service orders as the speakers' vendor holds them.
func (w *World) tuyaOrders() []tuya.Order {
	var out []tuya.Order
	for _, o := range w.serviceOrders {
		v := tuya.Order{
			SpaceID: fmt.Sprintf("13417048577%08d", o.room.id), RoomNo: o.room.door, OrderID: o.id,
			OrderStatus: o.status, OrderBizType: o.biz, SecondOrderBizType: tuya.Nullable(o.second),
			CommodityList: []tuya.Commodity{}, CheckinOrderGroupID: tuya.Nullable(o.group), Quantity: o.quantity,
			OrderAmount: tuya.Amount(o.amount.String()), Currency: "CNY", OrderSource: o.source,
			CreateOrderTime: tuya.At(o.created), CancelReason: tuya.Nullable(o.reason), DeliveryType: tuya.Nullable(o.delivery),
			CustomerList:  []tuya.Customer{{CustomerName: o.guest.name, CustomerContact: "+86-" + o.guest.phone, CheckStatus: o.checkin}},
			CheckinStatus: o.checkin,
		}
		if o.delivery == "robot" {
			v.DeliveryNo = tuya.Nullable("D" + o.id[len("ORDER"):])
		}
		for _, l := range o.lines {
			v.CommodityList = append(v.CommodityList, tuya.Commodity{
				ID: l.id, CommodityName: l.name, UnitPrice: tuya.Amount(l.price.String()), Quantity: l.quantity,
				OrderAmount: tuya.Amount(l.amount.String()), Currency: "CNY",
			})
		}
		if !o.finished.IsZero() {
			v.FinishOrderTime = tuya.At(o.finished)
		}
		if !o.canceled.IsZero() {
			v.CancelOrderTime = tuya.At(o.canceled)
		}
		if o.invoice {
			v.Invoice = &tuya.Invoice{Name: "云栖示例有限公司", TaxNo: "990000DEMO00000001", ToEmail: o.guest.email}
		}
		out = append(out, v)
	}
	return out
}

// akubelaOrders are the stays as the door locks' vendor holds them.
func (w *World) akubelaOrders() []akubela.Order {
	var out []akubela.Order
	for _, s := range w.accessStays {
		v := akubela.Order{
			OrderID: s.id, OrderNumber: s.number, ResidenceID: fmt.Sprintf("rorx%029d", s.room.id), ResidenceNo: s.room.door,
			RoomTypeID: s.room.kind.id, RoomTypeName: s.room.kind.name,
			StartTime: akubela.UTC(s.start), EndTime: akubela.UTC(s.finish), OrderState: s.state, Source: s.source,
		}
		for k, g := range s.guests {
			v.Guests = append(v.Guests, akubela.Guest{
				GuestID: fmt.Sprintf("g%s%d", s.id[:30], k+1), GuestName: g.name, Email: g.email, Phone: g.phone, IDCard: g.idCard, Passport: g.passport,
			})
		}
		out = append(out, v)
	}
	return out
}

// starhotelOrders are the bookings as the PMS holds them.
func (w *World) starhotelOrders() []starhotel.Order {
	var out []starhotel.Order
	for _, b := range w.bookings {
		v := starhotel.Order{
			OrderID: int64(b.id), OrderNo: b.no, Name: b.guest.name, Phone: b.guest.phone,
			TotalAmount: b.total.String(), TotalPayedAmount: b.paid.String(), Color: "#000000",
			CreatorID: "1", CreatorName: "前台", OrderStatus: b.status, ServiceDate: b.service.Unix(),
			CreatedAt: starhotel.ISOTime(b.created), UpdatedAt: starhotel.ISOTime(b.updated),
		}
		for _, a := range b.accoms {
			v.Accoms = append(v.Accoms, starhotel.Accom{
				AccomID: int64(a.id), RoomID: int64(a.room.id), RoomTypeName: a.room.kind.name, RoomName: a.room.pms,
				CheckinStartTime: a.arrival.Unix(), CheckinEndTime: a.departure.Unix(),
				TotalAmount: a.total.String(), Amount: a.price.String(), AccomStatus: a.status, CheckoutStatus: a.checkout,
				CreatorName: "前台", CreatedDate: b.created.Unix(), Type: 10,
			})
		}
		out = append(out, v)
	}
	return out
}
