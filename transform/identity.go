package transform

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/go-faster/jx"
)

// What identifies a record without a usable id is its own text: the same
// order, asked for again in the same night, is written the same. The text is
// looked for in the page once such a record is met, for hardly any page has
// one.

// textHash is the SHA-256, in hex, of a record's text: the value at path of
// the current page, or element index of the lists there. It is "" where the
// page's text is not known or has nothing there.
func (b *Batch) textHash(path string, index int) string {
	if len(b.page.Body) == 0 {
		return ""
	}
	if b.texts == nil || b.textsOf != path {
		b.textsOf, b.texts = path, textsAt(b.page.Body, path)
	}
	texts := b.texts.values
	if index >= 0 {
		texts = b.texts.elements
	}
	if at := max(index, 0); at < len(texts) {
		sum := sha256.Sum256(texts[at])
		return hex.EncodeToString(sum[:])
	}
	return ""
}

// recordTexts are the texts that a path of a page leads to: several where the
// page has a name more than once.
type recordTexts struct {
	values   [][]byte
	elements [][]byte // of those values that are lists, counted on from one to the next
}

// textsAt reads the texts at a JSON pointer without escapes, as "/data/list".
// A page that is no JSON from some place on has those before it.
func textsAt(body []byte, path string) *recordTexts {
	texts := new(recordTexts)
	d := jx.GetDecoder()
	defer jx.PutDecoder(d)
	d.ResetBytes(body)
	names := strings.Split(path, "/")[1:]
	if path == "" {
		names = nil
	}
	_ = texts.read(d, names) // what was read until then stands
	return texts
}

func (t *recordTexts) read(d *jx.Decoder, names []string) error {
	if len(names) > 0 {
		if d.Next() != jx.Object {
			return d.Skip()
		}
		return d.ObjBytes(func(d *jx.Decoder, key []byte) error {
			if string(key) != names[0] {
				return d.Skip()
			}
			return t.read(d, names[1:])
		})
	}
	isList := d.Next() == jx.Array
	raw, err := d.Raw()
	if err != nil {
		return err
	}
	t.values = append(t.values, bytes.TrimSpace(raw))
	if !isList {
		return nil
	}
	return jx.DecodeBytes(raw).Arr(func(d *jx.Decoder) error {
		d.Next() // goes to where the element begins
		element, err := d.Raw()
		if err == nil {
			t.elements = append(t.elements, bytes.TrimSpace(element))
		}
		return err
	})
}
