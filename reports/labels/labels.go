package labels

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

//go:embed labels.yaml
var labelsFile []byte

// Labels are the words of the workbook: phrases of its own; headings and words
// for codes are in the dictionary of the database, headings of a report's own
// columns in its header.
type Labels struct {
	Texts  map[string]Words            `yaml:"texts"`
	Values map[string]map[string]Words `yaml:"-"` // vocabulary → code → word
	Dict   *sqlfiles.Dict

	phrases []phrase
}

// Load gives the words, read once.
var Load = sync.OnceValues(read)

func read() (*Labels, error) {
	var l Labels
	if err := yaml.NewDecoder(bytes.NewReader(labelsFile), yaml.Strict()).Decode(&l); err != nil {
		return nil, fmt.Errorf("read the embedded labels.yaml: %w", err)
	}
	dict, err := sqlfiles.Dictionary()
	if err != nil {
		return nil, fmt.Errorf("read the dictionary: %w", err)
	}
	l.Dict = dict
	l.Values = map[string]map[string]Words{}
	for vocabulary, codes := range dict.Values {
		l.Values[vocabulary] = map[string]Words{}
		for code, label := range codes {
			l.Values[vocabulary][code] = Words{label.EN, label.ZH}
		}
	}
	if l.phrases, err = readPhrases(l.Values["issue_reason"]); err != nil {
		return nil, err
	}
	return &l, nil
}

// Vocabularies lists the vocabularies by name.
func (l *Labels) Vocabularies() []string { return slices.Sorted(maps.Keys(l.Values)) }

// Heading is the label of a column in the dictionary: that of a table, which
// may be empty, else that of any table, else the column's own name.
func (l *Labels) Heading(table, column, language string) string {
	if t := l.Dict.Table(table); t != nil {
		if c := t.Column(column); c != nil {
			return Words{c.LabelEN, c.LabelZH}.In(language)
		}
	}
	if en, zh, ok := l.Dict.Label(column); ok {
		return Words{en, zh}.In(language)
	}
	return column
}

// StatusCode is the code of a status in either language, else the text.
func (l *Labels) StatusCode(text string) string {
	text = strings.TrimSpace(text)
	for code, w := range l.Values["break_status"] {
		if strings.EqualFold(text, code) || strings.EqualFold(text, w.EN) || text == w.ZH {
			return code
		}
	}
	return text
}

// Words is a text in the two languages of the reports.
type Words struct {
	EN string `yaml:"en"`
	ZH string `yaml:"zh"`
}

// In is the text in a language: zh, else English.
func (w Words) In(language string) string {
	if language == Chinese {
		return w.ZH
	}
	return w.EN
}

// The languages of report.language.
const (
	English = "en"
	Chinese = "zh"
)
