package trace

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-faster/jx"
)

// masked stands in the place of a personal value.
const masked = "***"

// masker shows raw answers without the personal data in them: the members
// that their source names as personal, members that are called like such, as
// a vendor may add them at any time, every further place in which a value of
// these stands, and whatever looks like a phone number, an email address or an
// identity card. What the published database shows of the order in numbers
// and ids is no secret and stays.
type masker struct {
	off      bool
	personal [][]string // the last parts of paths
	public   map[string]bool
	values   []string // personal ones, the longest first
	collect  bool     // the values, in place of writing
}

// masker prepares to mask the answers of one story: a name that one of them
// gives is masked in the notes of another.
func (t *Tracer) masker(s *Story, pages []answerPage) *masker {
	m := &masker{off: t.Personal, public: s.public()}
	for i := range t.Drivers {
		if t.Drivers[i].Name == s.Source {
			m.name(t.Drivers[i].Personal)
		}
	}
	if t.Raw && !m.off {
		for _, p := range pages {
			m.learn(p.element, p.header)
		}
	}
	return m
}

func (m *masker) name(personal []string) {
	for _, p := range personal {
		m.personal = append(m.personal, strings.Split(p, "."))
	}
}

// public are the numbers of the order that the database shows to everyone who
// may open it.
func (s *Story) public() map[string]bool {
	shown := map[string]bool{s.OrderID: true}
	add := func(r *Row) {
		for _, c := range r.Columns {
			name := c.Name
			if name == "room_no" || strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "_no") || strings.HasSuffix(name, "_ref") {
				if v := plain(c.Value); utf8.RuneCountInString(v) > 1 {
					shown[v] = true
				}
			}
		}
	}
	if s.Order != nil {
		add(s.Order)
	}
	for _, l := range s.Lines {
		for i := range l.Rows {
			if l.Table != "main.guests" {
				add(&l.Rows[i])
			}
		}
	}
	return shown
}

// learn notes the personal values of an answer.
func (m *masker) learn(part []byte, header string) {
	if part == nil {
		return
	}
	m.collect = true
	_, _ = m.write(part, header) // what cannot be read is masked as a whole when it is shown
	m.collect = false
	slices.SortFunc(m.values, func(a, b string) int { return len(b) - len(a) })
	m.values = slices.Compact(m.values)
}

// show writes the order of an answer, masked.
func (m *masker) show(part []byte, header string) (json.RawMessage, error) {
	if m.off {
		return part, nil
	}
	return m.write(part, header)
}

