package config_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

func TestChoose(t *testing.T) {
	tuya, soms := &extract.Driver{Name: "tuya"}, &extract.Driver{Name: "soms"}
	c := &config.Config{
		Accounts: []config.Account{{Driver: tuya, Name: "north"}, {Driver: tuya, Name: "south"}, {Driver: soms, Name: "north"}},
		Disabled: []ledger.AccountID{{Source: "akubela", Account: "east"}},
	}
	for _, test := range []struct {
		sources, names []string
		want           string
	}{
		{nil, nil, "tuya/north tuya/south soms/north"},
		{[]string{"tuya"}, nil, "tuya/north tuya/south"},
		{nil, []string{"north"}, "tuya/north soms/north"},
		{[]string{"soms", "tuya"}, []string{"south", "north"}, "tuya/north tuya/south soms/north"},
		{[]string{"soms"}, []string{"south"}, "the source soms chooses no account of the configuration, which has tuya/north, tuya/south, soms/north"},
		{nil, []string{"north", "west"}, "the account west chooses no account of the configuration, which has tuya/north, tuya/south, soms/north"},
		{[]string{"akubela"}, nil, "the source akubela is disabled in the configuration"},
		{nil, []string{"east"}, "the account east is disabled in the configuration"},
	} {
		accounts, err := c.Choose(test.sources, test.names)
		got := ""
		for i, a := range accounts {
			if i > 0 {
				got += " "
			}
			got += a.Driver.Name + "/" + a.Name
		}
		var refused *config.ChoiceError
		if errors.As(err, &refused) {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("Choose(%v, %v) is %q, %v; want %q", test.sources, test.names, got, fmt.Sprint(err), test.want)
		}
	}
}
