package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
)

// wanted is what a starter is to hold besides its defaults.
type wanted struct {
	drivers  []extract.Driver  // that there are
	accounts []*starterAccount // nil: an example of each source
}

// starterAccount is a source's example with what is known of the account.
type starterAccount struct {
	driver    *extract.Driver
	edits     []config.Edit // of the account as the example names it
	asExample []string      // what stands as the example has it, and is mostly otherwise
}

// add takes one more account of a source. A second one gets another name than the
// example's.
func (w *wanted) add(source string) *starterAccount {
	i := slices.IndexFunc(w.drivers, func(d extract.Driver) bool { return d.Name == source })
	one := &starterAccount{driver: &w.drivers[i]}
	if n := len(w.of(source)); n > 0 {
		one.edit("account", strconv.Quote(fmt.Sprintf("%s-%d", one.example(), n+1)))
	}
	w.accounts = append(w.accounts, one)
	return one
}

// of are the accounts of a source.
func (w *wanted) of(source string) (of []*starterAccount) {
	for _, one := range w.accounts {
		if one.driver.Name == source {
			of = append(of, one)
		}
	}
	return of
}

func (w *wanted) names() (names []string) {
	for i := range w.drivers {
		names = append(names, w.drivers[i].Name)
	}
	return names
}

// apply writes the starter, sources in the order of the drivers.
func (w *wanted) apply() (string, error) {
	if w.accounts == nil {
		return starter(w.drivers), nil
	}
	var b strings.Builder
	b.WriteString(starterHeader)
	for _, source := range w.names() {
		for i, one := range w.of(source) {
			text, err := one.apply()
			if err != nil {
				return "", err
			}
			if i == 0 {
				fmt.Fprintf(&b, "  %s:\n", source)
			}
			b.WriteString(text)
		}
	}
	b.WriteString(starterFooter)
	return b.String(), nil
}

