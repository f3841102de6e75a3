package recon

import (
	"fmt"
	"slices"
	"strings"
)

// sentenceSQL gives the expressions of the explanation in both languages,
// without full stop: the sentence of the row's variant.
func (r *Rule) sentenceSQL(columns []column) (en, zh string, err error) {
	hasVariant := slices.ContainsFunc(columns, named("variant"))
	var plainEN, plainZH string
	var whensEN, whensZH []string
	for _, e := range r.explanations {
		sentenceEN, err := sentence(e.en, columns, false)
		if err != nil {
			return "", "", fmt.Errorf("explain %s en: %w", e.variant, err)
		}
		sentenceZH, err := sentence(e.zh, columns, true)
		if err != nil {
			return "", "", fmt.Errorf("explain %s zh: %w", e.variant, err)
		}
		if e.variant == "" {
			plainEN, plainZH = sentenceEN, sentenceZH
			continue
		}
		if !hasVariant {
			return "", "", fmt.Errorf("explain.%s: its SELECT has no column variant", e.variant)
		}
		when := "WHEN " + quoteText(e.variant) + " THEN "
		whensEN = append(whensEN, when+sentenceEN)
		whensZH = append(whensZH, when+sentenceZH)
	}
	if len(whensEN) == 0 {
		return plainEN, plainZH, nil
	}
	if plainEN == "" {
		// A variant without a sentence is a mistake of the check. It must
		// not leave a break without words.
		missing := "error('variant ' || coalesce(c.variant, 'NULL') || ' has no sentence')"
		plainEN, plainZH = missing, missing
	}
	caseOf := func(whens []string, other string) string {
		return "CASE c.variant " + strings.Join(whens, " ") + " ELSE " + other + " END"
	}
	return caseOf(whensEN, plainEN), caseOf(whensZH, plainZH), nil
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
			parts = append(parts, quoteText(literal))
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
	if figure := name == "expected" || name == "actual" || name == "difference"; figure {
		value := "_" + name
		if name == "difference" {
			value = "abs(_difference)"
		}
		if c.isInteger() {
			return "coalesce(" + value + "::HUGEINT::VARCHAR, '–')", nil
		}
		return "coalesce(" + moneyText(value) + ", '–')", nil
	}
	value := "c." + quoteName(name)
	switch {
	case c.isQuantity():
		return "coalesce(" + quantityText(value) + ", '–')", nil
	case strings.HasPrefix(c.typ, "DECIMAL"):
		return "coalesce(" + moneyText(value) + ", '–')", nil
	case c.isInteger(), c.typ == "VARCHAR", c.typ == "DATE":
		return "coalesce(" + value + "::VARCHAR, '–')", nil
	}
	return "", fmt.Errorf("{%s}: a %s cannot stand in a sentence", name, c.typ)
}

// moneyText writes an amount or price with all its digits, at least two of
// them decimals: 118.01, 5.00, 122.2222.
func moneyText(value string) string {
	return `regexp_replace(` + value + `::VARCHAR, '(\.[0-9]{2}[0-9]*?)0+$', '\1')`
}

// quantityText writes a quantity without zeros at its end: 2, 0.512.
func quantityText(value string) string {
	return `regexp_replace(` + value + `::VARCHAR, '\.0+$|(\.[0-9]*?)0+$', '\1')`
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
	value := "c." + quoteName(c.name)
	if c.isInteger() || c.typ == "BOOLEAN" || strings.HasSuffix(c.typ, "[]") {
		return value
	}
	return value + "::VARCHAR"
}
