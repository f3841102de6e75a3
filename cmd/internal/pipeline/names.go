package pipeline

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/labels"
)

// enterNames enters what the configuration calls accounts, stores and channels,
// and how many rooms its hotels have.
func (r *runner) enterNames(ctx context.Context) error {
	drivers := make([]extract.Driver, 0, len(r.cfg.Accounts))
	for _, a := range r.cfg.Accounts {
		drivers = append(drivers, *a.Driver)
	}
	var rooms []load.HotelRooms
	for _, link := range r.cfg.Links {
		if link.RoomsAvailable == 0 {
			continue
		}
		if hotel, n := link.PMS(drivers); n > 0 {
			rooms = append(rooms, load.HotelRooms{AccountID: hotel, Available: link.RoomsAvailable})
		}
	}
	return r.warehouse.EnterNames(ctx, namesOf(r.cfg.Names), rooms)
}

// namesOf lists the configuration's names, in an order of their own.
func namesOf(names labels.Names) []load.Name {
	var list []load.Name
	for _, kind := range slices.Sorted(maps.Keys(names)) {
		for _, code := range slices.Sorted(maps.Keys(names[kind])) {
			n := load.Name{Kind: kind, Code: code, Name: names[kind][code]}
			if kind == labels.Account {
				n.Source, n.Code, _ = strings.Cut(code, "/")
			}
			list = append(list, n)
		}
	}
	return list
}
