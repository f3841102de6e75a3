package recon

import (
	"fmt"
	"slices"
	"strings"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// fields is the column of a check that names columns of the facts: a list of
// names, parted by commas, with other words between them.
const fields = "fields"

// explain gives the expressions of the explanation in both languages, without
// full stop: the sentence of the row's variant.
func (f *finding) explain(explanations []bilingualText) error {
	var whensEN, whensZH []string
	for _, w := range explanations {
		en, zh, err := f.sentences(w)
		if err != nil {
			return fmt.Errorf("explain %s %w", w.name, err)
		}
		if w.name == "" {
			f.SentenceEN, f.SentenceZH = en, zh
			continue
		}
		if !f.Has("variant") {
			return fmt.Errorf("explain.%s: its SELECT has no column variant", w.name)
		}
		when := "WHEN " + sqlfiles.Literal(w.name) + " THEN "
		whensEN, whensZH = append(whensEN, when+en), append(whensZH, when+zh)
	}
	if len(whensEN) == 0 {
		return nil
	}
	if f.SentenceEN == "" {
		// A variant without a sentence is a mistake of the check. It must
		// not leave a break without words.
		missing := "error('variant ' || coalesce(c.variant, 'NULL') || ' has no sentence')"
		f.SentenceEN, f.SentenceZH = missing, missing
	}
	f.SentenceEN = "CASE c.variant " + strings.Join(whensEN, " ") + " ELSE " + f.SentenceEN + " END"
	f.SentenceZH = "CASE c.variant " + strings.Join(whensZH, " ") + " ELSE " + f.SentenceZH + " END"
	return nil
}

// sentences are the expressions of a text in both languages.
func (f *finding) sentences(w bilingualText) (en, zh string, err error) {
	if en, err = sentence(w.en, f.columns, false); err != nil {
		return "", "", fmt.Errorf("en: %w", err)
	}
	if zh, err = sentence(w.zh, f.columns, true); err != nil {
		return "", "", fmt.Errorf("zh: %w", err)
	}
	return en, zh, nil
}

// sentence turns "{actual} of {title}" into an SQL expression that joins the
// text with the values. Values are joined, never substituted, so that a brace
// or quote in a vendor's text stays what it is.
// A Chinese sentence says the columns that {fields} names in words.
func sentence(text string, columns []column, chinese bool) (string, error) {
	var parts []string
	for text != "" {
		literal, rest, found := strings.Cut(text, "{")
		if literal != "" {
			parts = append(parts, sqlfiles.Literal(literal))
		}
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", fmt.Errorf("%q: a brace is not closed", text)
		}
		value, err := placeholder(name, columns)
		if err != nil {
			return "", err
		}
		if chinese && name == fields {
			value = "coalesce(c._fields_zh, '–')"
		}
		parts = append(parts, value)
		text = after
	}
	return "(" + strings.Join(parts, " || ") + ")", nil
}

// placeholder is the expression for one value in a sentence; "–" where it is
// null.
func placeholder(name string, columns []column) (string, error) {
	lookup := name
	if name == "difference" {
		lookup = "actual" // of the same kind as the figures
	}
	i := slices.IndexFunc(columns, named(lookup))
	if i < 0 {
		return "", fmt.Errorf("{%s}: its SELECT has no such column", name)
	}
	c := columns[i]
	if name == "expected" || name == "actual" || name == "difference" {
		value := "_" + name
		if name == "difference" {
			value = "abs(_difference)"
		}
		if c.isInteger() {
			return "coalesce(" + value + "::HUGEINT::VARCHAR, '–')", nil
		}
		return "coalesce(money_text(" + value + "), '–')", nil
	}
	value := "c." + sqlfiles.Identifier(name)
	switch {
	case c.isQuantity():
		return "coalesce(quantity_text(" + value + "), '–')", nil
	case strings.HasPrefix(c.typ, "DECIMAL"):
		return "coalesce(money_text(" + value + "), '–')", nil
	case c.isInteger(), c.typ == "VARCHAR", c.typ == "DATE":
		return "coalesce(" + value + "::VARCHAR, '–')", nil
	}
	return "", fmt.Errorf("{%s}: a %s cannot stand in a sentence", name, c.typ)
}

func (c column) isInteger() bool {
	return slices.Contains([]string{"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"}, c.typ)
}

func (c column) isQuantity() bool {
	return strings.HasPrefix(c.typ, "DECIMAL") && (c.name == "quantity" || strings.HasSuffix(c.name, "_quantity"))
}

// json is the expression of a fact's value within the JSON object: integers
// and booleans as such, lists as lists, everything else as text, so that an
// amount keeps all its digits.
func (c column) json() string {
	value := "c." + sqlfiles.Identifier(c.name)
	if c.isInteger() || c.typ == "BOOLEAN" || strings.HasSuffix(c.typ, "[]") {
		return value
	}
	return value + "::VARCHAR"
}
