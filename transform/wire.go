package transform

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unsafe"

	"github.com/go-faster/jx"
)

// Kind says which JSON value a vendor wrote for a field.
type Kind uint8

// The kinds of a wire value. Absent is the zero value: the answer does not
// carry the field at all, which is not the same as Null.
const (
	Absent Kind = iota
	Null
	String
	Number
	Boolean
	Composite // an object or array where a single value belongs
	Repeated  // the name stands in its object more than once, with different values
)

// Scalar is one value as the vendor wrote it: the text of a number with all
// its digits, or the unescaped text of a string. It never becomes a float.
//
// Text shares the memory of the page it was read from; pages are never
// changed after they were landed.
type Scalar struct {
	Kind Kind
	Text string
}

// The encodings in which the vendors write values. A source declares each
// wire field with the encoding its document states; the methods in money.go,
// instant.go and text.go read it.
type (
	// Decimal is an amount in major units, a price or a quantity.
	Decimal struct{ Scalar }
	// Fen is an integer count of minor units (CNY fen), mostly as text.
	Fen struct{ Scalar }
	// Text is free text or an id.
	Text struct{ Scalar }
	// Private is a Text of which no finding quotes anything.
	Private struct{ Scalar }
	// Integer is a count or a numeric code.
	Integer struct{ Scalar }
	// Bool is a truth value.
	Bool struct{ Scalar }
	// Millis is an instant as 13-digit milliseconds since 1970.
	Millis struct{ Scalar }
	// Seconds is an instant as 10-digit seconds since 1970.
	Seconds struct{ Scalar }
	// MillisOrSeconds takes 13 digits as milliseconds and 10 as seconds.
	MillisOrSeconds struct{ Scalar }
	// ISO8601 is an instant such as 2025-03-11T07:05:42.000000Z.
	ISO8601 struct{ Scalar }
	// UTCTime is yyyy-MM-dd HH:mm:ss, documented as UTC; Record.WallZone says
	// otherwise.
	UTCTime struct{ Scalar }
	// LocalTime is yyyy-MM-dd HH:mm:ss in the account's time zone.
	LocalTime struct{ Scalar }
	// LocalDay is a day, yyyy-MM-dd, possibly written as a local date-time
	// at midnight.
	LocalDay struct{ Scalar }
)

// Present reports whether the vendor stated a value: the field is there, is
// not null and is not an empty text.
func (s *Scalar) Present() bool {
	switch s.Kind {
	case Absent, Null:
		return false
	case String:
		return s.Text != ""
	}
	return true
}

// Plain is the text of a string or a number, "" of anything else: a record's
// key, or a text whose misfits make no finding.
func (s *Scalar) Plain() string {
	if s.Kind == String || s.Kind == Number {
		return s.Text
	}
	return ""
}

// Read takes the next value of d whatever its type, so that a field of a
// wrong type costs that field and never the record. Where s was read before,
// its name stands in the object once more: values that differ are Repeated.
func (s *Scalar) Read(d *jx.Decoder) error {
	if s.Kind != Absent {
		return s.readAgain(d)
	}
	switch d.Next() {
	case jx.String:
		b, err := d.StrBytes()
		if err != nil {
			return err
		}
		s.Kind, s.Text = String, view(b)
	case jx.Number:
		n, err := d.Num()
		if err != nil {
			return err
		}
		s.Kind, s.Text = Number, view(n)
	case jx.Null:
		s.Kind, s.Text = Null, ""
		return d.Null()
	case jx.Bool:
		v, err := d.Bool()
		if err != nil {
			return err
		}
		s.Kind, s.Text = Boolean, "false"
		if v {
			s.Text = "true"
		}
	case jx.Object, jx.Array:
		raw, err := d.Raw()
		if err != nil {
			return err
		}
		s.Kind, s.Text = Composite, view(raw)
	default:
		return d.Skip() // reports the syntax error with its offset
	}
	return nil
}

