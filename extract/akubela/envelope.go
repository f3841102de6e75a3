package akubela

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
	"github.com/nightaudit/nightaudit/transform"
)

// checkEnvelope is the success test: success is true (docs/sources/akubela.md, Envelope).
// The document leaves its examples of failures blank: of a success: false no
// more is told apart than a code that looks like an HTTP status.
func checkEnvelope(body []byte) error {
	var (
		success transform.Bool
		code    transform.Scalar
		said    transform.Scalar
		wrong   string
	)
	message := func(d *jx.Decoder, key string) error {
		switch key {
		case "code", "error_code", "err_code":
			return code.Read(d)
		case "message", "msg", "error", "error_msg":
			return said.Read(d)
		}
		return d.Skip()
	}
	err := transform.ReadDocument(body, func(d *jx.Decoder) (err error) {
		wrong, err = transform.ReadObject(d, func(d *jx.Decoder, key string) error {
			if key == "success" {
				return success.Read(d)
			}
			if key == "result" && success.Text != "true" {
				_, err := transform.ReadObject(d, message)
				return err
			}
			return message(d, key)
		})
		return err
	})
	switch {
	case err != nil:
		return &extract.Error{Class: extract.Doubtful, Err: err, Hint: "the address may be a login page or a proxy: check base_url"}
	case wrong != "":
		return &extract.Error{Class: extract.Doubtful, Err: errors.New("the answer is not the vendor's envelope")}
	case success.Kind == transform.Boolean && success.Text == "true":
		return nil
	case !success.Present():
		return &extract.Error{Class: extract.Doubtful, Err: errors.New("the answer does not say success: true")}
	}
	if e := httpx.Mirrored(code.Text); e != nil {
		return e
	}
	e := &extract.Error{Class: extract.Denied, Code: excerpt(&code, 20), Err: extract.ErrRefused}
	if text := impersonal(excerpt(&said, 120)); text != "" {
		e.Err = fmt.Errorf("%w: %q", extract.ErrRefused, text)
	}
	return e
}

// excerpt is the beginning of what the vendor says of a failure, which is
// all that is known of it. It is one line of printable text and never more
// than the field that holds the message.
func excerpt(s *transform.Scalar, limit int) string {
	if s.Kind != transform.String && s.Kind != transform.Number {
		return ""
	}
	text := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s.Text))
	if len(text) > limit {
		text = append(text[:limit], '…')
	}
	return string(text)
}

// impersonal keeps of a message its words in small letters and the first one.
// The rest can be about somebody: names, numbers, addresses, and all Chinese.
func impersonal(text string) string {
	words := strings.Fields(text)
	for i, word := range words {
		plain := strings.TrimRight(word, ".,:;!")
		other := func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || i == 0 && r >= 'A' && r <= 'Z' || r == '_' || r == '-')
		}
		if strings.ContainsFunc(plain, other) {
			words[i] = "…"
		}
	}
	return strings.Join(words, " ")
}

// readTimestamp is the vendor's time of an answer; zero where it states none.
func readTimestamp(body []byte) (time.Time, error) {
	var at transform.Millis
	err := transform.ReadDocument(body, func(d *jx.Decoder) error {
		_, err := transform.ReadObject(d, func(d *jx.Decoder, key string) error {
			if key == "timestamp" {
				return at.Read(d)
			}
			return d.Skip()
		})
		return err
	})
	ms, parseErr := strconv.ParseInt(at.Text, 10, 64)
	if err != nil || parseErr != nil || len(at.Text) != 13 {
		return time.Time{}, err
	}
	return time.UnixMilli(ms), nil
}
