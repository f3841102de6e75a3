package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/extract"
)

// openedAccount is an account of the file, enabled or not, with its place there.
type openedAccount struct {
	source, name string
	tenancy      extract.Tenancy
	login        string
	at           *node
	path         string
	settings     any // what the driver had the account decoded into, and completed
}

// identify says whose orders an account reads and read before, and refuses a second
// one that reads the same.
func (l *loader) identify(a *Account, n *node, path string, settings any) {
	a.Tenancy = a.Source.Tenancy()
	if id := n.get("auth").get("client_id"); a.Tenancy.Tenant == "" && id != nil && id.value != "" {
		// The log-in alone tells. Its id is no secret, and yet nobody's business.
		sum := sha256.Sum256([]byte(id.value))
		a.Tenancy.Tenant = "auth.client_id " + hex.EncodeToString(sum[:6])
	}
	l.movedFrom(a, path)
	one := openedAccount{a.Driver.Name, a.Name, a.Tenancy, loginOf(n.get("auth")), n, path, settings}
	l.refuseTwice(&one)
	l.opened = append(l.opened, one)
}

// movedFrom reads where an account was before.
func (l *loader) movedFrom(a *Account, path string) {
	for i, text := range a.Source.Settings().MovedFrom {
		from := extract.ParseTenancy(text)
		if from.Tenant == "" {
			from.Tenant = a.Tenancy.Tenant
		}
		if from.Address == "" || from.Same(a.Tenancy) {
			key := item(join(path, "moved_from"), i)
			l.add(l.root.locate(key), key, "%q is where the account is now, or nowhere: write the address that it had before, and its tenant if that was another, as \"old.example %s\"", text, a.Tenancy.Tenant)
			continue
		}
		a.MovedFrom = append(a.MovedFrom, from)
	}
}

// refuseTwice refuses an account that reads what another one reads: every order
// would be in the books twice, whether both are asked every night or one is
// disabled and has its rows. Where no tenant is named the log-in tells.
func (l *loader) refuseTwice(one *openedAccount) {
	for _, o := range l.opened {
		if o.source != one.source || o.name == one.name || !o.tenancy.Overlaps(one.tenancy) || one.tenancy.Tenant == "" && o.login != one.login {
			continue
		}
		l.add(one.at, one.path, "%s reads the same orders as %s (line %d), %s: each would be in the books twice. Keep one of the two, with the other's name under its aliases if that is an earlier one",
			one.name, o.name, o.at.line, one.tenancy)
	}
}

// splits finds the accounts of whose orders others take a part, by the names
// that they have now.
func (l *loader) splits() {
	for _, accounts := range [][]Account{l.config.Accounts, l.config.Idle} {
		for i := range accounts {
			a := &accounts[i]
			for n, name := range a.Source.Settings().SplitFrom {
				from := l.config.FindLanded(a.Driver.Name, name)
				if from == nil || from.Name == a.Name {
					key := l.pathOf(a) + fmt.Sprintf(".split_from[%d]", n)
					l.add(l.root.locate(key), key, "%s has no other account of that name: name the one that had these orders before, by its name or one of its aliases", a.Driver.Name)
					continue
				}
				if !slices.Contains(a.SplitFrom, from.Name) {
					a.SplitFrom = append(a.SplitFrom, from.Name)
				}
			}
		}
	}
}

// pathOf is where an account stands in the file.
func (l *loader) pathOf(a *Account) string {
	i := slices.IndexFunc(l.opened, func(o openedAccount) bool { return o.source == a.Driver.Name && o.name == a.Name })
	return l.opened[i].path
}

// loginOf is a log-in for comparison, whatever the order of its keys.
func loginOf(auth *node) string {
	if auth == nil {
		return ""
	}
	parts := []string{auth.value}
	for _, p := range auth.pairs {
		parts = append(parts, p.key+"="+loginOf(p.value))
	}
	for _, i := range auth.items {
		parts = append(parts, loginOf(i))
	}
	if auth.kind == mapping {
		slices.Sort(parts)
	}
	return strings.Join(parts, "\x1f")
}
