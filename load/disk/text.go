package disk

import (
	"bytes"
	"errors"
	"strings"
)

// ErrUTF16 is a text file of two bytes a character, as Notepad's "Unicode" and
// PowerShell's > write it.
var ErrUTF16 = errors.New("is UTF-16 (“Unicode”): save it as UTF-8")

// byteOrderMark is what Notepad puts before a text in UTF-8. It is no part of it.
const byteOrderMark = "\ufeff"

// Text is what a person wrote into a file with an editor of any kind: without
// the byte order mark, and with line ends of one character.
func Text(data []byte) (string, error) {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) || bytes.IndexByte(data, 0) >= 0 {
		return "", ErrUTF16
	}
	text := strings.TrimPrefix(string(data), byteOrderMark)
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), nil
}
