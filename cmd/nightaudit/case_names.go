package main

import (
	"context"
	"encoding/json"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// earlierNames are the names that accounts had, with those that they have now.
func (m *caseMaker) earlierNames(ctx context.Context) (map[ledger.AccountID]string, error) {
	statement, err := sql.Query("earlier_names")
	if err != nil {
		return nil, err
	}
	tracer, err := m.plainTracer(ctx, m.db, m.cfg)
	if err != nil {
		return nil, err
	}
	var names []struct{ Source, Earlier, Name string }
	rows, err := tracer.Rows(ctx, statement)
	if err == nil {
		err = json.Unmarshal(rows, &names)
	}
	if err != nil {
		return nil, &failure{code: exit.Failed, what: "the ledger cannot be read", err: err}
	}
	became := map[ledger.AccountID]string{}
	for _, n := range names {
		became[ledger.AccountID{Source: n.Source, Account: n.Earlier}] = n.Name
	}
	for earlier, now := range became { // which may have been renamed again; a name that came back ends it
		for range became {
			next, again := became[ledger.AccountID{Source: earlier.Source, Account: now}]
			if !again {
				break
			}
			now = next
		}
		became[earlier] = now
	}
	return became, nil
}
