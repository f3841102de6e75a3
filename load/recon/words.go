package recon

import (
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

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
