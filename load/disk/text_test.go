package disk

import (
	"errors"
	"testing"
)

// What editors leave around a text is no part of it.
func TestText(t *testing.T) {
	for name, c := range map[string]struct {
		file, want string
		err        error
	}{
		"as written":                 {"a\nb\n", "a\nb\n", nil},
		"nothing":                    {"", "", nil},
		"Notepad, UTF-8 with a mark": {"\xef\xbb\xbfa\r\nb\r\n", "a\nb\n", nil},
		"the mark alone":             {"\xef\xbb\xbf", "", nil},
		"a mark inside is a text":    {"a\ufeffb", "a\ufeffb", nil},
		"an old Mac":                 {"a\rb\r", "a\nb\n", nil},
		"GBK is left to who reads":   {"\xbb\xf9", "\xbb\xf9", nil},
		"Notepad, Unicode":           {"\xff\xfea\x00\n\x00", "", ErrUTF16},
		"UTF-16, the other way":      {"\xfe\xff\x00a", "", ErrUTF16},
		"UTF-16 without a mark":      {"a\x00b\x00", "", ErrUTF16},
	} {
		if got, err := Text([]byte(c.file)); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %q, %v; want %q, %v", name, got, err, c.want, c.err)
		}
	}
}
