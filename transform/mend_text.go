package transform

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-faster/jx"
)

// space is the place of the next token. Control characters between tokens stand
// for blanks.
func (m *mender) space(at int) int {
	for at < len(m.text) && m.text[at] <= ' ' {
		at++
	}
	return at
}

// string reads a text and writes it. Its repairs are without their path.
func (m *mender) string(at int) (next int, repairs []Repair, ok bool) {
	from := at // what is not yet written
	add := func(i int, what string, instead string) {
		m.out = append(append(m.out, m.text[from:i]...), instead...)
		from = i + 1
		if len(repairs) == 0 { // one of a text is enough
			repairs = []Repair{{Offset: i, What: what}}
		}
	}
	for i := at + 1; i < len(m.text); i++ {
		switch c := m.text[i]; {
		case c == '"':
			m.out = append(m.out, m.text[from:i+1]...)
			return i + 1, repairs, true
		case c < ' ':
			add(i, controlName(c)+" stands in the text as it is; it was kept", controlEscape(c))
		case c == '\\':
			if n := escape(m.text[i:]); n > 0 {
				i += n - 1
			} else {
				add(i, "a backslash stands in the text that escapes nothing; it was kept", `\\`)
			}
		}
	}
	return len(m.text), repairs, false
}

// escape is the length of the escape at the beginning of text; 0 where it is
// none.
func escape(text []byte) int {
	if len(text) < 2 {
		return len(text) // the text ends within it
	}
	if text[1] != 'u' {
		if strings.IndexByte(`"\/bfnrt`, text[1]) >= 0 {
			return 2
		}
		return 0
	}
	const length = 6
	if len(text) < length {
		return 0
	}
	if _, err := strconv.ParseUint(string(text[2:length]), 16, 16); err != nil {
		return 0
	}
	return length
}

func controlName(c byte) string {
	switch c {
	case '\n', '\r':
		return "a line break"
	case '\t':
		return "a tab"
	}
	return fmt.Sprintf("the control character U+%04X", c)
}

func controlEscape(c byte) string {
	switch c {
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	}
	return fmt.Sprintf(`\u%04x`, c)
}

// longestWord is how long a word that JSON does not have may be.
const longestWord = 40

// word reads a value without quotes. What JSON does not have becomes a text.
func (m *mender) word(at int) (next int, repairs []Repair, ok bool) {
	end := at
	for end < len(m.text) && isWord(m.text[end]) {
		end++
	}
	text := m.text[at:end]
	switch {
	case len(text) == 0:
		return at, nil, false
	case isPlain(text) || jx.Valid(text):
		m.out = append(m.out, text...)
		return end, nil, true
	case len(text) > longestWord:
		return at, nil, false
	}
	m.out = append(append(append(m.out, '"'), text...), '"')
	return end, []Repair{{Offset: at, What: "a value that JSON does not have was read as a text", Bare: true}}, true
}

// isPlain reports whether a word is a whole number as JSON has it.
func isPlain(text []byte) bool {
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return text[0] != '0' || len(text) == 1
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '+' || c == '-' || c == '.' || c == '_'
}
