package sheets

import (
	"time"

	"github.com/nightaudit/nightaudit/reports/workbook"
)

// putUnderWay lists what is not finished yet, as the latest run read it.
func (v *summaryView) putUnderWay() {
	w := v.w
	v.s.Section(v.underWayHeading(), summaryWidth)
	v.s.Line(workbook.RoleNote, 15, w.Text("summary.way_note"))
	if len(v.underWay.Rows) == 0 {
		v.s.Line(workbook.RoleNote, 18, w.Text("summary.none_under_way"))
		return
	}
	columns := v.columns(v.underWay, "source", "account", "kind", "status", "flow", "currency", "orders", "net_amount", "first_date", "last_date")
	v.heads(columns, len(columns))
	for i := range v.underWay.Rows {
		v.s.Put(16, v.figures(v.underWay, i, columns, nowhere)...)
		w.stands(v.s, figureRow{report: "under_way", row: i}, columns)
	}
}

func (v *summaryView) underWayHeading() string {
	return v.w.Text("part.under_way", v.startedAt())
}

// startedAt is when the latest run began, in the book's zone.
func (v *summaryView) startedAt() string {
	started, _ := v.w.run.At(0, "started_at").(time.Time)
	return started.In(v.w.Zone).Format("2006-01-02 15:04")
}
