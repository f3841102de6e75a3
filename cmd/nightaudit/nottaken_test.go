package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/load"
)

func TestNotTakenText(t *testing.T) {
	value := func(account, id, field, stated string) load.UntakenValue {
		return load.UntakenValue{Account: account, OrderID: id, Field: field, Stated: stated}
	}
	for _, c := range []struct {
		name string
		n    load.NotTaken
		want []string
	}{
		{"all is well", load.NotTaken{}, nil},
		{"one of each", load.NotTaken{
			Unreadable:   load.Untaken{Total: 1, First: []load.UntakenValue{value("soms/retail", "A", "payment.amount", "\t13.89")}},
			Undated:      load.Untaken{Total: 1, First: []load.UntakenValue{value("soms/retail", "B", "", "7000.0000 CNY revenue")}},
			Refused:      load.Untaken{Total: 1, First: []load.UntakenValue{value("akubela/tower", "orders:1#/result/3", "order_id", "")}},
			UndatedMoney: []load.FlowMoney{{Flow: "revenue", Currency: "CNY", Amount: "7000.0000"}},
		}, []string{
			`unread    1 amount is stated and cannot be read: soms/retail A payment.amount "\t13.89"`,
			`undated   1 order has no date and stands in no figure by date, 7,000.00 CNY revenue: soms/retail B`,
			`refused   1 row is refused and not in the books: akubela/tower orders:1#/result/3 order_id`,
		}},
		{"many, of two flows, and a long text", load.NotTaken{
			Unreadable: load.Untaken{Total: 1200, First: []load.UntakenValue{
				value("guoxiaodi/courier", "1", "payFee", "１２３"), value("guoxiaodi/courier", "2", "payFee", strings.Repeat("9", 41)), value("guoxiaodi/courier", "3", "tipFee", "`1`"),
			}},
			Undated:      load.Untaken{Total: 2, First: []load.UntakenValue{value("akubela/tower", "K", "", ""), value("guoxiaodi/courier", "9", "", "")}},
			UndatedMoney: []load.FlowMoney{{Flow: "cost", Currency: "CNY", Amount: "5.5000"}, {Flow: "revenue", Amount: "0.1200"}},
		}, []string{
			`unread    1,200 amounts are stated and cannot be read: guoxiaodi/courier 1 payFee "１２３"; guoxiaodi/courier 2 payFee "` + strings.Repeat("9", 40) + `…"; guoxiaodi/courier 3 tipFee "` + "`1`" + `"; 1,197 more`,
			`undated   2 orders have no date and stand in no figure by date, 5.50 CNY cost, 0.12 revenue: akubela/tower K; guoxiaodi/courier 9`,
		}},
		{"without money", load.NotTaken{Undated: load.Untaken{Total: 1, First: []load.UntakenValue{value("akubela/tower", "K", "", "")}}}, []string{
			`undated   1 order has no date and stands in no figure by date, without an amount: akubela/tower K`,
		}},
	} {
		if got := notTakenText(&c.n); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}
