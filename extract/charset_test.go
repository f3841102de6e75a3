package extract

import (
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

const chinese = `{"name":"张三","note":"不要辣椒","n":[1,2]}`

func encoded(t *testing.T, charset, text string) []byte {
	t.Helper()
	encoder := simplifiedchinese.GBK.NewEncoder()
	switch charset {
	case "utf-16le":
		encoder = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder()
	case "utf-16be":
		encoder = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder()
	}
	b, err := encoder.Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// An answer is read in the charset that it is in, which is not always the one
// that its header states.
func TestCharset(t *testing.T) {
	for _, c := range []struct {
		name, header string
		body         []byte
		charset      string
		want         string // "" is chinese
	}{
		{"no header", "", []byte(chinese), "", ""},
		{"no charset", "application/json", []byte(chinese), "", ""},
		{"UTF-8", "application/json; charset=UTF-8", []byte(chinese), "", ""},
		{"a mark of UTF-8", "application/json", []byte("\xef\xbb\xbf" + chinese), "", ""},
		{"GBK", "application/json;charset=GBK", encoded(t, "gbk", chinese), "gbk", ""},
		{"gb2312 is read as GBK", `text/json; charset="gb2312"`, encoded(t, "gbk", chinese), "gbk", ""},
		{"GB18030", "application/json; charset=GB18030", encoded(t, "gbk", chinese), "gb18030", ""},
		{"UTF-8 that is said to be GBK", "application/json; charset=GBK", []byte(chinese), "", ""},
		{"UTF-8 that is said to be latin1", "application/json;charset=ISO-8859-1", []byte(chinese), "", ""},
		{"latin1", "application/json;charset=ISO-8859-1", []byte("{\"name\":\"Andr\xe9\"}"), "windows-1252", `{"name":"André"}`},
		{"UTF-16 with a mark", "application/json", append([]byte("\xff\xfe"), encoded(t, "utf-16le", chinese)...), "utf-16le", ""},
		{"UTF-16 with the other mark", "", append([]byte("\xfe\xff"), encoded(t, "utf-16be", chinese)...), "utf-16be", ""},
		{"UTF-16 by its header", "application/json; charset=utf-16be", encoded(t, "utf-16be", chinese), "utf-16be", ""},
		{"UTF-8 that is said to be UTF-16", "application/json; charset=utf-16", []byte(chinese), "", ""},
		{"ASCII in any charset", "application/json; charset=GBK", []byte(`{"a":1}`), "", `{"a":1}`},
		{"a charset that is none", "application/json; charset=klingon", []byte(chinese), "", ""},
		{"GBK without a word", "application/json", encoded(t, "gbk", `{"n":"茶"}`), "", "{\"n\":\"\xb2\xe8\"}"}, // told with the text
	} {
		t.Run(c.name, func(t *testing.T) {
			charset := Charset(c.body, c.header)
			want := c.want
			if want == "" {
				want = chinese
			}
			if got := UTF8(c.body, charset); charset != c.charset || string(got) != want {
				t.Errorf("%q: %s, want %q: %s", charset, got, c.charset, want)
			}
			if got, repairs, err := Reread(c.body, charset); err != nil || len(repairs) > 0 || string(got) != want {
				t.Errorf("read again: %s, %v, %v", got, repairs, err)
			}
		})
	}
}
