package transform

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-faster/jx"
)

// mendCases are texts that are no JSON; apart stands for the hash of what was
// set apart. A want of "" is an error.
var mendCases = []struct {
	name, text, want string
	repairs          []string // "path offset", then "set apart PATH" or "bare"
}{
	{"a line break in a text", "{\"l\":[{\"id\":\"1\",\"remark\":\"a\nb\"}]}", `{"l":[{"id":"1","remark":"a\nb"}]}`, []string{"/l/0/remark 27"}},
	{"control characters between values", "{\"a\":\x0b1\x00}", `{"a":1}`, []string{" 0"}},
	{"a tab and a bell", "{\"a\":\"\tx\x07\"}", `{"a":"\tx\u0007"}`, []string{"/a 6"}},
	{"a line break in a name", "{\"a\nb\":1}", `{"a\nb":1}`, []string{" 3"}},
	{"names that pointers escape", `{"a/b":{"c~":NaN}}`, `{"a/b":{"c~":"NaN"}}`, []string{"/a~1b/c~0 13 bare"}},
	{"words", `[NaN,-Infinity,True,+5,.5,007,5.]`, `["NaN","-Infinity","True","+5",".5","007","5."]`, []string{
		"/0 1 bare", "/1 5 bare", "/2 15 bare", "/3 20 bare", "/4 23 bare", "/5 26 bare", "/6 30 bare",
	}},
	{"backslashes", `["C:\dir","\x41","\u12g4","\'"]`, `["C:\\dir","\\x41","\\u12g4","\\'"]`, []string{"/0 4", "/1 11", "/2 18", "/3 27"}},
	{"a comma too many", `{"a":[1,2,],"b":{"c":1,},}`, `{"a":[1,2],"b":{"c":1}}`, []string{"/a/2 10", "/b/c 23", "/b 25"}},
	{"bytes after the end", `{"a":1}{"b":2}`, `{"a":1}`, []string{" 7"}},
	{"zeros after the end", "{\"a\":1}<br>", `{"a":1}`, []string{" 7"}},
	{"quotes within a text", `{"l":[{"id":"1","t":"he said "hi" ok","n":5},{"id":"2"}]}`, `{"l":[{"id":"1","n":5,"(unreadable)":"#"},{"id":"2"}]}`, []string{"/l/0/t 30 set apart /l/0"}},
	{"a single quote within a text", `{"l":[{"id":"1","n":5,"t":"5" tall"},{"id":"2","n":6}]}`, `{"l":[{"id":"1","n":5,"(unreadable)":"#"},{"id":"2","n":6}]}`, []string{"/l/0/t 30 set apart /l/0"}},
	{"the same in the last one", `{"l":[{"id":"1"},{"id":"2","t":"5" tall","n":[1]}],"total":2}`, `{"l":[{"id":"1"},{"id":"2","(unreadable)":"#"}],"total":2}`, []string{"/l/1/t 35 set apart /l/1"}},
	{"no bracket at the end", `{"l":[{"id":"1","n":5,{"id":"2","n":6}]}`, `{"l":[{"id":"1","n":5,"(unreadable)":"#"},{"id":"2","n":6}]}`, []string{"/l/0/n 22 set apart /l/0"}},
	{"a bracket too many", `{"l":[{"id":"1","n":5}},{"id":"2","n":6}]}`, `{"l":[{"id":"1","n":5,"(unreadable)":"#"},{"id":"2","n":6}]}`, []string{"/l/0 22 set apart /l/0"}},
	{"a line within a record", `{"l":[{"id":"1","m":[{"a":1},{"a":x y},{"a":3}],"z":1},{"id":"2"}]}`, `{"l":[{"id":"1","z":1,"(unreadable)":"#"},{"id":"2"}]}`, []string{"/l/0/m/1/a 36 set apart /l/0"}},
	{"a bracket that ends a record too soon", `{"l":[{"id":"1","n":5},"m":6},{"id":"2","n":7}]}`, `{"l":[{"id":"1","n":5,"(unreadable)":"#"},{"id":"2","n":7}]}`, []string{"/l/0 26 set apart /l/0"}},
	{"no comma between records", `{"l":[{"id":"1","n":5}{"id":"2","n":7}]}`, `{"l":[{"id":"1","n":5},{"id":"2","n":7}]}`, []string{"/l/0 22"}},
	{"an element that is nothing", `[{"id":"1"},,{"id":"2"}]`, `[{"id":"1"},{"(unreadable)":"#"},{"id":"2"}]`, []string{"/1 12 set apart /1"}},
	{"an element that is text", `[{"id":"1"},see there,{"id":"2"}]`, `[{"id":"1"},{"(unreadable)":"#"},{"id":"2"}]`, []string{"/1 16 set apart /1"}},
	{"an object by itself", `{"code":0,"data":{"no":"1","fee":1 2},"ok":true}`, `{"code":0,"data":{"no":"1","(unreadable)":"#"},"ok":true}`, []string{"/data/fee 35 set apart /data"}},
	{"two records", `{"l":[{"id":"1" 2},{"id":"2"},{"id":"3" 4},{"id":"4"}]}`, `{"l":[{"(unreadable)":"#"},{"id":"2"},{"(unreadable)":"#"},{"id":"4"}]}`, []string{"/l/0/id 16 set apart /l/0", "/l/2/id 40 set apart /l/2"}},
	{"an end that is not there", `{"l":[{"id":"1"},{"id":"2"`, "", nil},
	{"an end within a text", `{"l":[{"id":"1"},{"t":"see [2]}`, "", nil},
	{"an end after damage", `{"l":[{"id":"1" 2},{"id":"2"},{"id":"3"`, "", nil},
	{"the whole is damaged", `{"total":1 2,"l":[{"id":"1"}]}`, "", nil},
	{"a page", `<html>`, "", nil},
	{"nothing", "", "", nil},
	{"names without quotes", `{l:[{id:1}]}`, "", nil},
}

