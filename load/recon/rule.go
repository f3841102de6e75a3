package recon

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// Rule is one check: a file of sql/checks.
type Rule struct {
	Name                   string
	Severity               string // one of sql.Severities
	Candidate              bool   // rests on our own reading; never an error
	Tolerance              string // decimal; differences up to and including it are no break
	TitleEN, TitleZH       string
	ComparesEN, ComparesZH string

	path         string          // of the file, for messages
	text         string          // of the whole file
	written      string          // the SELECT, in the SQL that all engines read
	body         string          // the same, as DuckDB reads it
	everything   bool            // not of orders: all it finds counts, every run
	explanations []bilingualText // by variant: the sentence; "" is for rows of any other
	components   []bilingualText // by column: the name of a fact that may alone make up a difference
}

// severities are those that a row of the rule may have, the gravest first: the
// grave ones are not for a rule that rests on our own reading.
func (r *Rule) severities() []string {
	gravestFirst := slices.Clone(sqlfiles.Severities)
	slices.Reverse(gravestFirst)
	if r.Candidate {
		return gravestFirst[slices.Index(gravestFirst, sqlfiles.Warning):]
	}
	return gravestFirst
}

// readsClock tells that what the rule finds may change although no order does: it
// compares with the time of the run.
func (r Rule) readsClock() bool { return !r.everything && mentions(r.body, "recorded_at") }

// readsRooms tells that what the rule finds of an order may change with what others
// do in its room.
func (r Rule) readsRooms() bool {
	return mentions(r.body, "room_stays") || mentions(r.body, "room_orders")
}

// readsFindings tells that the rule reads what the others found, and no facts.
func (r Rule) readsFindings() bool { return mentions(r.body, "recon.small_differences") }

// namesOf are the names of some of the rules.
func namesOf(rules []Rule, are func(Rule) bool) []string {
	names := []string{}
	for _, r := range rules {
		if are(r) {
			names = append(names, r.Name)
		}
	}
	return names
}

var checkSpec = sqlfiles.Spec{
	Required: []string{"rule", "severity", "title.en", "title.zh", "compares.en", "compares.zh"},
	Optional: []string{"tolerance", "candidate", "scope"},
	Prefixes: []string{"explain.", "component."},
}

// defaultTolerance is a cent: the least amount that any of the vendors bills.
const defaultTolerance = "0.01"

// Rules lists the embedded rules, ordered by name, those of orders first.
func Rules() ([]Rule, error) {
	texts, err := sqlfiles.Files(sqlfiles.Checks)
	if err != nil {
		return nil, err
	}
	var rules []Rule
	for _, t := range texts {
		r, err := parseRule(t)
		if err != nil {
			return nil, err
		}
		rules = append(rules, r)
	}
	// What is not of orders may rest on what the others found, as drift does.
	slices.SortStableFunc(rules, func(a, b Rule) int {
		switch {
		case a.everything == b.everything:
			return 0
		case a.everything:
			return 1
		}
		return -1
	})
	return rules, nil
}

var decimalText = regexp.MustCompile(`^[0-9]{1,14}(\.[0-9]{1,4})?$`)

func parseRule(t sqlfiles.Text) (Rule, error) {
	f, err := sqlfiles.ParseFile(t.Path, t.SQL, checkSpec)
	if err != nil {
		return Rule{}, err
	}
	r := Rule{
		Name: f.Keys["rule"], Severity: f.Keys["severity"], Tolerance: defaultTolerance,
		TitleEN: f.Keys["title.en"], TitleZH: f.Keys["title.zh"],
		ComparesEN: f.Keys["compares.en"], ComparesZH: f.Keys["compares.zh"],
		path: t.Path, text: t.SQL,
	}
	if r.Name != t.Name {
		return Rule{}, fmt.Errorf("%s: rule %q must have the file's name, %s", t.Path, r.Name, t.Name)
	}
	if known := (&Rule{}).severities(); !slices.Contains(known, r.Severity) {
		return Rule{}, fmt.Errorf("%s: severity %q: want one of %s", t.Path, r.Severity, strings.Join(known, ", "))
	}
	if v, ok := f.Keys["tolerance"]; ok {
		if !decimalText.MatchString(v) {
			return Rule{}, fmt.Errorf("%s: tolerance %q: want a number of at most four decimals, as 0.01", t.Path, v)
		}
		r.Tolerance = v
	}
	switch f.Keys["candidate"] {
	case "", "false":
	case "true":
		r.Candidate = true
	default:
		return Rule{}, fmt.Errorf("%s: candidate %q: want true or false", t.Path, f.Keys["candidate"])
	}
	switch f.Keys["scope"] {
	case "", "orders":
	case "everything":
		r.everything = true
	default:
		return Rule{}, fmt.Errorf("%s: scope %q: want orders or everything", t.Path, f.Keys["scope"])
	}
	if r.Candidate && r.Severity == sqlfiles.Error {
		return Rule{}, fmt.Errorf("%s: a candidate rule must not have severity error", t.Path)
	}
	r.written = strings.TrimSuffix(f.Body, ";")
	if r.body, err = sqlfiles.Expand(sqlfiles.DuckDB, sqlfiles.Text{Path: t.Path, SQL: r.written, Line: f.Line}); err != nil {
		return Rule{}, err
	}
	return r, r.parseWords(&f)
}

// parseWords reads the sentences and the names of components. Each stands in
// both languages.
func (r *Rule) parseWords(f *sqlfiles.File) error {
	var err error
	if r.explanations, err = bilingual(f, "explain."); err != nil {
		return err
	}
	if len(r.explanations) == 0 {
		return fmt.Errorf("%s: no sentence: add explain.en and explain.zh", f.Name)
	}
	r.components, err = bilingual(f, "component.")
	return err
}

// bilingualText are a text in both languages and what it is for.
type bilingualText struct{ name, en, zh string }

// bilingual reads the keys prefix + name + ".en" and ".zh" (or prefix + "en"
// and "zh" for the name ""), in the order in which they are written.
func bilingual(f *sqlfiles.File, prefix string) ([]bilingualText, error) {
	var found []bilingualText
	for _, h := range f.Prefixed(prefix) {
		name, language := "", h.Key
		if i := strings.LastIndexByte(h.Key, '.'); i >= 0 {
			name, language = h.Key[:i], h.Key[i+1:]
		}
		i := slices.IndexFunc(found, func(w bilingualText) bool { return w.name == name })
		if i < 0 {
			found = append(found, bilingualText{name: name})
			i = len(found) - 1
		}
		switch language {
		case "en":
			found[i].en = h.Value
		case "zh":
			found[i].zh = h.Value
		default:
			return nil, fmt.Errorf("%s:%d: key %s%s: want it to end in .en or .zh", f.Name, h.Line, prefix, h.Key)
		}
	}
	for _, w := range found {
		if w.en == "" || w.zh == "" {
			return nil, fmt.Errorf("%s: %s%s: want it in both languages, .en and .zh", f.Name, prefix, w.name)
		}
	}
	return found, nil
}
