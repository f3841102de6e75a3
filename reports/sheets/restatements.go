package sheets

import (
	"fmt"
	"strings"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// restatementsSheet shows, for every closed month that moved, by how much and
// through which orders: as closed, as it stands now, and the effect, which is
// the live sum of the orders' effects.
func (w *reconciliation) restatementsSheet() error {
	t := &tally{
		sheet: "sheet.restatements", detail: "restated_orders", control: "restatements_totals",
		keys:    []string{"period", "source", "account", "flow", "currency"},
		scope:   []string{"period", "flow", "currency"},
		figures: []string{"orders_effect", "net_amount_effect", "paid_amount_effect", "gross_amount_effect", "settle_amount_effect"},
		behind:  "paid_amount_effect",
		chief:   "net_amount_effect",
		note:    w.Text("restatements.note"),
		lead: func(r *result.Row) (string, orderPlace) {
			if _, ok := w.inOrders(r.At("business_date_after")); !ok {
				return "", orderPlace{}
			}
			return "order_id", orderPlace{source: r.Str("source"), account: r.Str("account"), order: r.Str("order_id")}
		},
	}
	t.roles = map[string]workbook.Role{"changed_columns": workbook.RoleWrap}
	t.words = map[string]func(string) string{"changed_columns": w.headingsOf}
	for _, name := range []string{"orders", "gross_amount", "net_amount", "paid_amount", "settle_amount"} {
		t.stated = append(t.stated, statedColumn{name + "_before", name + "_closed"}, statedColumn{name + "_after", name + "_now"})
	}
	t.also = func(v *tallyView, row int) (conditions []string) {
		at := func(name string) string { return "N(" + workbook.CellName(v.on(result.Index(v.raw, name)), row) + ")" }
		for _, name := range []string{"orders", "gross_amount", "net_amount", "paid_amount", "settle_amount"} {
			conditions = append(conditions, fmt.Sprintf("ROUND(%s+%s-%s,4)=0", at(name+"_before"), at(name+"_effect"), at(name+"_after")))
		}
		return conditions
	}
	if err := w.tallySheet(t); err != nil {
		return err
	}
	w.restatements = workbook.SheetName(w.Text(t.sheet))
	w.restated = w.contents[len(w.contents)-1].rows
	return nil
}

// headingsOf writes a list of columns of orders as their headings.
func (w *reconciliation) headingsOf(columns string) string {
	names := strings.Split(columns, ", ")
	for i, name := range names {
		if c := w.Labels.Dict.Table("main.orders").Column(name); c != nil {
			names[i] = labels.Words{EN: c.LabelEN, ZH: c.LabelZH}.In(w.Language)
		}
	}
	if w.Language == labels.Chinese {
		return strings.Join(names, "、")
	}
	return strings.Join(names, ", ")
}
