package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// sources opens the accounts of every source, in the order of the drivers.
func (l *loader) sources(n *node) {
	if n == nil || (n.kind == mapping && len(n.pairs) == 0) {
		l.add(l.root.locate("sources"), "sources", "is missing or empty: add a source with an account; nightaudit init shows how")
		return
	}
	if !l.want(n, "sources", mapping) {
		return
	}
	names := make([]string, len(l.options.Drivers))
	for i := range l.options.Drivers {
		names[i] = l.options.Drivers[i].Name
	}
	for _, p := range n.pairs {
		if !slices.Contains(names, p.key) {
			hint := "the sources are " + strings.Join(names, ", ")
			if near := Nearest(p.key, names); near != "" {
				hint = fmt.Sprintf("did you mean %s?", near)
			}
			l.add(p.at, join("sources", p.key), "unknown source: %s", hint)
		}
	}
	for i := range l.options.Drivers {
		driver := &l.options.Drivers[i]
		list := n.get(driver.Name)
		path := join("sources", driver.Name)
		if list == nil || list.kind == null || !l.want(list, path, sequence) {
			continue
		}
		taken := map[string]*node{}
		for i, account := range list.items {
			path := item(path, i)
			if l.want(account, path, mapping) {
				l.open(driver, account, path, taken)
			}
		}
	}
	if len(l.config.Accounts) == 0 && len(l.found) == 0 {
		l.add(n, "sources", "hold no enabled account: add one, or set enabled: true")
	}
}

func (l *loader) open(driver *extract.Driver, n *node, path string, taken map[string]*node) {
	// The name is checked whatever else is wrong, so that two accounts of one
	// name are told at once.
	name := l.accountNames(n, path, taken)
	env := l.env
	env.Log = env.Logger().With("source", driver.Name, "account", name)
	before := len(l.found)
	var settings any
	account, err := driver.Open(func(into any) error {
		settings = into
		if !l.decode(n, path, into) {
			return errReported
		}
		return nil
	}, env)
	if err != nil {
		l.openProblems(err, n, path, before)
		return
	}
	if settings == nil || account == nil {
		l.add(n, path, "source %s returned no account", driver.Name)
		return
	}
	if knows, ok := account.(extract.KnowsFrom); ok {
		l.knownFrom(knows, n, path)
	}
	opened := Account{Driver: driver, Name: name, Aliases: account.Settings().Aliases, Source: account}
	l.identify(&opened, n, path, settings)
	if !account.Settings().IsEnabled() {
		l.config.Disabled = append(l.config.Disabled, opened.ID())
		l.config.Idle = append(l.config.Idle, opened)
		return
	}
	l.config.Accounts = append(l.config.Accounts, opened)
}

// retired reads which accounts are in the file no longer on purpose.
func (l *loader) retired(names []string) {
	for i, name := range names {
		path := item("retired", i)
		source, account, ok := strings.Cut(name, "/")
		id := ledger.AccountID{Source: source, Account: account}
		switch {
		case !ok || source == "" || account == "":
			l.add(l.root.locate(path), path, "names no account: write source/account, as soms/retail")
		case l.config.Knows(id):
			l.add(l.root.locate(path), path, "is in the configuration too: take it out here, or there")
		default:
			l.config.Retired = append(l.config.Retired, id)
		}
	}
}

// knownFrom checks that the account exists whose orders give this one its
// numbers.
func (l *loader) knownFrom(account extract.KnowsFrom, n *node, path string) {
	q, ok := account.KnownFrom()
	if !ok {
		return
	}
	names := l.accountsOf(q.Source)
	if slices.Contains(names, q.Account) {
		return
	}
	key := "from_" + q.Source + ".account"
	hint := "there is none: add it under sources." + q.Source + ", or leave from_" + q.Source + " out"
	if len(names) > 0 {
		hint = "there are " + strings.Join(names, ", ")
	}
	l.add(n.locate(key), join(path, key), "names no account of %s: %s", q.Source, hint)
}

// openProblems puts a driver's complaint at the line of its key.
func (l *loader) openProblems(err error, n *node, path string, before int) {
	var all interface{ Unwrap() []error }
	if errors.As(err, &all) {
		for _, one := range all.Unwrap() {
			l.openProblems(one, n, path, before)
		}
		return
	}
	var key *extract.KeyError
	switch {
	case errors.As(err, &key):
		if at := n.at(key.Key); at != nil && at.unread {
			return // what stands there is not the value
		}
		l.add(n.locate(key.Key), join(path, key.Key), "%s", key.Problem)
	case errors.Is(err, errReported) && len(l.found) > before:
	default:
		l.add(n, path, "%v", err)
	}
}

