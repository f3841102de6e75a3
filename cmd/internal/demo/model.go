package demo

import "time"

// The world as it is, apart from how each vendor writes it down. Amounts are
// in fen, quantities in thousandths, times instants.

type person struct {
	name, phone, email, idCard, passport string
}

type named struct{ id, name string }

// room has one name in the PMS and, on the upper floors, another one on the
// speakers and door locks.
type room struct {
	id        int
	pms, door string
	kind      *roomKind
}

type roomKind struct {
	id, name string
	night    Fen // a weekday's price
}

// booking is an order of the PMS.
type booking struct {
	id                        int
	no                        string
	guest                     person
	status                    int // the vendor's code
	prepaid                   int // 0 nothing, 1 a deposit, 2 the rooms
	total, paid               Fen
	service, created, updated time.Time
	accoms                    []*accom
}

// accom is a stay of a booking in one room. What the room service billed to
// the room is total − price.
type accom struct {
	id                 int
	booking            *booking
	room               *room
	arrival, departure time.Time
	total, price       Fen
	status, checkout   int
	served             Fen // what the speakers' finished orders come to
}

// serviceOrder is an order placed in a room.
type serviceOrder struct {
	id, group                        string
	room                             *room
	guest                            person
	checkin                          int
	biz, second                      string
	status, source, delivery, reason string
	lines                            []serviceLine
	quantity                         int
	amount                           Fen
	created, finished, canceled      time.Time
	invoice                          bool
}

type serviceLine struct {
	id, name      string
	price, amount Fen
	quantity      int
}

// accessStay is what the door locks know of a stay.
type accessStay struct {
	id, number, source string
	room               *room
	start, finish      time.Time
	state              string
	guests             []person
}

// shopOrder is a retail order.
type shopOrder struct {
	id, front, main, source    string
	platform, store            named
	orderType                  named
	state, cancelReason        string
	reissue, responsible       string
	refunded                   bool
	customer                   person
	created, modified          time.Time
	due, finished              time.Time // due: latest promised delivery
	undated                    bool      // no time of its creation or payment is answered
	lines                      []*shopLine
	favs                       []fav
	goods, gross               Fen // real_total, orig_total
	payType, payState          string
	amount, freight            Fen
	packaging, other           Fen
	cod, earnest               Fen
	paidAt                     time.Time
	payments                   []payment
	settle                     Fen
	settleGiven                bool
	commission, performance    Fen
	settleFreight, shopAmount  Fen
	deliveryType, deliverState string
	carrier                    named
	carrierState, carrierType  string
	waybills                   []waybill
	invoice                    Fen // 0: none asked for
	person                     bool
}

type shopLine struct {
	product                 *product
	quantity                milli
	price                   Fen // unit_price
	total, discount, apport Fen
	pay                     Fen
	settle, platform, shop  Fen
	agent                   Fen
	settlePrice             int64 // in ten-thousandths of a yuan; 0: not given
	favs                    []fav
	gift                    bool
}

// fav is a discount and who bears it; shop + platform + agent = amount.
type fav struct {
	id, name              string
	amount                Fen
	shop, platform, agent Fen
}

type payment struct {
	code, name, flow, external string
	amount, discount           Fen
}

type waybill struct {
	id      string
	freight Fen
}

// courierOrder is a delivery by the courier.
type courierOrder struct {
	no, shopOrder                 string
	status                        string
	carriage, distance, weight    Fen
	surcharge, special            Fen
	before, preferential, pay     Fen
	tipAtCreation, tipTotal       Fen
	tipCount                      int
	tips                          []tip
	events                        []event
	created                       time.Time
	worker                        person
	kilometres, minutes           int
	inRegister, knownToTheCourier bool
	payText                       string // what stands in the place of pay, where that is no amount
}

type tip struct {
	no     string
	amount Fen
	at     time.Time
}

type event struct {
	status, text string
	at           time.Time
}

type reminder struct {
	id, order, platform string
	store               named
	count               int
	at, replied         time.Time
	state               string
}
