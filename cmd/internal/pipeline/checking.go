package pipeline

import (
	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/load/recon"
	"github.com/nightaudit/nightaudit/transform"
)

// checking is what the checks of a run are told of the configuration.
func (r *runner) checking(full bool) recon.Options {
	return recon.Options{
		Places: placesOf(r.cfg), Couriers: couriersOf(r.cfg),
		Zone: r.cfg.Zone.String(), Version: r.run.Version, Full: full,
	}
}

// placesOf are the configuration's links. Rooms whose names are masked or
// dropped can no longer be told apart: then nothing is compared by room.
func placesOf(cfg *config.Config) []recon.Place {
	if cfg.Privacy.Rooms != transform.Keep && cfg.Privacy.Rooms != transform.Hash {
		return nil
	}
	var places []recon.Place
	for _, link := range cfg.Links {
		p := recon.Place{Name: link.Name, Accounts: link.Accounts, Rooms: map[string]string{}}
		for theirs, pms := range link.Rooms {
			// Names stand in the database as the policy has them.
			p.Rooms[cfg.Privacy.RoomNo(theirs)] = cfg.Privacy.RoomNo(pms)
		}
		places = append(places, p)
	}
	return places
}

// couriersOf are the accounts that deliver another source's orders.
func couriersOf(cfg *config.Config) []recon.Courier {
	var couriers []recon.Courier
	for _, a := range cfg.Accounts {
		k, ok := a.Source.(extract.KnowsFrom)
		if !ok {
			continue
		}
		if q, ok := k.KnownFrom(); ok {
			couriers = append(couriers, recon.Courier{
				Source: a.Driver.Name, Account: a.Name, ShopSource: q.Source, ShopAccount: q.Account,
				Carriers: q.Carriers, Number: string(q.Key),
			})
		}
	}
	return couriers
}