// accountNames checks an account's name and its earlier names.
func (l *loader) accountNames(n *node, path string, taken map[string]*node) string {
	check := func(at *node, path string) {
		if at == nil || at.kind != textual && at.kind != plain || at.value == "" {
			return // the driver says that it is missing
		}
		if problem := nameProblem(at.value); problem != "" {
			l.add(at, path, "%s", problem)
		}
		// Names become folders, and not every file system tells A from a.
		key := strings.ToLower(at.value)
		if first := taken[key]; first != nil {
			l.add(at, path, "has the name that line %d has already: give each account of a source a name of its own", first.line)
			return
		}
		taken[key] = at
	}
	name := n.get("account")
	check(name, join(path, "account"))
	if aliases := n.get("aliases"); aliases != nil {
		for i, alias := range aliases.items {
			check(alias, item(join(path, "aliases"), i))
		}
	}
	if name == nil {
		return ""
	}
	return name.value
}

// nameProblem says what keeps a text from being an account's name: names are
// part of file names and of keys.
func nameProblem(name string) string {
	const longest = 64
	if len(name) > longest {
		return fmt.Sprintf("is longer than %d bytes: shorten it", longest)
	}
	for i, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && (i == 0 || !strings.ContainsRune("-_.", r)) {
			return "must consist of letters, digits, - _ and . and start with a letter or a digit"
		}
	}
	return ""
}

// links reads which accounts are the same place.
func (l *loader) links(n *node) {
	if n == nil || n.kind == null || !l.want(n, "links", sequence) {
		return
	}
	known := []string{"name", "rooms", "rooms_available"}
	for i := range l.options.Drivers {
		known = append(known, l.options.Drivers[i].Name)
	}
	names := map[string]*node{}
	for i, entry := range n.items {
		path := item("links", i)
		if !l.want(entry, path, mapping) {
			continue
		}
		link := Link{Accounts: map[string][]string{}}
		for _, p := range entry.pairs {
			inner := join(path, p.key)
			switch {
			case !slices.Contains(known, p.key):
				l.unknownKey(p, path, known)
			case p.key == "name":
				l.decode(p.value, inner, &link.Name)
			case p.key == "rooms":
				l.decode(p.value, inner, &link.Rooms)
			case p.key == "rooms_available":
				l.decode(p.value, inner, &link.RoomsAvailable)
			default:
				link.Accounts[p.key] = l.linked(p.key, p.value, inner)
			}
		}
		if first := names[link.Name]; first != nil {
			l.add(entry.locate("name"), join(path, "name"), "has the name that line %d has already: give each link a name of its own", first.line)
		}
		names[link.Name] = entry
		if link.Name == "" {
			l.add(entry, join(path, "name"), "is missing: name the place that these accounts share")
		}
		l.roomsAvailable(&link, entry, path)
		l.config.Links = append(l.config.Links, link)
	}
	l.markMemos()
}

// linked checks that the accounts a link names exist.
func (l *loader) linked(source string, n *node, path string) []string {
	var names []string
	if !l.decode(n, path, &names) {
		return nil
	}
	accounts := l.accountsOf(source)
	for i, name := range names {
		if !slices.Contains(accounts, name) {
			hint := "there is none: add it under sources." + source
			if len(accounts) > 0 {
				hint = "there are " + strings.Join(accounts, ", ")
			}
			l.add(n.items[i], item(path, i), "names no account of %s: %s", source, hint)
		}
	}
	return names
}

// accountsOf lists the accounts of a source as they stand in the file,
// whether or not they could be opened.
func (l *loader) accountsOf(source string) []string {
	var names []string
	if list := l.root.get("sources").get(source); list != nil {
		for _, account := range list.items {
			if name := account.get("account"); name != nil && name.value != "" && nameProblem(name.value) == "" {
				names = append(names, name.value)
			}
		}
	}
	return names
}

// markMemos finds the accounts whose room orders are billed by a property
// management system of the same place.
func (l *loader) markMemos() {
	pms := map[string]bool{}
	for i := range l.options.Drivers {
		pms[l.options.Drivers[i].Name] = l.options.Drivers[i].Role == extract.PMS
	}
	billed := func(link Link) bool {
		for source, names := range link.Accounts {
			if pms[source] && len(names) > 0 {
				return true
			}
		}
		return false
	}
	for _, accounts := range [][]Account{l.config.Accounts, l.config.Idle} {
		for i := range accounts {
			a := &accounts[i]
			a.MemoOnly = a.Driver.Role == extract.RoomOrders && slices.ContainsFunc(l.config.Links, func(link Link) bool {
				return slices.Contains(link.Accounts[a.Driver.Name], a.Name) && billed(link)
			})
		}
	}
}
