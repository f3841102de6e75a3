package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/nightaudit/nightaudit/extract"
)

// next tells a person what to do with the starter that was written.
func (w *wanted) next(file, text string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s is written. Next:\n", file)
	if w.accounts == nil {
		b.WriteString("  1. delete the sources you do not have, and fill in the addresses of the others\n")
	} else {
		b.WriteString("  1. look it through: what each key means stands beside it\n")
		for _, one := range w.accounts {
			for _, left := range one.asExample {
				fmt.Fprintf(&b, "     as in the example still: %s\n", left)
			}
		}
		if hotel, rooms := w.named(extract.PMS), w.named(extract.RoomOrders); hotel != "" && rooms != "" {
			fmt.Fprintf(&b, "     where %s and %s are one place, say so under links: else room service counts twice\n", rooms, hotel)
		}
	}
	b.WriteString("  2. give it the values that it names, the secrets among them:\n")
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, r := range referencesIn(text) {
		fmt.Fprintf(t, "       %s\t%s\n", r.ask(), strings.Join(r.keys, ", "))
	}
	_ = t.Flush() // a strings.Builder takes all
	fmt.Fprintf(&b, "  3. nightaudit check%s\n", configFlag(file))
	return b.String()
}

// named is the first account of a role, "" where there is none.
func (w *wanted) named(role extract.Role) string {
	for _, one := range w.accounts {
		if one.driver.Role == role {
			return one.driver.Name + "/" + one.name()
		}
	}
	return ""
}

// reference is a place that a configuration takes a value from.
type reference struct {
	place string // NAME, or file:PATH
	keys  []string
}

// ask says what a person has to make.
func (r *reference) ask() string {
	if path, ok := strings.CutPrefix(r.place, "file:"); ok {
		return "file " + path + ", chmod 600"
	}
	return "export " + r.place + "=…"
}

var (
	placeNamed = regexp.MustCompile(`([a-z_]+): "?\$\{((?:file:)?[^{}"]+)\}`)
	// whatKeys are those whose names do not say what belongs there.
	whatKeys = map[string]string{"key": "pii.key: a long random text that never changes (openssl rand -hex 32)"}
)

// referencesIn lists the places that a configuration takes values from, with the keys.
func referencesIn(text string) (found []reference) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(" "+line, " #")
		for _, m := range placeNamed.FindAllStringSubmatch(line, -1) {
			key := m[1]
			if words := whatKeys[key]; words != "" {
				key = words
			}
			i := slices.IndexFunc(found, func(r reference) bool { return r.place == m[2] })
			if i < 0 {
				i, found = len(found), append(found, reference{place: m[2]})
			}
			found[i].keys = append(found[i].keys, key)
		}
	}
	return found
}
