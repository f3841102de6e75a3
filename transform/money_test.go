package transform

import "testing"

func testRecord(cal Calendar) *Record {
	b := NewBatch(Origin{Source: "test", Account: "a", Calendar: cal, Currency: "CNY"})
	return b.Record("1", "", -1)
}

func TestSumAndDifference(t *testing.T) {
	r := testRecord(Calendar{})
	null, five, max := Money{}, Money{50000, true}, Money{pow10[18] - 1, true}
	if got := r.Sum("x", null, five, five); got != (Money{100000, true}) {
		t.Errorf("5 + 5 = %+v", got)
	}
	if got := r.Sum("x", null, null); got.Valid {
		t.Errorf("the sum of nothing is %+v, want null", got)
	}
	if got := r.Difference("x", five, null); got.Valid {
		t.Errorf("5 - null = %+v, want null", got)
	}
	if got := r.Sum("x", max, five); got.Valid || r.findings != 1 {
		t.Errorf("a sum too large is %+v with %d findings, want null with one", got, r.findings)
	}
}
