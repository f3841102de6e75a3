package reports

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"slices"

	"github.com/goccy/go-yaml"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

//go:embed labels.yaml
var labelsFile []byte

// labels are the words of the workbook: phrases of its own; headings and words
// for codes are in the dictionary of the database, headings of a report's own
// columns in its header.
type labels struct {
	Texts  map[string]words            `yaml:"texts"`
	Values map[string]map[string]words `yaml:"-"` // vocabulary → code → word
	dict   *sqlfiles.Dict
}

type words struct {
	EN string `yaml:"en"`
	ZH string `yaml:"zh"`
}

func (w words) in(language string) string { return Words(w).In(language) }

func loadLabels() (*labels, error) {
	var l labels
	if err := yaml.NewDecoder(bytes.NewReader(labelsFile), yaml.Strict()).Decode(&l); err != nil {
		return nil, fmt.Errorf("read the embedded labels.yaml: %w", err)
	}
	dict, err := sqlfiles.Dictionary()
	if err != nil {
		return nil, fmt.Errorf("read the dictionary: %w", err)
	}
	l.dict = dict
	l.Values = map[string]map[string]words{}
	for vocabulary, codes := range dict.Values {
		l.Values[vocabulary] = map[string]words{}
		for code, label := range codes {
			l.Values[vocabulary][code] = words{label.EN, label.ZH}
		}
	}
	return &l, nil
}

func (l *labels) vocabularies() []string { return slices.Sorted(maps.Keys(l.Values)) }

// heading is the label of a report's column: from its header, else from its
// table in the dictionary, else from any table, else the column's own name.
func (l *labels) heading(r *Report, column, language string) string {
	if r != nil {
		if label := r.layout[column].label.In(language); label != "" {
			return label
		}
		if t := l.dict.Table(r.Table); t != nil {
			if c := t.Column(column); c != nil {
				return Words{c.LabelEN, c.LabelZH}.In(language)
			}
		}
	}
	if en, zh, ok := l.dict.Label(column); ok {
		return Words{en, zh}.In(language)
	}
	return column
}