func TestMend(t *testing.T) {
	for _, c := range mendCases {
		t.Run(c.name, func(t *testing.T) {
			got, repairs, err := Mend([]byte(c.text))
			if (err != nil) != (c.want == "") {
				t.Fatalf("error %v", err)
			}
			if early := strings.Contains(c.name, "an end "); early != errors.Is(err, ErrEndsEarly) && c.name != "an end after damage" {
				t.Errorf("error %v", err)
			}
			var said []string
			for _, r := range repairs {
				text := fmt.Sprint(r.Path, " ", r.Offset)
				if r.Lost {
					text += " set apart " + r.Apart
				}
				if r.Bare {
					text += " bare"
				}
				said = append(said, text)
			}
			if plain := hashes(string(got)); plain != c.want || !slices.Equal(said, c.repairs) {
				t.Errorf("%s\n%q, want\n%s\n%q", plain, said, c.want, c.repairs)
			}
		})
	}
}

// hashes puts # for the hash of what was set apart.
func hashes(text string) string {
	return regexp.MustCompile(`"[0-9a-f]{64}"`).ReplaceAllString(text, `"#"`)
}

// One record of a page is damaged by bytes that were added, lost or changed:
// either the page is refused as a whole, or all others arrive as they were, in
// their order, and no sound record that nobody sent.
func TestMendLeavesOthersAlone(t *testing.T) {
	for _, records := range []int{1, 2, 5} {
		random := rand.New(rand.NewPCG(1, 2))
		refused, mended := 0, 0
		for range 1500 {
			var sent, want []string
			hit := random.IntN(records)
			for i := range records {
				record := fmt.Sprintf(`{"id":"S%d","remark":"two, [of] {3}","items":[{"id":"a","n":1},{"id":"b","n":2.50}],"pay":{"id":"x","sum":12.30,"null":null}}`, i)
				if i == hit {
					sent = append(sent, damageText(random, record))
				} else {
					sent, want = append(sent, record), append(want, record)
				}
			}
			text := `{"total":5,"orders":[` + strings.Join(sent, ",") + `],"page":{"no":1}}`
			if jx.Valid([]byte(text)) {
				continue
			}
			got, repairs, err := Mend([]byte(text))
			if err != nil {
				refused++
				continue
			}
			mended++
			var page struct {
				Total  int
				Orders []json.RawMessage
				Page   struct{ No int }
			}
			if err := json.Unmarshal(got, &page); err != nil {
				t.Fatalf("%v: %s", err, got)
			}
			var sound []string
			for i, o := range page.Orders {
				mended := slices.ContainsFunc(repairs, func(r Repair) bool { return Within(r.Path, fmt.Sprint("/orders/", i)) })
				if !mended && string(o) != strings.Trim(sent[hit], ",") { // a comma too many stands beside it
					sound = append(sound, string(o))
				}
			}
			if page.Total != 5 || page.Page.No != 1 || !slices.Equal(sound, want) {
				t.Errorf("%s\nbecame %s", text, got)
			}
		}
		t.Logf("%d records: %d pages mended, %d refused", records, mended, refused)
		if records > 2 && refused > mended/5 {
			t.Errorf("%d records: %d pages refused, %d mended", records, refused, mended)
		}
	}
}

// damageText damages a text in one or two places.
func damageText(random *rand.Rand, text string) string {
	bad := []byte(text)
	for range 1 + random.IntN(2) {
		const bytes = "\"\\{}[],:1x\n"
		at, b := random.IntN(len(bad)), bytes[random.IntN(len(bytes))]
		switch random.IntN(3) {
		case 0:
			bad[at] = b
		case 1:
			bad = slices.Insert(bad, at, b)
		default:
			bad = slices.Delete(bad, at, at+1)
		}
	}
	return string(bad)
}

func FuzzMend(f *testing.F) {
	for _, c := range mendCases {
		f.Add([]byte(c.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, repairs, err := Mend(text)
		switch {
		case jx.Valid(text):
			if err != nil || len(repairs) != 0 || string(got) != string(text) {
				t.Fatalf("%q became %q, %v", text, got, err)
			}
			return
		case err != nil:
			return
		case !jx.Valid(got) || len(repairs) == 0:
			t.Fatalf("%q became %q with %d repairs", text, got, len(repairs))
		}
		again, repairs, err := Mend(got)
		if err != nil || len(repairs) != 0 || string(again) != string(got) {
			t.Fatalf("%q became %q, then %q", text, got, again)
		}
	})
}
