package config

import (
	"time"

	"github.com/nightaudit/nightaudit/transform/ledger"
)

// accountZones notes which accounts have a time zone of their own. It is read
// from the tree, for a command that only reads what was published opens no
// account and yet shows its times. What is wrong here is told where the
// account is opened.
func (l *loader) accountZones() {
	l.config.zones = map[ledger.AccountID]*time.Location{}
	sources := l.root.get("sources")
	if sources == nil {
		return
	}
	for _, source := range sources.pairs {
		for _, account := range source.value.items {
			name, zone := account.get("account"), account.get("timezone")
			if name == nil || zone == nil || zone.value == "" {
				continue
			}
			if location, err := time.LoadLocation(zone.value); err == nil {
				l.config.zones[ledger.AccountID{Source: source.key, Account: name.value}] = location
			}
		}
	}
}

// AccountZone is the time zone of an account: its own, else the
// configuration's.
func (c *Config) AccountZone(source, account string) *time.Location {
	if zone, ok := c.zones[ledger.AccountID{Source: source, Account: account}]; ok {
		return zone
	}
	return c.Zone
}
