package meter

import (
	"context"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Three calls of two seconds, two of them at once, took six seconds although four
// have passed; what they were is added up, and the account's stages stand in the
// sequence of the work, whichever came first.
func TestMeterAddsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var accounts Accounts
		retail := ledger.AccountID{Source: "soms", Account: "retail"}
		call := func(ctx context.Context) {
			end := From(ctx).Begin(Fetch)
			time.Sleep(2 * time.Second)
			end(Amount{Calls: 1, Bytes: 100})
		}
		merged := accounts.Of(retail).Begin(Merge)
		time.Sleep(time.Millisecond)
		merged(Amount{Rows: 7})
		ctx := With(t.Context(), accounts.Of(retail))
		var calls sync.WaitGroup
		calls.Go(func() { call(ctx) })
		calls.Go(func() { call(ctx) })
		calls.Wait()
		call(ctx)
		checked := accounts.Of(ledger.AccountID{}).Begin(Checks)
		checked(Amount{Calls: 1})
		accounts.Of(ledger.AccountID{Source: "akubela", Account: "z"}).Begin(Fetch)(Amount{Calls: 1, Bytes: 1})

		got := accounts.Readings("r1")
		want := []Reading{
			{"r1", "", "", Checks, 0, Amount{Calls: 1}},
			{"r1", "akubela", "z", Fetch, 0, Amount{Calls: 1, Bytes: 1}},
			{"r1", "soms", "retail", Fetch, 6_000_000, Amount{Calls: 3, Bytes: 300}},
			{"r1", "soms", "retail", Merge, 1_000, Amount{Rows: 7}},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
	})
}

// Where nothing is measured, nothing is needed for it.
func TestNoMeter(t *testing.T) {
	From(t.Context()).Begin(Fetch)(Amount{Calls: 1})
	var accounts *Accounts
	accounts.Of(ledger.AccountID{}).Begin(Checks)(Amount{})
	if got := accounts.Readings("r1"); got != nil {
		t.Errorf("readings %v", got)
	}
}
