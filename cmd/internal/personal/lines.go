package personal

import (
	"encoding/csv"
	"encoding/json"
	"strings"

	"github.com/go-faster/jx"
)

// HeaderOf is the header of an answer that holds lines of a CSV as they stood in their
// file; "" for any other answer.
func HeaderOf(document []byte) string {
	var page struct {
		Header string   `json:"header"`
		Lines  []string `json:"lines"`
	}
	if json.Unmarshal(document, &page) != nil || page.Lines == nil {
		return ""
	}
	return page.Header
}

// CSVLine takes a line of a CSV apart; ok is false where there is no header, or the line
// does not fit it.
func CSVLine(header, line string) (names, cells []string, ok bool) {
	read := func(text string) []string {
		r := csv.NewReader(strings.NewReader(text))
		r.FieldsPerRecord, r.Comma = -1, comma(header)
		fields, err := r.Read()
		if err != nil {
			return nil
		}
		return fields
	}
	if header == "" {
		return nil, nil, false
	}
	names, cells = read(header), read(line)
	return names, cells, len(names) > 0 && len(names) == len(cells)
}

// JoinCSV is the line of these cells below the header.
func JoinCSV(header string, cells []string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = comma(header)
	_ = w.Write(cells) // into memory
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

// comma is what parts the columns of a header: the sign that is there most.
func comma(header string) rune {
	most := ','
	for _, c := range ";\t" {
		if strings.Count(header, string(c)) > strings.Count(header, string(most)) {
			most = c
		}
	}
	return most
}

// Document is the JSON object or list that a text holds; ok is false for any other text.
func Document(text string) (document string, ok bool) {
	document = strings.TrimSpace(text)
	return document, document != "" && (document[0] == '{' || document[0] == '[') && jx.Valid([]byte(document))
}
