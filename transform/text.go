package transform

// WrongType is the reason of a finding about a value whose JSON type is not
// the documented one.
const WrongType = "a value of another type than documented"

// Value reads a text or an id; a number is taken as the vendor wrote it. An
// empty text is absent. Any other type is a finding.
func (v *Text) Value(r *Record, field string) string {
	switch v.Kind {
	case String, Number:
		return v.Text
	case Boolean, Composite:
		r.Finding(field, errWrongType.Error(), v.Text)
	}
	return ""
}

// Personal is Value of a text whose raw form must not be quoted in a finding.
func (v *Text) Personal(r *Record, field string) string {
	if v.Kind == Boolean || v.Kind == Composite {
		r.Finding(field, WrongType, "")
		return ""
	}
	return v.Value(r, field)
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
	r.Finding(field, errWrongType.Error(), v.Text)
	return Flag{}
}
