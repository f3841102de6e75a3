package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
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
	sources []string
	edits   []config.Edit // of each source's one account, as the example names it
}

// apply writes the starter of the sources that are wanted.
func (w *wanted) apply(drivers []extract.Driver) (string, error) {
	if w.sources != nil {
		drivers = slices.DeleteFunc(slices.Clone(drivers), func(d extract.Driver) bool { return !slices.Contains(w.sources, d.Name) })
	}
	// A new name comes last: until then the account is found under the example's.
	slices.SortStableFunc(w.edits, func(a, b config.Edit) int { return boolToInt(a.Key == "account") - boolToInt(b.Key == "account") })
	text, _, err := config.Apply([]byte(starter(drivers)), w.edits)
	return string(text), err
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// fromFlags takes --source and --set.
func (w *wanted) fromFlags(drivers []extract.Driver, sources, sets []string) error {
	names := driverNames(drivers)
	for _, s := range sources {
		if !slices.Contains(names, s) {
			return usage(fmt.Sprintf("--source %q is none", s), "the sources are "+strings.Join(names, ", "))
		}
	}
	w.sources = sources
	for _, set := range sets {
		path, value, ok := strings.Cut(set, "=")
		source, key, below := strings.Cut(path, ".")
		if !ok || !below || !slices.Contains(sources, source) {
			return usage("--set takes SOURCE.KEY=VALUE of a --source that is given", "--source soms --set soms.base_url=https://soms.example")
		}
		keys, err := exampleKeys(drivers, source)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(keys, func(k config.Key) bool { return k.Path == key })
		if i < 0 {
			return usage(fmt.Sprintf("--set: the starter's account of %s has no key %s", source, key), "write the file first and edit it")
		}
		if err := w.set(drivers, source, keys[i], value); err != nil {
			return usage("--set "+path+": "+err.Error(), "")
		}
	}
	return nil
}

func driverNames(drivers []extract.Driver) (names []string) {
	for i := range drivers {
		names = append(names, drivers[i].Name)
	}
	return names
}

// exampleKeys are the keys of a source's account in the starter.
func exampleKeys(drivers []extract.Driver, source string) ([]config.Key, error) {
	return config.KeysOf([]byte(starter(drivers)), source, exampleAccount(drivers, source))
}

func exampleAccount(drivers []extract.Driver, source string) string {
	i := slices.IndexFunc(drivers, func(d extract.Driver) bool { return d.Name == source })
	var accounts []struct {
		Account string `yaml:"account"`
	}
	if i < 0 || yaml.Unmarshal([]byte(drivers[i].ExampleConfig), &accounts) != nil || len(accounts) == 0 {
		return ""
	}
	return accounts[0].Account
}

var errSecret = errors.New("the secret itself does not belong into the file: name the environment variable that holds it, as ${SOMS_PASSWORD}, or a file, as ${file:secrets/soms}")

// set notes the value of a key, as it was typed.
func (w *wanted) set(drivers []extract.Driver, source string, key config.Key, typed string) error {
	value := strings.TrimSpace(typed)
	if key.Secret {
		if value = place(value); value == "" {
			return errSecret
		}
	}
	quoted := value
	if _, err := strconv.ParseInt(key.Value, 10, 64); err != nil || strings.ContainsFunc(value, func(r rune) bool { return r < '0' || r > '9' }) {
		quoted = strconv.Quote(value)
	}
	w.edits = append(w.edits, config.Edit{Source: source, Account: exampleAccount(drivers, source), Key: key.Path, Value: quoted})
	return nil
}

var variableName = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

// place is the reference to where a secret is, however it was typed; "" for what is
// no place.
func place(typed string) string {
	switch {
	case config.IsReference(typed):
		return typed
	case variableName.MatchString(typed):
		return "${" + typed + "}"
	case strings.Contains(typed, "/") && !strings.ContainsAny(typed, "{} "):
		return "${file:" + typed + "}"
	}
	return ""
}

// asker asks a person on a terminal.
type asker struct {
	in  *bufio.Scanner
	out io.Writer
}

var errNoAnswer = errors.New("the input ended before everything was answered")

// ask is what was answered, or otherwise where nothing was typed.
func (a *asker) ask(question, otherwise string) (string, error) {
	fmt.Fprintf(a.out, "%s [%s]: ", question, otherwise)
	if !a.in.Scan() {
		fmt.Fprintln(a.out)
		return "", errors.Join(errNoAnswer, a.in.Err())
	}
	if typed := strings.TrimSpace(a.in.Text()); typed != "" {
		return typed, nil
	}
	return otherwise, nil
}

// ask asks which sources there are, and of each where it is and how it is entered.
func (w *wanted) ask(a *asker, drivers []extract.Driver) error {
	names := driverNames(drivers)
	fmt.Fprintln(a.out, "Enter takes what stands in brackets. Secrets are not asked for, only where they are.")
	for w.sources == nil {
		typed, err := a.ask("Which systems do you have, of "+strings.Join(names, ", "), strings.Join(names, " "))
		if err != nil {
			return err
		}
		chosen := strings.FieldsFunc(typed, func(r rune) bool { return r == ' ' || r == ',' })
		if i := slices.IndexFunc(chosen, func(s string) bool { return !slices.Contains(names, s) }); i >= 0 {
			fmt.Fprintf(a.out, "  there is no %q%s\n", chosen[i], didYouMean(config.Nearest(chosen[i], names)))
			continue
		}
		w.sources = chosen
	}
	for i := range drivers {
		if !slices.Contains(w.sources, drivers[i].Name) {
			continue
		}
		if err := w.askAccount(a, drivers, &drivers[i]); err != nil {
			return err
		}
	}
	return nil
}

// askAccount asks for what every account of a source must have, and how it logs in.
func (w *wanted) askAccount(a *asker, drivers []extract.Driver, d *extract.Driver) error {
	required, err := config.Required(d)
	if err != nil {
		return err
	}
	keys, err := exampleKeys(drivers, d.Name)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "\n%s\n", d.Name)
	for _, key := range keys {
		if first, _, _ := strings.Cut(key.Path, "."); !slices.Contains(required, first) || key.Path == "auth.kind" {
			continue
		}
		for {
			now := strings.Trim(key.Value, `"'`)
			typed, err := a.ask("  "+key.Path, now)
			if err != nil {
				return err
			}
			if typed == now {
				break
			}
			if err = w.set(drivers, d.Name, key, typed); err == nil {
				break
			}
			fmt.Fprintln(a.out, "  "+err.Error())
		}
	}
	return nil
}
