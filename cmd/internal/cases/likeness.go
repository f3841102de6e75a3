package cases

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// likeness makes up values of the same shape: a digit for a digit, a letter for a letter
// of its script, and what parts them as it is. One value has one likeness, and no two
// have the same. How they are drawn depends on a key that nobody keeps.
type likeness struct {
	key   []byte
	made  map[string]string // by the value, as alike has it
	taken map[string]bool
	han   []rune
}

// newLikeness draws a key. answered are the Chinese characters of all answers: none of
// them is used, so that no name can come about by chance.
func newLikeness(answered map[rune]bool) *likeness {
	l := &likeness{key: []byte(rand.Text()), made: map[string]string{}, taken: map[string]bool{}}
	const enough, last = 400, 0x9fa5 // of the characters of the first standard, in its order
	for r := rune(0x4e00); r <= last && len(l.han) < enough; r++ {
		if !answered[r] {
			l.han = append(l.han, r)
		}
	}
	if len(l.han) == 0 {
		l.han = []rune{'某'}
	}
	return l
}

// of is the likeness of a value.
func (l *likeness) of(s string) string {
	core := alike(s)
	if core == "" {
		return s
	}
	made, ok := l.made[core]
	if !ok {
		const most = 100 // a single digit has few others
		for n := range byte(most) {
			if made = l.draw(core, n); made != core && !l.taken[made] {
				break
			}
		}
		l.made[core], l.taken[made] = made, true
	}
	return dressed(s, made)
}

var phone = regexp.MustCompile(`^\+?[0-9][0-9 ().-]{5,18}[0-9]$`)

// alike is what values have in common that are the same to people: one system writes
// +86 138-0000-0001, another 13800000001; one 31002x, another 31002X.
func alike(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if !phone.MatchString(s) {
		return s
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
	const national = 11 // digits within China
	if rest, ok := strings.CutPrefix(strings.TrimPrefix(digits, "00"), "86"); ok && len(rest) == national {
		return rest
	}
	return digits
}

// dressed is a likeness written as the value is: its blanks, its country's code, what
// groups its digits, and its small letters.
func dressed(s, made string) string {
	rest, from := []rune(s), []rune(made)
	isDigits := strings.Trim(made, "0123456789") == ""
	for i := len(rest) - 1; i >= 0 && len(from) > 0; i-- {
		r := rest[i]
		if unicode.IsSpace(r) && from[len(from)-1] != r || isDigits && (r < '0' || r > '9') {
			continue
		}
		last := from[len(from)-1]
		if from = from[:len(from)-1]; unicode.IsLower(r) {
			last = unicode.ToLower(last)
		}
		rest[i] = last
	}
	return string(rest)
}

// draw makes a value up; n tells several of one value apart.
func (l *likeness) draw(core string, n byte) string {
	var block []byte
	count := uint32(0)
	next := func() int {
		if len(block) < 2 {
			mac := hmac.New(sha256.New, l.key)
			mac.Write(binary.BigEndian.AppendUint32([]byte{n}, count))
			mac.Write([]byte(core))
			block = mac.Sum(nil)
			count++
		}
		v := int(binary.BigEndian.Uint16(block))
		block = block[2:]
		return v
	}
	made := []rune(core)
	leads := true // a number does not begin with 0 unless it did
	for i, r := range made {
		made[i] = l.other(r, next, leads && r != '0')
		leads = leads && (r < '0' || r > '9')
	}
	return string(made)
}

// Letters without vowels: no name comes about by chance.
const consonants = "BCDFGHJKLMNPQRSTVWXZ"

// other is another rune of the same kind.
func (l *likeness) other(r rune, next func() int, leads bool) rune {
	choice := func(from []rune) rune {
		from = slices.DeleteFunc(slices.Clone(from), func(c rune) bool { return c == r })
		if len(from) == 0 {
			return r
		}
		return from[next()%len(from)]
	}
	switch {
	case r >= '0' && r <= '9' && leads:
		return choice([]rune("123456789"))
	case r >= '0' && r <= '9':
		return choice([]rune("0123456789"))
	case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z':
		return choice([]rune(consonants))
	case unicode.Is(unicode.Han, r):
		return l.han[next()%len(l.han)]
	case unicode.IsLetter(r): // what lengthens letters, and the like, is none
		return choice(neighbours(r, func(r rune) bool { return unicode.In(r, unicode.Lo, unicode.Lu, unicode.Ll) }))
	case unicode.Is(unicode.So, r):
		return choice(neighbours(r, func(r rune) bool { return unicode.Is(unicode.So, r) }))
	}
	return r
}

// neighbours are the runes of a kind in whose midst r stands in Unicode.
func neighbours(r rune, is func(rune) bool) (all []rune) {
	const block = 32
	for c := r &^ (block - 1); c < (r&^(block-1))+block; c++ {
		if is(c) && unicode.ToUpper(c) == c {
			all = append(all, c)
		}
	}
	return all
}
