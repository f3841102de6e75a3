package transform

import "github.com/go-faster/jx"

// Outline is what stands around the records of an answer: the text with the first
// element alone of each array. Who asks only how an answer is made, or what its
// envelope says, reads this and not megabytes. ok is false for a text that is no
// valid JSON, which is found out by the way.
func Outline(text []byte) (outline []byte, ok bool) {
	d := jx.GetDecoder()
	defer jx.PutDecoder(d)
	d.ResetBytes(text)
	var e jx.Encoder
	if copyOutline(d, &e) != nil || !ended(d) {
		return nil, false
	}
	return e.Bytes(), true
}

func copyOutline(d *jx.Decoder, e *jx.Encoder) error {
	switch d.Next() {
	case jx.Object:
		e.ObjStart()
		defer e.ObjEnd()
		return d.ObjBytes(func(d *jx.Decoder, key []byte) error {
			e.FieldStart(string(key))
			return copyOutline(d, e)
		})
	case jx.Array:
		e.ArrStart()
		defer e.ArrEnd()
		first := true
		return d.Arr(func(d *jx.Decoder) error {
			if !first {
				return d.Skip()
			}
			first = false
			return copyOutline(d, e)
		})
	}
	raw, err := d.Raw()
	e.Raw(raw)
	return err
}
