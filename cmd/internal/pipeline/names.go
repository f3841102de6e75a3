package pipeline

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform/ledger"
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
func namesOf(n config.Names) []load.Name {
	var list []load.Name
	accounts := slices.SortedFunc(maps.Keys(n.Accounts), func(a, b ledger.AccountID) int {
		return strings.Compare(a.String(), b.String())
	})
	for _, a := range accounts {
		list = append(list, load.Name{Kind: "account", Source: a.Source, Code: a.Account, Name: n.Accounts[a]})
	}
	for _, code := range slices.Sorted(maps.Keys(n.Stores)) {
		list = append(list, load.Name{Kind: "store", Code: code, Name: n.Stores[code]})
	}
	for _, code := range slices.Sorted(maps.Keys(n.Channels)) {
		list = append(list, load.Name{Kind: "channel", Code: code, Name: n.Channels[code]})
	}
	return list
}
