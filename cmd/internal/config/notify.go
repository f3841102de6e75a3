package config

import (
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/cmd/internal/notify"
)

// notify reads whom to tell how nights end.
func (l *loader) notify(n *node) {
	if n == nil || n.kind == null || !l.want(n, "notify", sequence) {
		return
	}
	names := map[string]*node{}
	for i, entry := range n.items {
		path := item("notify", i)
		var s notify.Settings
		if !l.decode(entry, path, &s) || l.toldBelow(path) {
			continue
		}
		var keys []string
		for _, p := range entry.pairs {
			if p.value.kind != null {
				keys = append(keys, p.key)
			}
		}
		channel, err := s.Open(keys, l.config.Dir)
		if err != nil {
			l.openProblems(err, entry, path, len(l.found))
			continue
		}
		if first := names[channel.Name]; first != nil {
			l.add(entry.locate("name"), join(path, "name"), "is the name that the channel in line %d has already (a channel without one is called by its kind): give each a name of its own", first.line)
		}
		names[channel.Name] = entry
		l.config.Notify = append(l.config.Notify, channel)
	}
}

// toldBelow reports whether a problem of a key below path was noted, as of a
// reference that cannot be read.
func (p *problems) toldBelow(path string) bool {
	return slices.ContainsFunc(p.found, func(f Problem) bool { return strings.HasPrefix(f.Key, path+".") })
}
