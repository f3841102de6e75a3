package transform

// WrongType is the reason of a finding about a value whose JSON type is not
// the documented one.
const WrongType = "a value of another type than documented"

// RepeatedList is the reason of a finding about a list or object whose name
// stands more than once in the same object.
const RepeatedList = "the name stands more than once; the last one counts"

// misfit is why a value that is neither text nor number, as its field wants
// it, is not taken.
func (s *Scalar) misfit() error {
	if s.Kind == Repeated {
		return errRepeated
	}
	return errWrongType
}

// Value reads a text or an id; a number is taken as the vendor wrote it. An
// empty text is absent. Any other type is a finding.
func (v *Text) Value(r *Record, field string) string {
	switch v.Kind {
	case String, Number:
		return v.Text
	case Boolean, Composite, Repeated:
		r.Finding(field, v.misfit().Error(), v.quote())
	}
	return ""
}

// Value is that of a Text whose raw form must not be quoted in a finding.
func (v *Private) Value(r *Record, field string) string {
	if v.Kind == Boolean || v.Kind == Composite || v.Kind == Repeated {
		r.Finding(field, v.misfit().Error(), "")
		return ""
	}
	return v.Plain()
}

// Flag is a truth value; the zero value is null.
type Flag struct {
	True  bool
	Valid bool
}

// Flag reads a truth value; the texts "true" and "false" are taken.
func (v *Bool) Flag(r *Record, field string) Flag {
	if !v.Present() {
		return Flag{}
	}
	if v.Kind == Boolean || v.Kind == String {
		switch v.Text {
		case "true":
			return Flag{true, true}
		case "false":
			return Flag{false, true}
		}
	}
	r.Finding(field, v.misfit().Error(), v.Text)
	return Flag{}
}
