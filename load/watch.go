package load

import (
	"context"
	"slices"

	"github.com/nightaudit/nightaudit/transform"
)

// Observation is something that the answers of a night showed, to be compared with
// what the nights before have shown; sql/merge/watch_observe.sql says what the columns
// hold for each trait.
type Observation struct {
	Stream, Trait, Within, Item, Value string
	Counted, Among                     int64
	Ref                                string // an answer that shows it
}

// Observe hands over what the night's answers showed, before Commit. Of a stage to
// which nothing is handed over, nothing is compared and learned.
func (s *Stage) Observe(observed []Observation) { s.observed = observed }

// coded are the columns of codes, with those of what they mean where a source
// translates them.
var coded = []struct{ table, column, meaning string }{
	{transform.TableOrders, "service_type", ""},
	{transform.TableOrders, "channel", ""},
	{transform.TableOrders, "source_status", "status"},
	{transform.TableOrders, "currency", ""},
	{transform.TablePayments, "method_code", ""},
	{transform.TableSettlements, "payment_type", ""},
	{transform.TableSettlements, "order_type", ""},
	{transform.TableSettlements, "delivery_type", ""},
	{transform.TableStays, "source_status", "status"},
	{transform.TableDeliveries, "carrier", ""},
	{transform.TableDeliveries, "source_status", "status"},
	{transform.TableInvoices, "type", ""},
}

// watch compares what the answers look like with what was learned of them, and learns.
func (s *Stage) watch(ctx context.Context, m *merge) error {
	if len(s.observed) == 0 {
		return nil
	}
	if !m.exceptions { // else it is there, see stageExceptions
		if err := s.windowBounds(ctx); err != nil {
			return err
		}
	}
	type value struct{ Stream, Table, Column, Meaning string }
	var values []value
	var lists []string
	for _, st := range m.streams {
		for _, c := range coded {
			if s.has(st.Name, c.table) && s.carries(st.Name, c.table, c.column) {
				values = append(values, value{st.Name, c.table, c.column, c.meaning})
			}
		}
		if s.lists(st.Name) && s.has(st.Name, transform.TableOrders) {
			lists = append(lists, st.Name)
		}
	}
	names := map[string]any{
		"Values": values, "Lists": lists, "Times": []string{"created_at", "updated_at"},
		"Apart": slices.ContainsFunc(s.windows, func(w *window) bool { return w.Filter != "" && !w.OwnCursor }),
	}
	if err := s.exec(ctx, "watch_observe", names, observedColumns(s.observed)...); err != nil {
		return err
	}
	for _, name := range []string{"watch_compare", "watch_learn"} {
		if err := s.exec(ctx, name, nil); err != nil {
			return err
		}
	}
	return nil
}

// observedColumns are observations as the arrays that watch_observe.sql takes.
func observedColumns(observed []Observation) []any {
	texts := make([][]string, 6) // none of them nil, which would be no array
	for i := range texts {
		texts[i] = []string{}
	}
	counted, among := []int64{}, []int64{}
	for i := range observed {
		o := &observed[i]
		for c, text := range []string{o.Stream, o.Trait, o.Within, o.Item, o.Value, o.Ref} {
			texts[c] = append(texts[c], text)
		}
		counted, among = append(counted, o.Counted), append(among, o.Among)
	}
	return []any{texts[0], texts[1], texts[2], texts[3], texts[4], counted, among, texts[5]}
}

// windowBounds makes window_bounds.
func (s *Stage) windowBounds(ctx context.Context) error {
	starts, ends := bounds(s.windows)
	filters, nets := []string{}, []bool{}
	for _, w := range s.windows {
		filters, nets = append(filters, w.Filter), append(nets, w.OwnCursor)
	}
	return s.exec(ctx, "window_bounds", nil, starts, ends, filters, nets)
}
