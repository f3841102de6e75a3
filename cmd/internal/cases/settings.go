package cases

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/nightaudit/nightaudit/transform/ledger"
)

// standIn takes the place of a secret, and of the name by which an account logs in.
const standIn = "made-up"

// The keys of a configuration that a case has. Folders are the case's own; who is told of
// nights, and by which names workbooks call things, is nobody else's business.
var (
	takenKeys = []string{"version", "timezone", "business_day_start", "pii", "sources", "links"}
	ownKeys   = yaml.MapSlice{
		{Key: "data_dir", Value: "./data"},
		{Key: "publish", Value: yaml.MapSlice{{Key: "dir", Value: "./published"}}},
		{Key: "report", Value: yaml.MapSlice{{Key: "dir", Value: "./reports"}, {Key: "language", Value: "en"}}},
	}
)

// settings writes the configuration of the case: that of its accounts, and of those that
// are tied to them, for what an order is depends on these.
func (m *maker) settings() error {
	shown, err := m.cfg.InForce(0)
	if err != nil {
		return err
	}
	value, err := shown.MarshalYAML()
	if err != nil {
		return err
	}
	whole, ok := value.(yaml.MapSlice)
	if !ok {
		return fmt.Errorf("the configuration in force is a %T", value)
	}
	tied := m.tied(whole)
	taken := slices.Clone(ownKeys)
	for _, item := range whole {
		key, _ := item.Key.(string)
		if !slices.Contains(takenKeys, key) {
			continue
		}
		switch key {
		case "sources":
			item.Value = m.sourcesOf(item.Value, tied)
		case "links":
			item.Value = m.linksOf(item.Value, tied)
		}
		if v := m.harmless(key, item.Value); v != nil {
			taken = append(taken, yaml.MapItem{Key: key, Value: v})
		}
	}
	data, err := yaml.Marshal(taken)
	if err != nil {
		return fmt.Errorf("write the case's configuration: %w", err)
	}
	return os.WriteFile(filepath.Join(m.made.Dir, settingsPath), append([]byte("# The configuration of a case, without secrets: see "+readmePath+".\n"), data...), 0o600)
}

// tied are the accounts of the case and those that links, and shops of couriers, tie to
// them, as far as that goes.
func (m *maker) tied(whole yaml.MapSlice) map[ledger.AccountID]bool {
	tied := map[ledger.AccountID]bool{}
	for _, id := range m.asked.Accounts {
		tied[id] = true
	}
	var groups [][]ledger.AccountID
	for _, l := range m.cfg.Links {
		var group []ledger.AccountID
		for source, accounts := range l.Accounts {
			for _, account := range accounts {
				group = append(group, ledger.AccountID{Source: source, Account: account})
			}
		}
		groups = append(groups, group)
	}
	for id, account := range accountsIn(member(whole, "sources")) {
		if shop, ok := member(member(account, "from_soms"), "account").(string); ok {
			groups = append(groups, []ledger.AccountID{id, {Source: "soms", Account: shop}})
		}
		for _, from := range list(member(account, "split_from")) {
			groups = append(groups, []ledger.AccountID{id, {Source: id.Source, Account: fmt.Sprint(from)}})
		}
	}
	for before := -1; before != len(tied); {
		before = len(tied)
		for _, group := range groups {
			if slices.ContainsFunc(group, func(id ledger.AccountID) bool { return tied[id] }) {
				for _, id := range group {
					tied[id] = true
				}
			}
		}
	}
	return tied
}

// member is a value of a mapping, nil where there is none.
func member(mapping any, key string) any {
	items, _ := mapping.(yaml.MapSlice)
	for _, item := range items {
		if item.Key == key {
			return item.Value
		}
	}
	return nil
}

func list(v any) []any {
	items, _ := v.([]any)
	return items
}

// accountsIn are the accounts of the configuration's sources.
func accountsIn(sources any) map[ledger.AccountID]any {
	all := map[ledger.AccountID]any{}
	items, _ := sources.(yaml.MapSlice)
	for _, source := range items {
		for _, account := range list(source.Value) {
			all[accountIn(source.Key, account)] = account
		}
	}
	return all
}

func accountIn(source, account any) ledger.AccountID {
	return ledger.AccountID{Source: fmt.Sprint(source), Account: fmt.Sprint(member(account, "account"))}
}

