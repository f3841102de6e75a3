package config

import (
	"strings"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// names reads what people call accounts, stores and channels.
func (l *loader) names(s namesSection) {
	l.config.Names = labels.Names{labels.Account: {}, labels.Store: s.Stores, labels.Channel: s.Channels}
	if s.Accounts == nil || s.Accounts.kind == null || !l.want(s.Accounts, "names.accounts", mapping) {
		return
	}
	for _, p := range s.Accounts.pairs {
		path := join("names.accounts", p.key)
		source, account, ok := strings.Cut(p.key, "/")
		if !ok {
			l.add(p.at, path, "must be source/account, such as soms/retail")
			continue
		}
		var name string
		if !l.decode(p.value, path, &name) {
			continue
		}
		id := ledger.AccountID{Source: source, Account: account}
		if now := l.config.FindLanded(source, account); now != nil {
			id = now.ID() // it stands under its earlier name here
		}
		// An account that was taken out of the file may still have rows.
		l.config.Names[labels.Account][id.String()] = name
	}
}

// roomsAvailable checks the number of rooms that a link states: it is that of
// one PMS.
func (l *loader) roomsAvailable(link *Link, entry *node, path string) {
	at := entry.get("rooms_available")
	if at == nil {
		return
	}
	if link.RoomsAvailable < 1 || link.RoomsAvailable > 100_000 {
		l.add(at, join(path, "rooms_available"), "must be from 1 to 100000 rooms")
	}
	if _, n := link.PMS(l.options.Drivers); n != 1 {
		l.add(at, join(path, "rooms_available"), "is the number of rooms of one hotel, and the link names %d accounts of a PMS: name one in each link", n)
	}
}

// PMS is the account of a property management system that the link names, and
// how many there are.
func (link *Link) PMS(drivers []extract.Driver) (first ledger.AccountID, n int) {
	for i := range drivers {
		if drivers[i].Role != extract.PMS {
			continue
		}
		for _, account := range link.Accounts[drivers[i].Name] {
			if n++; n == 1 {
				first = ledger.AccountID{Source: drivers[i].Name, Account: account}
			}
		}
	}
	return first, n
}
