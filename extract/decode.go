package extract

import "strings"

// Count counts a record of a page by its key, which is copied: it outlives the
// page.
func (f *Facts) Count(key string) {
	key = strings.Clone(key)
	if f.Rows == 0 {
		f.First = key
	}
	f.Keys = append(f.Keys, key)
	f.Rows++
}
