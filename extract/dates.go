package extract

import (
	"context"
	"time"
)

type datesKey struct{}

// HearDates returns a context in which heard is told of every answer of a
// vendor, whatever it says: the vendor's own time (HTTP's Date), zero where it
// states none. Calls that overlap tell it at the same time.
func HearDates(ctx context.Context, heard func(date time.Time)) context.Context {
	return context.WithValue(ctx, datesKey{}, heard)
}

// TellDate tells whoever hears the dates of ctx of an answer.
func TellDate(ctx context.Context, date time.Time) {
	if heard, ok := ctx.Value(datesKey{}).(func(time.Time)); ok {
		heard(date)
	}
}