// readAgain takes the value of a name that was there before. Which of two
// different values the vendor means is not guessed.
func (s *Scalar) readAgain(d *jx.Decoder) error {
	before := *s
	*s = Scalar{}
	if err := s.Read(d); err != nil || *s == before {
		return err
	}
	s.Kind, s.Text = Repeated, before.Text+" / "+s.Text
	return nil
}

// view shares b's memory. The decoder returns either a part of the page,
// which is immutable once landed, or a fresh copy of an escaped string.
func view(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// quote is the text of s for a finding. What an object or array holds is not
// known, people's names and secrets not excluded, so none of it is quoted.
func (s *Scalar) quote() string {
	switch {
	case s.Kind != Composite:
		return s.Text
	case s.Text[0] == '[':
		return "[…]"
	}
	return "{…}"
}

// ReadObject calls field for each member of the object that follows. Where
// something else follows it is skipped and returned as text for a finding; null
// and a missing object return "".
func ReadObject(d *jx.Decoder, field func(d *jx.Decoder, key string) error) (wrong string, err error) {
	switch d.Next() {
	case jx.Object:
		return "", d.ObjBytes(func(d *jx.Decoder, key []byte) error {
			return field(d, view(key))
		})
	case jx.Null:
		return "", d.Null()
	}
	var s Scalar
	if err := s.Read(d); err != nil {
		return "", err
	}
	return s.quote(), nil
}

// ReadArray calls item for each element of the array that follows. Where
// something else follows it is returned as text for a finding, but for null, an empty
// text and the vendors' "[]" and "[{}]", which stand for no elements.
func ReadArray(d *jx.Decoder, item func(d *jx.Decoder) error) (wrong string, err error) {
	switch d.Next() {
	case jx.Array:
		return "", d.Arr(item)
	case jx.Null:
		return "", d.Null()
	}
	var s Scalar
	if err := s.Read(d); err != nil {
		return "", err
	}
	if s.Kind == String && (s.Text == "" || s.Text == "[]" || s.Text == "[{}]") {
		return "", nil
	}
	return s.quote(), nil
}

// ReadRecords is ReadArray for the records of an answer, its member name: something
// else in their place is an error, for records would be lost.
func ReadRecords(d *jx.Decoder, name string, record func(d *jx.Decoder) error) error {
	wrong, err := ReadArray(d, record)
	if err == nil && wrong != "" {
		err = fmt.Errorf("its %q is no array", name)
	}
	return err
}

// plainly is err without the words that the decoder puts before what a function
// of ours returned to it.
func plainly(err error) error {
	for strings.HasPrefix(err.Error(), "callback: ") && errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return err
}

// ReadDocument decodes a whole answer: one JSON value, nothing after it. What
// of it is not valid UTF-8 costs the text in which it stands (Record.append),
// not the answer.
func ReadDocument(body []byte, read func(d *jx.Decoder) error) error {
	d := jx.GetDecoder()
	defer jx.PutDecoder(d)
	d.ResetBytes(body)
	if err := read(d); err != nil {
		return fmt.Errorf("the answer is not the JSON it should be: %w", plainly(err))
	}
	if !ended(d) {
		return errors.New("the answer has text after its end")
	}
	return nil
}

// ended reports whether nothing follows. An error that wraps io.EOF is of a value that
// is cut off.
func ended(d *jx.Decoder) bool { return d.Skip() == io.EOF } //nolint:errorlint // see above

// ReadMember decodes a whole answer that is an object, and has read take the
// member name of it. An answer without that member is an error.
func ReadMember(body []byte, name string, read func(d *jx.Decoder) error) error {
	found := false
	err := ReadDocument(body, func(d *jx.Decoder) error {
		wrong, err := ReadObject(d, func(d *jx.Decoder, key string) error {
			if key == name {
				found = true
				return read(d)
			}
			return d.Skip()
		})
		if err == nil && wrong != "" {
			err = errors.New("it is not an object")
		}
		return err
	})
	if err == nil && !found {
		err = fmt.Errorf("it has no %s", name)
	}
	return err
}
