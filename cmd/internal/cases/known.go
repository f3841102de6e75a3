package cases

import (
	"strings"

	"github.com/nightaudit/nightaudit/cmd/internal/personal"
)

// known are the values of a case that are replaced wherever they stand as a whole: the
// names and numbers of persons, and ids where they are hidden as well.
type known struct {
	like   *likeness
	values map[string]bool
	heads  map[string]map[int]int // how many values begin so, by their length
}

const head = 2 // bytes; shorter values are not looked for

func newKnown(like *likeness) *known {
	return &known{like: like, values: map[string]bool{}, heads: map[string]map[int]int{}}
}

func (k *known) add(value string) {
	if value = strings.TrimSpace(value); len(value) < head || !personal.Tells(value) || k.values[value] {
		return
	}
	k.values[value] = true
	if k.heads[value[:head]] == nil {
		k.heads[value[:head]] = map[int]int{}
	}
	k.heads[value[:head]][len(value)]++
}

// at is the longest known value that stands in a text at i, "" if none does.
func (k *known) at(s string, i int) (longest string) {
	if len(s)-i < head {
		return ""
	}
	for length := range k.heads[s[i:i+head]] {
		if length <= len(longest) || i+length > len(s) {
			continue
		}
		if v := s[i : i+length]; k.values[v] && personal.IsWhole(s, i, v) {
			longest = v
		}
	}
	return longest
}

// replaced is a text in which each known value is its likeness. rest makes something of
// what stands between them.
func (k *known) replaced(s string, rest func(string) string) string {
	var b strings.Builder
	from := 0
	for i := 0; i < len(s); {
		v := k.at(s, i)
		if v == "" {
			i++
			continue
		}
		b.WriteString(rest(s[from:i]))
		b.WriteString(k.like.of(v))
		i += len(v)
		from = i
	}
	b.WriteString(rest(s[from:]))
	return b.String()
}

// hidden is a personal text: nothing of it stays.
func (k *known) hidden(s string) string { return k.replaced(s, k.like.of) }

// scrubbed is a text that is no person's, with what looks like a person's in it replaced.
func (k *known) scrubbed(s string) string {
	return k.replaced(s, func(part string) string {
		const shortest = 11 // of numbers without a sign that tells them
		if len(part) < shortest && !strings.ContainsAny(part, "@+") {
			return part
		}
		return personal.Looking.ReplaceAllStringFunc(part, func(found string) string {
			parts := personal.Looking.FindStringSubmatch(found)
			before, after := parts[1], parts[2]
			return before + k.like.of(found[len(before):len(found)-len(after)]) + after
		})
	})
}
