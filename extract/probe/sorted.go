package probe

import (
	"cmp"
	"slices"
	"strings"
)

const sorted = "sorted"

// fewToSort is below how many different values nothing is said of their order: four
// and fewer come in order by chance once in twelve times and more.
const fewToSort = 5

// Sorted tells in which order the records of the first page of a list come, by the
// first of members by which they do.
func (s *Session) Sorted(r *Reading, records []Record, members ...string) error {
	var readings []*Reading
	if r != nil {
		readings = []*Reading{r}
	}
	values := map[string]any{"members": strings.Join(members, ", "), "rows": len(records)}
	outcome := "few"
	for _, member := range members {
		texts := make([]string, 0, len(records))
		for _, record := range records {
			texts = append(texts, record.Text(member))
		}
		distinct := slices.Compact(slices.SortedFunc(slices.Values(texts), compareValues))
		if len(distinct) < fewToSort || distinct[0] == "" {
			continue
		}
		values["member"] = member
		if slices.IsSortedFunc(texts, compareValues) {
			return s.Tell(sorted, "ascending", values, readings...)
		}
		slices.Reverse(texts)
		if slices.IsSortedFunc(texts, compareValues) {
			return s.Tell(sorted, "descending", values, readings...)
		}
		outcome = "neither"
	}
	return s.Tell(sorted, outcome, values, readings...)
}

// compareValues compares numbers as such, and other texts by their characters, as
// times are that begin with the year.
func compareValues(a, b string) int {
	if isDigits(a) && isDigits(b) {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	}
	return cmp.Compare(a, b)
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