// sourcesOf are the accounts of the case, by all names that their answers are landed
// under.
func (m *maker) sourcesOf(sources any, tied map[ledger.AccountID]bool) yaml.MapSlice {
	var kept yaml.MapSlice
	items, _ := sources.(yaml.MapSlice)
	for _, source := range items {
		accounts := slices.DeleteFunc(slices.Clone(list(source.Value)), func(a any) bool { return !tied[accountIn(source.Key, a)] })
		for i := range accounts {
			accounts[i] = m.withEarlier(accountIn(source.Key, accounts[i]), accounts[i])
		}
		if len(accounts) > 0 {
			kept = append(kept, yaml.MapItem{Key: source.Key, Value: accounts})
		}
	}
	return kept
}

// withEarlier gives an account the names as aliases that it had when its answers were
// landed: a case has no journal that says what became of them.
func (m *maker) withEarlier(id ledger.AccountID, account any) any {
	items, _ := account.(yaml.MapSlice)
	aliases := slices.Clone(list(member(items, "aliases")))
	for earlier, now := range m.asked.Earlier {
		if earlier.Source == id.Source && now == id.Account && m.cfg.FindLanded(earlier.Source, earlier.Account) == nil {
			aliases = append(aliases, earlier.Account)
		}
	}
	if aliases == nil {
		return account
	}
	slices.SortFunc(aliases, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	items = slices.DeleteFunc(slices.Clone(items), func(i yaml.MapItem) bool { return i.Key == "aliases" })
	return append(items, yaml.MapItem{Key: "aliases", Value: aliases})
}

// linksOf are the links of which all accounts are in the case. Rooms have other names in
// it, here as in the answers.
func (m *maker) linksOf(links any, tied map[ledger.AccountID]bool) any {
	var kept []any
	for _, link := range list(links) {
		items, _ := link.(yaml.MapSlice)
		items = slices.Clone(items)
		inside := false
		for i, item := range items {
			for _, account := range list(item.Value) {
				inside = inside || tied[ledger.AccountID{Source: fmt.Sprint(item.Key), Account: fmt.Sprint(account)}]
			}
			if item.Key == "rooms" {
				items[i].Value = m.rooms(item.Value)
			}
		}
		if inside {
			kept = append(kept, items)
		}
	}
	if kept == nil {
		return nil
	}
	return kept
}

func (m *maker) rooms(rooms any) yaml.MapSlice {
	items, _ := rooms.(yaml.MapSlice)
	var named yaml.MapSlice
	for _, room := range items {
		named = append(named, yaml.MapItem{Key: m.made.known.hidden(fmt.Sprint(room.Key)), Value: m.made.known.hidden(fmt.Sprint(room.Value))})
	}
	return named
}

// logins are the keys that name who logs in.
var logins = []string{"username", "client_id"}

// harmless is a value without secrets, without references to secrets and to the
// environment, and without the folders of the machine.
func (m *maker) harmless(key string, value any) any {
	switch v := value.(type) {
	case yaml.MapSlice:
		kept := yaml.MapSlice{}
		for _, item := range v {
			name := fmt.Sprint(item.Key)
			kept = append(kept, yaml.MapItem{Key: item.Key, Value: m.harmless(name, item.Value)})
		}
		return kept
	case []any:
		kept := []any{}
		for _, item := range v {
			kept = append(kept, m.harmless(key, item))
		}
		return kept
	case string:
		switch {
		case strings.Contains(v, "${"), strings.Trim(v, "*") == "" && v != "", slices.Contains(logins, key):
			return standIn
		case filepath.IsAbs(v):
			return "./" + filepath.Base(v)
		}
		return m.made.known.scrubbed(v)
	}
	return value
}

// checkSettings refuses a configuration that no case has: one that somebody else wrote may
// lead to folders, secrets and channels of whoever opens it.
func checkSettings(data []byte) error {
	var whole yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(data, &whole, yaml.UseOrderedMap()); err != nil {
		return fmt.Errorf("%s is no YAML: %w", settingsPath, err)
	}
	for _, item := range whole {
		key := fmt.Sprint(item.Key)
		own := member(ownKeys, key)
		if own == nil && !slices.Contains(takenKeys, key) {
			return fmt.Errorf("%s has %s, which no case has", settingsPath, key)
		}
		if own != nil && fmt.Sprint(own) != fmt.Sprint(item.Value) {
			return fmt.Errorf("%s has another %s than cases have", settingsPath, key)
		}
	}
	if strings.Contains(string(data), "${") {
		return fmt.Errorf("%s refers to what stands elsewhere, which no case does", settingsPath)
	}
	return nil
}
