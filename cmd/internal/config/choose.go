package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/transform/ledger"
)

// ChoiceError is a wish for a source or an account that the configuration
// cannot grant.
type ChoiceError struct {
	Kind     string // source or account
	Name     string
	Disabled bool     // it is there, with enabled: false
	Now      string   // the name that an account of this earlier name has; "" where there is none
	Known    []string // the enabled accounts, as source/account
}

func (e *ChoiceError) Error() string {
	if e.Disabled {
		return fmt.Sprintf("the %s %s is disabled in the configuration", e.Kind, e.Name)
	}
	if e.Now != "" {
		return fmt.Sprintf("the account %s is called %s now", e.Name, e.Now)
	}
	return fmt.Sprintf("the %s %s chooses no account of the configuration, which has %s", e.Kind, e.Name, strings.Join(e.Known, ", "))
}

// Choose picks the accounts that have one of the sources and one of the names;
// an empty list restricts nothing. Every source and every name must choose an
// account, else the error is a *ChoiceError.
func (c *Config) Choose(sources, names []string) ([]Account, error) {
	var accounts []Account
	var known []string
	for _, a := range c.Accounts {
		known = append(known, a.Driver.Name+"/"+a.Name)
		if (len(sources) == 0 || slices.Contains(sources, a.Driver.Name)) && (len(names) == 0 || slices.Contains(names, a.Name)) {
			accounts = append(accounts, a)
		}
	}
	for _, s := range sources {
		if !slices.ContainsFunc(accounts, func(a Account) bool { return a.Driver.Name == s }) {
			disabled := slices.ContainsFunc(c.Disabled, func(d ledger.AccountID) bool { return d.Source == s })
			return nil, &ChoiceError{Kind: "source", Name: s, Disabled: disabled, Known: known}
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(accounts, func(a Account) bool { return a.Name == name }) {
			disabled := slices.ContainsFunc(c.Disabled, func(d ledger.AccountID) bool { return d.Account == name })
			return nil, &ChoiceError{Kind: "account", Name: name, Disabled: disabled, Now: c.nowCalled(name), Known: known}
		}
	}
	return accounts, nil
}

// nowCalled is what an account of an earlier name is called, "" where none had
// it.
func (c *Config) nowCalled(earlier string) string {
	for _, a := range c.Accounts {
		if slices.Contains(a.Aliases, earlier) {
			return a.Name
		}
	}
	return ""
}