// apply writes one account, as an item of its source's list.
func (one *starterAccount) apply() (string, error) {
	// A new name comes last: until then the account is found under the example's.
	slices.SortStableFunc(one.edits, func(a, b config.Edit) int { return boolToInt(a.Key == "account") - boolToInt(b.Key == "account") })
	head := "sources:\n  " + one.driver.Name + ":\n"
	text, _, err := config.Apply([]byte(head+exampleText(one.driver)), one.edits)
	return strings.TrimPrefix(string(text), head), err
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// keys are those of the account as they stand now, without those that are left out.
func (one *starterAccount) keys() ([]config.Key, error) {
	text, err := one.apply()
	if err != nil {
		return nil, err
	}
	return config.KeysOf([]byte("sources:\n  "+one.driver.Name+":\n"+text), one.driver.Name, one.name())
}

// name is what the account is called so far.
func (one *starterAccount) name() string {
	name := one.example()
	for _, e := range one.edits {
		if e.Key == "account" && yaml.Unmarshal([]byte(e.Value), &name) != nil {
			return ""
		}
	}
	return name
}

// example is what the example calls the account.
func (one *starterAccount) example() string {
	var accounts []struct {
		Account string `yaml:"account"`
	}
	if yaml.Unmarshal([]byte(one.driver.ExampleConfig), &accounts) != nil || len(accounts) == 0 {
		return ""
	}
	return accounts[0].Account
}

// edit gives a key another value, which is YAML; what was said of it before is void.
func (one *starterAccount) edit(key, value string) {
	one.edits = slices.DeleteFunc(one.edits, func(e config.Edit) bool { return e.Key == key })
	one.edits = append(one.edits, config.Edit{Source: one.driver.Name, Account: one.example(), Key: key, Value: value})
}

// kept notes that a key is left as the example has it. Names, places of secrets and
// addresses that are the vendor's own are good for most.
func (one *starterAccount) kept(key, value string) {
	if key != "account" && !config.IsReference(value) && (key != "base_url" || strings.HasSuffix(value, ".example")) {
		one.asExample = append(one.asExample, one.driver.Name+" "+key+" "+value)
	}
}

var errSecret = errors.New("the secret itself does not belong into the file: name the environment variable that holds it, as SOMS_PASSWORD, or a file, as secrets/soms")

// set takes the value of a key as it was typed, if a configuration with it is one.
func (w *wanted) set(one *starterAccount, key config.Key, typed string) error {
	value := strings.Trim(strings.TrimSpace(typed), `"'`)
	if key.Secret {
		if value = place(value); value == "" {
			return errSecret
		}
	}
	before := slices.Clone(one.edits)
	one.edit(key.Path, written(key.Value, value))
	err := w.problem(one, key.Path)
	if err == nil {
		err = one.holdsNoSecret()
	}
	if err != nil {
		one.edits = before
	}
	return err
}

// holdsNoSecret refuses a section that holds a secret itself.
func (one *starterAccount) holdsNoSecret() error {
	keys, err := one.keys()
	if err != nil {
		return err
	}
	for _, k := range keys {
		if k.Secret && !config.IsReference(strings.Trim(k.Value, `"'`)) {
			return errSecret
		}
	}
	return nil
}

// written is a typed value as YAML: a list or section as it is, a number, true or false
// only where it looks like one and one stood there before, or nothing did.
func written(before, value string) string {
	if strings.HasPrefix(value, "[") || strings.HasPrefix(value, "{") {
		return value
	}
	bare := value == "true" || value == "false"
	if _, err := strconv.ParseInt(value, 10, 64); err == nil {
		bare = true
	}
	if _, err := strconv.ParseInt(before, 10, 64); bare && (before == "" || err == nil) {
		return value
	}
	return strconv.Quote(value)
}

// problem is what the reader of configurations has to say of a key. Where secrets
// lie, there is nothing yet.
func (w *wanted) problem(one *starterAccount, key string) (err error) {
	text, err := w.apply()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "nightaudit-init-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, defaultConfig)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	_, err = config.Load(file, config.Options{Drivers: w.drivers, Lenient: true})
	var all *config.Error
	if !errors.As(err, &all) {
		return err
	}
	path := fmt.Sprintf("sources.%s[%d].%s", one.driver.Name, slices.Index(w.of(one.driver.Name), one), key)
	for _, p := range all.Problems {
		if p.Key == path {
			return errors.New(p.Text)
		}
	}
	return nil
}

var variableName = regexp.MustCompile(`^\$?([A-Z][A-Z0-9_]*)$`)

// place is the reference to where a secret is, however it was typed; "" for what is
// no place.
func place(typed string) string {
	if config.IsReference(typed) {
		return typed
	}
	if name := variableName.FindStringSubmatch(typed); name != nil {
		return "${" + name[1] + "}"
	}
	if below, ok := strings.CutPrefix(typed, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			typed = filepath.Join(home, below)
		}
	}
	if strings.Contains(typed, "/") && !strings.ContainsAny(typed, "{} ") {
		return "${file:" + typed + "}"
	}
	return ""
}

// fromFlags takes --source and --set.
func (w *wanted) fromFlags(sources, sets []string) error {
	for i, s := range sources {
		switch {
		case !slices.Contains(w.names(), s):
			return usage(fmt.Sprintf("--source %q is none", s), didYouMean(config.Nearest(s, w.names()))+"the sources are "+strings.Join(w.names(), ", "))
		case slices.Contains(sources[:i], s):
			return usage("--source "+s+" is given twice", "copy the account in the file for another one, or answer the questions of nightaudit init on a terminal")
		}
		w.add(s)
	}
	for _, set := range sets {
		path, value, ok := strings.Cut(set, "=")
		source, key, below := strings.Cut(path, ".")
		if !ok || !below || !slices.Contains(sources, source) {
			return usage("--set takes SOURCE.KEY=VALUE of a --source that is given", "--source soms --set soms.base_url=https://soms.example")
		}
		if err := w.setFlag(w.of(source)[0], key, value); err != nil {
			return usage("--set "+path+": "+err.Error(), "")
		}
	}
	return nil
}

// setFlag sets a key that the example has, or one that stands in it as a comment.
func (w *wanted) setFlag(one *starterAccount, key, value string) error {
	keys, err := one.keys()
	if err != nil {
		return err
	}
	k := config.Key{Path: key, Secret: config.IsSecret(key)}
	if i := slices.IndexFunc(keys, func(k config.Key) bool { return k.Path == key }); i >= 0 {
		k = keys[i]
	}
	return w.set(one, k, value)
}
