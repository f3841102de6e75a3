package extract

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"

	"github.com/nightaudit/nightaudit/transform"
)

// Byte order marks: of UTF-8, where it says nothing, and those of UTF-16.
var (
	markUTF8 = []byte("\xef\xbb\xbf")
	markLE   = []byte("\xff\xfe")
	markBE   = []byte("\xfe\xff")
)

// Charset is the encoding of an answer by the charset of its Content-Type and by
// its first bytes; "" is UTF-8, which JSON has by default. It is not always what
// the header says: servers state latin1 of what they write in UTF-8, by default,
// so an answer that is valid UTF-8 is of no encoding of single bytes, and of
// another one only if all of it can be read in that.
func Charset(body []byte, contentType string) string {
	switch {
	case bytes.HasPrefix(body, markLE):
		return "utf-16le"
	case bytes.HasPrefix(body, markBE):
		return "utf-16be"
	case bytes.HasPrefix(body, markUTF8):
		return ""
	}
	e, name := statedCharset(contentType)
	switch {
	case name == "" || name == "utf-8":
		return ""
	case strings.HasPrefix(name, "utf-16"):
		if bytes.IndexByte(body[:min(2, len(body))], 0) < 0 { // JSON begins with a bracket
			return ""
		}
	case utf8.Valid(body):
		if _, single := e.(*charmap.Charmap); single {
			return ""
		}
		if text, ok := decode(body, name); !ok || bytes.ContainsRune(text, utf8.RuneError) || bytes.Equal(text, body) {
			return ""
		}
	}
	return name
}

// statedCharset is the charset of a Content-Type, "" where it has none that is known.
func statedCharset(contentType string) (encoding.Encoding, string) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, ""
	}
	e, err := htmlindex.Get(params["charset"])
	if err != nil {
		return nil, ""
	}
	name, err := htmlindex.Name(e)
	if err != nil {
		return nil, ""
	}
	return e, name
}

// UTF8 is a text of that charset in UTF-8, without a byte order mark. What is
// none of the charset's characters becomes U+FFFD.
func UTF8(body []byte, charset string) []byte {
	if text, ok := decode(body, charset); ok {
		body = text
	}
	return bytes.TrimPrefix(body, markUTF8)
}

func decode(body []byte, charset string) (text []byte, ok bool) {
	e, err := htmlindex.Get(charset)
	if err != nil { // there is none
		return nil, false
	}
	text, err = e.NewDecoder().Bytes(body)
	return text, err == nil
}

// Reread is a raw answer as JSON, with what had to be mended for it: the same
// each time.
func Reread(raw []byte, charset string) ([]byte, []transform.Repair, error) {
	return transform.Mend(UTF8(raw, charset))
}
