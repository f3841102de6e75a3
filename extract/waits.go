package extract

import (
	"context"
	"time"
)

type waitsKey struct{}

// HearWaits returns a context in which heard is told before a vendor is left alone
// for a while, and why: "429", or "" where only the account's own rate asks for it.
// Calls that overlap tell it at the same time.
func HearWaits(ctx context.Context, heard func(d time.Duration, why string)) context.Context {
	return context.WithValue(ctx, waitsKey{}, heard)
}

// TellWait tells whoever hears the waits of ctx of one that begins.
func TellWait(ctx context.Context, d time.Duration, why string) {
	if heard, ok := ctx.Value(waitsKey{}).(func(time.Duration, string)); ok {
		heard(d, why)
	}
}
