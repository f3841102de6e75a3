package simulate

import (
	"encoding/json"
	"strconv"
	"sync"
)

// Lists is how a vendor answers lists where it departs from its document: in
// how many rows it gives to a page, and in what it states as their number.
// Vendors embed it. It is safe for concurrent use; the zero value departs in
// nothing.
type Lists struct {
	mu    sync.Mutex
	size  func(asked int) int
	total func(total, rows, page int) string
}

// Depart sets both. size gives the rows of a full page; total the JSON text that
// stands on a page for the number of records, "" for none, where page is counted
// from 1. nil departs in nothing.
func (l *Lists) Depart(size func(asked int) int, total func(total, rows, page int) string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.size, l.total = size, total
}

// PageSize is how many rows a page holds for which so many were asked.
func (l *Lists) PageSize(asked int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.size == nil {
		return asked
	}
	return l.size(asked)
}

// Total is what stands on a page for the number of records; nil leaves it out.
func (l *Lists) Total(total, rows, page int) json.RawMessage {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.total == nil {
		return strconv.AppendInt(nil, int64(total), 10)
	}
	if text := l.total(total, rows, page); text != "" {
		return json.RawMessage(text)
	}
	return nil
}