// write masks a JSON value. Its header is that of the CSV line which it may be.
func (m *masker) write(part []byte, header string) ([]byte, error) {
	part = bytes.TrimSpace(part)
	// A text by itself is a line of a file.
	if len(part) > 0 && part[0] == '"' {
		text := plain(part)
		if names, cells, ok := record(header, text); header != "" && ok {
			return m.line(names, cells), nil
		}
		if !isDocument(text) {
			return quote(masked), nil
		}
	}
	var b bytes.Buffer
	if err := m.value(jx.DecodeBytes(part), nil, false, &b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// line masks the cells of a CSV line by the names of their columns.
func (m *masker) line(names, cells []string) []byte {
	out := make([]string, len(cells))
	for i, cell := range cells {
		keys := []string{names[i]}
		m.note(keys, cell, m.isPersonal(keys))
		out[i] = m.text(cell, m.isPersonal(keys))
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(out) // into memory
	w.Flush()
	return quote(strings.TrimSuffix(b.String(), "\n"))
}

// isDocument reports whether a text is itself JSON.
func isDocument(text string) bool {
	text = strings.TrimSpace(text)
	return text != "" && (text[0] == '{' || text[0] == '[') && jx.Valid([]byte(text))
}

// value writes the next value of d. path are the members that lead to it.
func (m *masker) value(d *jx.Decoder, keys []string, personal bool, b *bytes.Buffer) error {
	switch d.Next() {
	case jx.Object:
		b.WriteByte('{')
		first := true
		err := d.ObjBytes(func(d *jx.Decoder, key []byte) error {
			if !first {
				b.WriteByte(',')
			}
			first = false
			name := string(key)
			b.Write(quote(name))
			b.WriteByte(':')
			inner := append(slices.Clip(keys), name)
			return m.value(d, inner, personal || m.isPersonal(inner), b)
		})
		b.WriteByte('}')
		return err
	case jx.Array:
		b.WriteByte('[')
		first := true
		err := d.Arr(func(d *jx.Decoder) error {
			if !first {
				b.WriteByte(',')
			}
			first = false
			return m.value(d, keys, personal, b)
		})
		b.WriteByte(']')
		return err
	case jx.String:
		s, err := d.Str()
		if err != nil {
			return err
		}
		if !personal && isDocument(s) {
			var inner bytes.Buffer
			if err := m.value(jx.DecodeStr(strings.TrimSpace(s)), keys, false, &inner); err != nil {
				return err
			}
			b.Write(quote(inner.String()))
			return nil
		}
		m.note(keys, s, personal)
		b.Write(quote(m.text(s, personal)))
		return nil
	}
	raw, err := d.Raw()
	if err != nil {
		return err
	}
	m.note(keys, string(raw), personal && raw.Type() == jx.Number)
	if raw.Type() == jx.Number && m.text(string(raw), personal) != string(raw) {
		b.Write(quote(masked))
		return nil
	}
	b.Write(raw)
	return nil
}

// note remembers a personal value that may stand in other texts as well: a name
// or a number by which a person is reached, not what else is told of them.
func (m *masker) note(keys []string, s string, personal bool) {
	if !personal || !m.collect || m.public[s] || len(keys) == 0 || !tells(s) {
		return
	}
	leaf := keys[len(keys)-1]
	if soundsPersonal(leaf) || slices.ContainsFunc(wordsOf(leaf), func(w string) bool { return slices.Contains(namingWords, w) }) {
		m.values = append(m.values, s)
	}
}

// text masks one text or number.
func (m *masker) text(s string, personal bool) string {
	switch {
	case s == "" || m.public[s]:
		return s
	case personal:
		return masked
	}
	for _, v := range m.values {
		s = replaceWhole(s, v)
	}
	return lookingPersonal.ReplaceAllString(s, "${1}"+masked+"${2}")
}

// lookingPersonal finds phone numbers of China, those with a country's code,
// email addresses and identity cards, where no further letter or digit makes
// something else of them.
var lookingPersonal = regexp.MustCompile(`(^|[^0-9A-Za-z])(?:1[3-9][0-9]{9}|\+[0-9]{1,3}[- ]?[0-9*][0-9* -]{5,14}|[0-9A-Za-z._%+-]+@[0-9A-Za-z.-]+\.[A-Za-z]{2,}|[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx])($|[^0-9A-Za-z])`)

// tells reports whether a value is long enough to be looked for elsewhere:
// a single character, or a short number, stands in too many places.
func tells(v string) bool {
	runes := utf8.RuneCountInString(v)
	if strings.IndexFunc(v, func(r rune) bool { return !unicode.IsDigit(r) }) < 0 {
		return runes >= 4
	}
	return runes >= 2
}

// replaceWhole masks a value wherever it stands as a whole: not within a
// longer word or number of its kind. Chinese has no such ends.
func replaceWhole(s, v string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, v)
		if i < 0 {
			return b.String() + s
		}
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[i+len(v):])
		first, _ := utf8.DecodeRuneInString(v)
		last, _ := utf8.DecodeLastRuneInString(v)
		if (latin(before) && latin(first)) || (latin(after) && latin(last)) {
			b.WriteString(s[:i+len(v)])
		} else {
			b.WriteString(s[:i] + masked)
		}
		s = s[i+len(v):]
	}
}

func latin(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// isPersonal reports whether a member is personal, by its source or by its
// name.
func (m *masker) isPersonal(keys []string) bool {
	for _, p := range m.personal {
		if len(keys) >= len(p) && slices.Equal(keys[len(keys)-len(p):], p) {
			return true
		}
	}
	return soundsPersonal(keys[len(keys)-1])
}

// What members of personal data are called, whoever the vendor is; what those
// are called that hold a person's name; and the words at the end of a name
// that make something else of it: phone_count, address_change_fee.
var (
	personalWords = []string{
		"phone", "mobile", "tel", "telephone", "fax", "email", "mail", "address", "addr", "street", "contact", "passport",
		"idcard", "identity", "birth", "birthday", "nickname", "wechat", "openid", "unionid", "latitude", "longitude", "longtitude",
		"lat", "lng", "location", "receiver", "sender", "consignee", "recipient", "buyer", "guest", "token", "secret", "password",
	}
	namingWords  = []string{"name", "deliveryman", "operator", "creator", "modifier"}
	neutralWords = []string{
		"amount", "fee", "total", "count", "number", "qty", "type", "state", "status", "time", "at", "date", "required", "kind", "mode",
	}
)

func soundsPersonal(name string) bool {
	words := wordsOf(name)
	if len(words) == 0 || slices.Contains(neutralWords, words[len(words)-1]) {
		return false
	}
	if slices.ContainsFunc(words, func(w string) bool {
		return slices.Contains(personalWords, w) || slices.Contains(personalWords, strings.TrimSuffix(w, "s"))
	}) {
		return true
	}
	return strings.Contains(strings.Join(words, ""), "idcard")
}

// wordsOf takes snake_case and camelCase apart, in lower case.
func wordsOf(name string) []string {
	var words []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
		}
		word = nil
	}
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case unicode.IsUpper(r) && len(word) > 0 && !unicode.IsUpper(word[len(word)-1]):
			flush()
		}
		word = append(word, r)
	}
	flush()
	return words
}
