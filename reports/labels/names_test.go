package labels_test

import (
	"testing"

	"github.com/nightaudit/nightaudit/reports/labels"
)

// A name stands before the id that a person may have to type, wherever an account is
// meant, and nowhere else: not in the middle of a path, of an address or of another
// account's id.
func TestNamesInTexts(t *testing.T) {
	names := labels.Names{
		labels.Account: {"soms/retail": "零售", "tuya/sh-01": "喜来登", "soms/a.b": "Two", "soms/店": "老店"},
		labels.Store:   {"0007": "湖滨店"},
		labels.Channel: {"eleme": "饿了么"},
	}
	for text, want := range map[string]string{
		"soms/retail": "零售 (soms/retail)",
		"soms/retail: the vendor is down; tuya/sh-01, too": "零售 (soms/retail): the vendor is down; 喜来登 (tuya/sh-01), too",
		"no plan for soms/retail.":                         "no plan for 零售 (soms/retail).",
		"soms/retail失败":                                    "soms/retail失败",
		"soms/店 未核平":                                       "老店 (soms/店) 未核平",
		"soms/retail2 and soms/retail-2":                   "soms/retail2 and soms/retail-2",
		"soms/a.b soms/a.":                                 "Two (soms/a.b) soms/a.",
		"https://shop.example/soms/retail":                 "https://shop.example/soms/retail",
		"/soms/retail data/soms/retail":                    "/soms/retail data/soms/retail",
		"account soms/retail":                              "account 零售 (soms/retail)",
		"":                                                 "",
	} {
		if got := names.In(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	for _, c := range []struct{ column, text, want string }{
		{"store_id", "0007", "湖滨店 (0007)"},
		{"store_id", "0008", "0008"},
		{"channel", "eleme", "饿了么 (eleme)"},
		{"account", "soms/retail", "零售 (soms/retail)"},
		{"order_id", "0007", "0007"},
	} {
		if got := names.Cell(c.column, c.text); got != c.want {
			t.Errorf("%s %q is shown as %q, want %q", c.column, c.text, got, c.want)
		}
	}
	if got := labels.Names(nil).In("soms/retail"); got != "soms/retail" {
		t.Errorf("without names it is %q", got)
	}
}
