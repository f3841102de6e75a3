// Package personal tells personal data in vendors' answers by what the sources name as
// such, by what members are called, and by what values look like. It knows nothing of
// what becomes of them.
package personal

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nightaudit/nightaudit/extract"
)

// Members are the members of a source's answers that its document names as personal, by
// the last parts of their paths. The zero value goes by names alone.
type Members [][]string

// Of are those of a source.
func Of(drivers []extract.Driver, source string) (m Members) {
	for i := range drivers {
		if drivers[i].Name == source {
			for _, path := range drivers[i].Personal {
				m = append(m, strings.Split(path, "."))
			}
		}
	}
	return m
}

// Has reports whether the member to which keys lead is personal, by its source or by its
// name.
func (m Members) Has(keys []string) bool {
	for _, p := range m {
		if len(keys) >= len(p) && slices.Equal(keys[len(keys)-len(p):], p) {
			return true
		}
	}
	return soundsPersonal(keys[len(keys)-1])
}

// Names reports whether a personal member of that name holds what names or reaches a
// person, which may stand in other texts as well, and not what else is told of them.
func Names(name string) bool {
	return soundsPersonal(name) || slices.ContainsFunc(wordsOf(name), func(w string) bool { return slices.Contains(namingWords, w) })
}

// Looking finds phone numbers of China, those with a country's code,
// email addresses and identity cards, where no further letter or digit makes
// something else of them.
var Looking = regexp.MustCompile(`(^|[^0-9A-Za-z])(?:1[3-9][0-9]{9}|\+[0-9]{1,3}[- ]?[0-9*][0-9* -]{5,14}|[0-9A-Za-z._%+-]+@[0-9A-Za-z.-]+\.[A-Za-z]{2,}|[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx])($|[^0-9A-Za-z])`)

// Tells reports whether a value is long enough to be looked for elsewhere:
// a single character, or a short number, stands in too many places.
func Tells(v string) bool {
	runes := utf8.RuneCountInString(v)
	if strings.IndexFunc(v, func(r rune) bool { return !unicode.IsDigit(r) }) < 0 {
		return runes >= 4
	}
	return runes >= 2
}

// ReplaceWhole puts by in the place of a value wherever that stands as a whole: not
// within a longer word or number of its kind. Chinese has no such ends.
func ReplaceWhole(s, v, by string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, v)
		if i < 0 {
			return b.String() + s
		}
		if !IsWhole(s, i, v) {
			b.WriteString(s[:i+len(v)])
		} else {
			b.WriteString(s[:i] + by)
		}
		s = s[i+len(v):]
	}
}

// IsWhole reports whether the value that stands in a text at i is no part of a longer
// word or number.
func IsWhole(s string, i int, v string) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+len(v):])
	first, _ := utf8.DecodeRuneInString(v)
	last, _ := utf8.DecodeLastRuneInString(v)
	return !(latin(before) && latin(first)) && !(latin(after) && latin(last))
}

func latin(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
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
