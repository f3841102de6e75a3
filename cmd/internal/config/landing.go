package config

import (
	"errors"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/sealed"
)

type landingSection struct {
	Keep extract.Duration `yaml:"keep"`
	// Recipient is one age recipient, or a list: whoever changes keys wants
	// two for a while.
	Recipient *node `yaml:"recipient"`
	// Identity is what age-keygen writes, with its comments or without.
	Identity string `yaml:"identity"`
}

const (
	recipientKey = "landing.recipient"
	identityKey  = "landing.identity"
)

// apply validates the section and puts it into the configuration.
func (s *landingSection) apply(c *Config, root *node, p *problems) {
	c.LandingKeep = time.Duration(s.Keep)
	if c.LandingKeep < 24*time.Hour {
		p.add(root.locate("landing.keep"), "landing.keep", "must be 1d or more: the landed answers are the evidence behind every figure")
	}
	before := len(p.found)
	s.recipients(&c.LandingKeys, p)
	if identity := root.locate(identityKey); s.Identity != "" && !p.told(identityKey) && !root.at(identityKey).unread {
		if err := c.LandingKeys.AddIdentities(s.Identity); err != nil {
			p.add(identity, identityKey, "%v", err)
		}
	}
	if len(p.found) > before {
		return
	}
	if err := c.LandingKeys.Check(); err != nil {
		key := recipientKey
		if errors.Is(err, sealed.ErrStrangeIdentity) {
			key = identityKey
		}
		p.add(root.locate(key), key, "%v", err)
	}
}

func (s *landingSection) recipients(keys *sealed.Keys, p *problems) {
	if s.Recipient == nil {
		return
	}
	list, path := []*node{s.Recipient}, func(int) string { return recipientKey }
	if s.Recipient.kind == sequence {
		list, path = s.Recipient.items, func(i int) string { return item(recipientKey, i) }
		if len(list) == 0 {
			p.add(s.Recipient, recipientKey, "is empty: name a recipient, or leave the key out to land without encryption")
		}
	}
	for i, n := range list {
		if p.told(path(i)) || !p.single(n, path(i)) {
			continue
		}
		if err := keys.AddRecipient(n.value); err != nil {
			p.add(n, path(i), "%v", err)
		}
	}
}

// told reports whether a problem of that key was noted before, as of a
// reference that cannot be read.
func (p *problems) told(key string) bool {
	return slices.ContainsFunc(p.found, func(f Problem) bool { return f.Key == key })
}
