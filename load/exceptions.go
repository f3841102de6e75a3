package load

import (
	"context"

	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// exceptionStream is a stream as exceptions.sql wants it.
type exceptionStream struct {
	Name   string
	Listed []string
	Issues bool // it has staged rejects or findings
	// Creation is set where its orders bear their time of creation.
	Creation bool
}

// stageExceptions works out what the last reading of each record could not
// take, this run's included (cand_exceptions). A source's DeriveSQL may read it.
func (s *Stage) stageExceptions(ctx context.Context, m *merge) error {
	if !m.exceptions {
		return s.exec(ctx, "no_exceptions", nil)
	}
	if err := s.windowBounds(ctx); err != nil {
		return err
	}
	names, numbers, tables, columns := s.streamColumns()
	if err := s.exec(ctx, "stream_columns", nil, names, numbers, tables, columns); err != nil {
		return err
	}
	return s.exec(ctx, "exceptions", s.exceptionStreams(m.streams))
}

func (s *Stage) exceptionStreams(streams []ledger.Stream) (told []exceptionStream) {
	for _, st := range streams {
		told = append(told, exceptionStream{
			Name: st.Name, Listed: listed(st, streams), Issues: s.has(st.Name, transform.TableIssues),
			Creation: !st.Enriches && s.has(st.Name, transform.TableOrders) && s.carries(st.Name, transform.TableOrders, "created_at"),
		})
	}
	return told
}

// has reports whether rows of a stream's table are staged.
func (s *Stage) has(stream, table string) bool { return s.files[[2]string{stream, table}] != nil }

// streamColumns lists the columns that each stream carries, beside each other:
// the stream and its number, the table and the column.
func (s *Stage) streamColumns() (streams []string, numbers []int64, tables, columns []string) {
	for n, st := range s.source.Streams {
		for _, def := range transform.Facts {
			carried, ok := st.Carries[def.Name]
			if ok && len(carried) == 0 {
				carried = def.Columns()
			}
			for _, column := range carried {
				streams, numbers, tables, columns = append(streams, st.Name), append(numbers, int64(n)), append(tables, def.Name), append(columns, column)
			}
		}
	}
	return streams, numbers, tables, columns
}
