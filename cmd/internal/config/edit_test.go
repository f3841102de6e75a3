package config

import (
	"strings"
	"testing"
)

const unedited = `# the group's file
version: 1
sources:
  akubela:
    - account: tower  # the one by the river
      base_url: "https://akubela.example"
      page_size: 100   # as the vendor advises
      # first_page: 1  # 0 or 1
      auth: {kind: bearer, token: "${T}"}
    - base_url: https://other.example
      account: "annex"
      auth:
        kind: bearer
        token: ${T}
  guoxiaodi:
  - {account: courier, base_url: https://courier.example, unknown_codes: [404], from_soms: {account: retail, key: id}}
  - account: second
    from_soms:
      account: retail
      key: id # the shop's own
`

func TestApply(t *testing.T) {
	for _, c := range []struct {
		name  string
		edits []Edit
		lines []string // old line, new line, by turns; "" for none
		done  []Edited // Line and Before
	}{
		{
			"a value is replaced and its comment stays",
			[]Edit{{"akubela", "tower", "page_size", "50"}},
			[]string{"      page_size: 100   # as the vendor advises\n", "      page_size: 50   # as the vendor advises\n"},
			[]Edited{{Line: 7, Before: "100"}},
		},
		{
			"a key comes below its comment",
			[]Edit{{"akubela", "tower", "first_page", "0"}},
			[]string{"      # first_page: 1  # 0 or 1\n", "      # first_page: 1  # 0 or 1\n      first_page: 0\n"},
			[]Edited{{Line: 9}},
		},
		{
			"a key comes below the account's first one",
			[]Edit{{"akubela", "annex", "first_page", "0"}},
			[]string{"    - base_url: https://other.example\n", "    - base_url: https://other.example\n      first_page: 0\n"},
			[]Edited{{Line: 11}},
		},
		{
			"an account in braces",
			[]Edit{{"guoxiaodi", "courier", "unknown_codes", "[404, 5001]"}, {"guoxiaodi", "courier", "rate", "1/s"}},
			[]string{"{account: courier, base_url: https://courier.example, unknown_codes: [404]", "{rate: 1/s, account: courier, base_url: https://courier.example, unknown_codes: [404, 5001]"},
			[]Edited{{Line: 16, Before: "[404]"}, {Line: 16}},
		},
		{
			"a key of a key",
			[]Edit{{"guoxiaodi", "courier", "from_soms.key", "waybill_id"}, {"guoxiaodi", "second", "from_soms.key", "front_order_id"}},
			[]string{"retail, key: id}", "retail, key: waybill_id}", "key: id # the", "key: front_order_id # the"},
			[]Edited{{Line: 16, Before: "id"}, {Line: 20, Before: "id"}},
		},
		{
			"lines that move are told as they stand in the end",
			[]Edit{{"akubela", "annex", "rate", "1/s"}, {"akubela", "tower", "first_page", "0"}},
			[]string{"      # first_page: 1  # 0 or 1\n", "      # first_page: 1  # 0 or 1\n      first_page: 0\n", "    - base_url: https://other.example\n", "    - base_url: https://other.example\n      rate: 1/s\n"},
			[]Edited{{Line: 12}, {Line: 9}},
		},
		{"what is there already", []Edit{{"akubela", "tower", "page_size", "100"}}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := strings.NewReplacer(c.lines...).Replace(unedited)
			got, done, err := Apply([]byte(unedited), c.edits)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if len(done) != len(c.done) {
				t.Fatalf("%d edits are told: %+v", len(done), done)
			}
			for i, d := range done {
				if d.Line != c.done[i].Line || d.Before != c.done[i].Before {
					t.Errorf("edit %d: line %d, before %q, want line %d, before %q", i, d.Line, d.Before, c.done[i].Line, c.done[i].Before)
				}
			}
		})
	}
}

// What cannot be edited is left, and the error says what to write.
func TestApplyRefuses(t *testing.T) {
	const anchored = "sources:\n  akubela:\n    - &a\n      account: tower\n      page_size: &n 100\n    - <<: *a\n      account: annex\n"
	for name, c := range map[string]struct {
		text string
		edit Edit
	}{
		"no such account":  {unedited, Edit{"akubela", "tower2", "page_size", "50"}},
		"no such source":   {unedited, Edit{"soms", "tower", "page_size", "50"}},
		"no such parent":   {unedited, Edit{"akubela", "tower", "from_soms.key", "id"}},
		"an anchored one":  {anchored, Edit{"akubela", "tower", "page_size", "50"}},
		"a value on lines": {"sources:\n  akubela:\n    - account: tower\n      aliases: [a,\n        b]\n", Edit{"akubela", "tower", "aliases", "[c]"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Apply([]byte(c.text), []Edit{c.edit})
			if err == nil || !strings.Contains(err.Error(), c.edit.Key+" of "+c.edit.Source+"/"+c.edit.Account+" to "+c.edit.Value) {
				t.Errorf("error %v", err)
			}
		})
	}
}
