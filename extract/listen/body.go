package listen

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/nightaudit/nightaudit/extract/wal"
)

// notifications are the bodies that a call brings, each by itself and in UTF-8,
// as far as they can be read without doubt: compressed, in another charset, as
// a form, or several in an array. The error says why there are none, and holds
// nothing of what was sent.
func notifications(header http.Header, body []byte) ([][]byte, error) {
	body, err := unpacked(header, body)
	if err != nil {
		return nil, err
	}
	media, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		media = "" // it says nothing of use
	}
	charset := params["charset"]
	if media == "multipart/form-data" {
		form, err := multipartForm(body, params["boundary"])
		if err != nil {
			return nil, err
		}
		return fromForm(form, charset)
	}
	text, err := inUTF8(body, charset)
	if err != nil {
		return nil, err
	}
	text = bytes.TrimSpace(text)
	switch {
	case bytes.HasPrefix(text, []byte("[")):
		return elements(text)
	case media == "application/x-www-form-urlencoded" && !bytes.HasPrefix(text, []byte("{")), isForm(text):
		form, err := url.ParseQuery(string(text))
		if err != nil {
			return nil, errors.New("the body is no form: its encoding is damaged")
		}
		return fromForm(form, charset)
	}
	return [][]byte{text}, nil
}

// unpacked is a body without its compression. What it would become beyond the
// length of a notification is not unpacked.
func unpacked(header http.Header, body []byte) ([]byte, error) {
	how := strings.ToLower(strings.TrimSpace(header.Get("Content-Encoding")))
	switch {
	case how == "gzip", how == "x-gzip", bytes.HasPrefix(body, []byte("\x1f\x8b")):
	case how == "", how == "identity":
		return body, nil
	default:
		return nil, errors.New("the body is compressed in a way that is not read: send it as it is, or with gzip")
	}
	if !bytes.HasPrefix(body, []byte("\x1f\x8b")) {
		return body, nil // said to be, and is not
	}
	packed, err := gzip.NewReader(bytes.NewReader(body))
	if err == nil {
		body, err = io.ReadAll(io.LimitReader(packed, wal.MaxBody+1))
	}
	switch {
	case err != nil:
		return nil, errors.New("the gzip body is damaged")
	case len(body) > wal.MaxBody:
		return nil, errTooLong
	}
	return body, nil
}

// charsets are those in which couriers write, by their names in lower case.
var charsets = map[string]encoding.Encoding{
	"gbk": simplifiedchinese.GB18030, "gb2312": simplifiedchinese.GB18030, "gb18030": simplifiedchinese.GB18030,
	"utf-16": unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"utf-16be": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
}

// inUTF8 is a text without its byte order mark. What it says itself goes before
// what the call says of it; a text that is no UTF-8 and says nothing is GBK, if
// it can be: numbers and amounts are the same in all charsets that have ASCII.
func inUTF8(text []byte, charset string) ([]byte, error) {
	from := charsets[strings.ToLower(charset)]
	switch {
	case bytes.HasPrefix(text, []byte("\xef\xbb\xbf")):
		text, from = text[3:], nil
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		from = charsets["utf-16"]
	case from == charsets["gbk"] && utf8.Valid(text):
		from = nil // nearly no text in GBK is UTF-8 by chance
	case from == nil && !utf8.Valid(text):
		from = charsets["gbk"]
	}
	if from != nil {
		decoded, err := from.NewDecoder().Bytes(text)
		if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
			return nil, errors.New("the body is not in UTF-8, nor in the charset that it names")
		}
		text = decoded
	}
	if !utf8.Valid(text) {
		return nil, errors.New("the body is not in UTF-8, nor in the charset that it names")
	}
	return text, nil
}

// elements are those of an array of notifications.
func elements(text []byte) ([][]byte, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, errors.New("the body is an array and not JSON")
	}
	if len(list) == 0 {
		return nil, errors.New("the body is an empty array")
	}
	bodies := make([][]byte, len(list))
	for i, e := range list {
		bodies[i] = e
	}
	return bodies, nil
}

// isForm tells a form whose call does not say that it is one.
func isForm(text []byte) bool {
	name, _, ok := bytes.Cut(text, []byte("="))
	return ok && len(name) > 0 && !bytes.ContainsAny(name, " \t\r\n{}[]\"<>&")
}

// fromForm is the notification of a form: the JSON that is the value of one of
// its fields, or else the fields themselves.
func fromForm(form url.Values, charset string) ([][]byte, error) {
	fields := map[string]string{}
	var documents [][]byte
	for name, values := range form {
		slices.Sort(values)
		if values = slices.Compact(values); len(values) != 1 {
			return nil, errors.New("the form has two values of one field")
		}
		key, errKey := inUTF8([]byte(name), charset)
		value, err := inUTF8([]byte(values[0]), charset)
		if err := errors.Join(errKey, err); err != nil {
			return nil, errors.New("the form is not in UTF-8, nor in the charset that it names")
		}
		fields[string(key)] = string(value)
		for _, document := range []string{string(key), string(value)} { // JSON posted under the wrong type is a name
			if text := bytes.TrimSpace([]byte(document)); len(text) > 0 && (text[0] == '{' || text[0] == '[') && json.Valid(text) {
				documents = append(documents, text)
			}
		}
	}
	switch {
	case len(documents) > 1:
		return nil, errors.New("several fields of the form are JSON")
	case len(documents) == 1 && documents[0][0] == '[':
		return elements(documents[0])
	case len(documents) == 1:
		return documents, nil
	}
	object, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("write the form as JSON: %w", err)
	}
	return [][]byte{object}, nil
}

func multipartForm(body []byte, boundary string) (url.Values, error) {
	form := url.Values{}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return form, nil
		}
		var value []byte
		if err == nil {
			value, err = io.ReadAll(part)
		}
		if err != nil {
			return nil, errors.New("the body is no form: its parts are damaged")
		}
		form.Add(part.FormName(), string(value))
	}
}
