package notify

import (
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/labels"
)

// A message calls accounts by their names, in what failed, why, and in the orders of
// breaks; what programs get beside the text keeps the ids.
func TestMessagesCallAccountsByTheirNames(t *testing.T) {
	url, got := service(t, answers(""))
	n := failing("soms/retail and tuya/a share a key")
	n.Accounts[0].Name = "零售"
	n.Breaks = []Break{{ID: "1", Rule: "r", Severity: "error", Title: labels.Words{EN: "Does not add up"}, Order: "tuya/a 4711", FirstSeen: at}}
	tellerOf(t, Options{Names: labels.Names{labels.Account: {"soms/retail": "零售", "tuya/a": "喜来登"}}},
		open(t, Settings{Kind: "webhook", URL: url})).Tell(t.Context(), n)
	if len(*got) != 1 {
		t.Fatalf("%d messages", len(*got))
	}
	body := string((*got)[0].body)
	for _, want := range []string{
		`New: 零售 (soms/retail) failed: 零售 (soms/retail) and 喜来登 (tuya/a) share a key. Do: `,
		`New: Does not add up (error): 1 open, such as 喜来登 (tuya/a) 4711. Do: `,
		`"key":"account soms/retail"`, `"account":"soms/retail",`, `"name":"零售",`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("it does not say %s:\n%s", want, body)
		}
	}
}
