package workbook

import (
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/result"
)

// Named is a row with the names of its accounts in place of their codes. The
// source of an account stands in the column of the same beginning:
// shop_account, shop_source.
func (b *Book) Named(columns []Column, values []any) []any {
	if len(b.Names[labels.Account]) == 0 {
		return values
	}
	named := values
	for i := range columns {
		prefix, ok := strings.CutSuffix(columns[i].Name, "account")
		if !ok || i >= len(values) {
			continue
		}
		at := slices.IndexFunc(columns, func(c Column) bool { return c.Name == prefix+"source" })
		if at < 0 || at >= len(values) {
			continue
		}
		if name := b.accountName(values[at], values[i]); name != "" {
			if &named[0] == &values[0] {
				named = slices.Clone(values)
			}
			named[i] = name
		}
	}
	return named
}

func (b *Book) accountName(source, account any) string {
	s, _ := source.(string)
	a, _ := account.(string)
	return b.Names[labels.Account][s+"/"+a]
}

// Account is what people call an account.
func (b *Book) Account(source, account string) string {
	if name := b.accountName(source, account); name != "" {
		return name
	}
	return account
}

// text is a value as a cell shows it, in words where its column has some.
func (b *Book) text(c *Column, v any) string {
	text, _ := c.Plain(v)
	if name, ok := b.Names[labels.Coded[c.Name]][text]; ok && c.Kind == result.KindText {
		return name
	}
	if c.Vocabulary == "issue_reason" || c.Name == "message" {
		return b.Labels.Say(b.Language, text) // a sentence of the program, with figures in it
	}
	if c.Vocabulary != "" {
		return b.Word(c.Vocabulary, text)
	}
	return text
}
