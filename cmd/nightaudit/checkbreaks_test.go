package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"

	"github.com/nightaudit/nightaudit/reports/reportstest"
)

// The breaks that hold are printed, and those of the night that do not; what is not as the
// night kept it is named. That the checks find the same through Spark is shown in
// reports/spark.
func TestBreaksAnewArePrinted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "found.duckdb")
	db := reportstest.At(t, file)
	reportstest.Exec(t, db, `
		INSERT INTO recon.breaks (break_id, rule, severity, source, account, order_id, expected, actual, difference, currency, reason, explanation_en, explanation_zh, first_seen, last_seen, status) VALUES
			('a', 'order_due', 'info', 'soms', 'retail', 'A', 69, 69.0251, 0.0251, 'CNY', 'amount', 'in English', '中文', '2026-03-01 18:00:00Z', '2026-03-09 18:00:00Z', 'open'),
			('b', 'cashier', 'error', 'starhotel', 'inn', '=B', 100, 90, -10, 'CNY', 'amount', 'less', '少', '2026-03-01 18:00:00Z', '2026-03-09 18:00:00Z', 'accepted'),
			('c', 'undated', 'error', 'soms', 'retail', 'C', NULL, NULL, 0, 'CNY', 'missing_left', 'gone', '无', '2026-03-01 18:00:00Z', '2026-03-08 18:00:00Z', 'resolved'),
			('d', 'undated', 'error', 'soms', 'retail', 'D', NULL, NULL, 0, 'CNY', 'missing_left', 'long gone', '无', '2026-03-01 18:00:00Z', '2026-03-02 18:00:00Z', 'resolved');
		CREATE TABLE recon.unlike AS SELECT * FROM (VALUES ('a', 'new'), ('c', 'gone')) u(break_id, unlike)`)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var out, said bytes.Buffer
	a := &app{stdout: &out, stderr: newConsole(&said, func(string) string { return "" })}
	if err := a.printBreaks(t.Context(), file, "csv", "en"); err != nil {
		t.Fatal(err)
	}
	const want = "rule,severity,source,account,order_id,line_no,right_source,right_account,right_order_id,business_date,expected,actual,difference,currency,reason,status,unlike,explanation\n" +
		"cashier,error,starhotel,inn,'=B,,,,,,100.0000,90.0000,-10.0000,CNY,amount,accepted,,less\n" +
		"order_due,info,soms,retail,A,,,,,,69.0000,69.0251,0.0251,CNY,amount,open,new,in English\n" +
		"undated,error,soms,retail,C,,,,,,,,0.0000,CNY,missing_left,resolved,gone,gone\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

// What differs from the night goes before breaks, and breaks count from --fail-on on.
func TestBreaksAnewEnd(t *testing.T) {
	for _, c := range []struct {
		unlike, infos, errors int
		failOn, says          string
		code                  int
		across                bool
	}{
		{0, 0, 0, "info", "0 breaks are open; 0 are not as the night kept them\n", 0, false},
		{0, 1, 0, "", "1 break is open; 0 are not as the night kept them\n", 0, false},
		{0, 1, 0, "error", "1 break is open; 0 are not as the night kept them\n", 0, false},
		{0, 1, 1, "error", "2 breaks are open; 0 are not as the night kept them\n", 5, false},
		{1, 1, 1, "error", "2 breaks are open; 1 is not as the night kept it\n", 3, false},
		{1, 1, 0, "error", "1 break is open; 1 is not as the night kept it\n", 0, true},
		{1, 1, 1, "error", "2 breaks are open; 1 is not as the night kept it\n", 5, true},
	} {
		var said bytes.Buffer
		a := &app{stderr: newConsole(&said, func(string) string { return "" })}
		err := a.tellBreaks(checkedAnew{unlike: c.unlike, across: c.across, open: func(severity string) int {
			if severity == "error" {
				return c.errors
			}
			return c.infos + c.errors
		}}, c.failOn)
		code := 0
		if f, ok := errors.AsType[*failure](err); ok {
			code = f.code
		}
		if code != c.code || said.String() != c.says {
			t.Errorf("%+v: code %d, says %q", c, code, said.String())
		}
	}
}
