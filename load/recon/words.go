package recon

import (
	"context"
	"fmt"
	"strings"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// knowWords lists what the columns of facts are called in Chinese: a check's
// column fields names columns, as "created_at" or "stays.total_amount", which
// a Chinese sentence says in words.
func knowWords(ctx context.Context, tx Tx) error {
	words, err := columnWords()
	if err != nil {
		return err
	}
	var names, texts []string
	for name, word := range words {
		names, texts = append(names, name), append(texts, word)
	}
	_, err = tx.ExecContext(ctx, "CREATE OR REPLACE TEMP TABLE recon_words AS SELECT unnest(string_split(?, chr(10))) AS name, unnest(string_split(?, chr(10))) AS word",
		strings.Join(names, "\n"), strings.Join(texts, "\n"))
	if err != nil {
		return fmt.Errorf("list the columns' names: %w", err)
	}
	return nil
}

// columnWords are the Chinese headings of the columns of facts by their names:
// those of orders, then of any other table, and those of all with their table.
func columnWords() (map[string]string, error) {
	dict, err := sqlfiles.Dictionary()
	if err != nil {
		return nil, err
	}
	words := map[string]string{}
	for _, name := range factTables() {
		t := dict.Table(name)
		if t == nil {
			continue // versions of orders have the orders' columns
		}
		for _, c := range t.Columns {
			words[name+"."+c.Name] = t.LabelZH + "·" + c.LabelZH
			_, words[c.Name], _ = dict.Label(c.Name)
		}
	}
	return words, nil
}

// fields is the column of a check that names columns of the facts: a list of
// names, parted by commas, with other words between them.
const fields = "fields"

// inWords says such a text in Chinese.
func inWords(text string) string {
	return `(SELECT string_agg(coalesce(w.word || CASE WHEN suffix(t.part, ',') THEN ',' ELSE '' END, t.part), ' ' ORDER BY t.i)
		FROM (SELECT unnest(string_split(` + text + `, ' ')) AS part, generate_subscripts(string_split(` + text + `, ' '), 1) AS i) t
		LEFT JOIN recon_words w ON w.name = rtrim(t.part, ','))`
}
