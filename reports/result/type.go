package result

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Type is what a column, or a value inside of one, holds.
type Type struct {
	Kind         kind
	Width, Scale int            // of a decimal
	Fields       []nestedField  // of a STRUCT or UNION
	Key, Element *Type          // of a MAP; of a LIST or ARRAY only the element
	length       string         // of an ARRAY, as it is written; "" for a LIST
	name         string         // as DuckDB writes it, of what has no parts
	zone         *time.Location // in which instants are written; nil is UTC
}

// in has instants written in a zone, also those inside of it.
func (t *Type) in(zone *time.Location) {
	t.zone = zone
	for i := range t.Fields {
		t.Fields[i].in(zone)
	}
	for _, part := range []*Type{t.Key, t.Element} {
		if part != nil {
			part.in(zone)
		}
	}
}

// nestedField is a part of a STRUCT or UNION; those of a tuple have no name.
type nestedField struct {
	name string
	Type
}

// simpleTypes are the types without parts or parameters, by the names that
// the driver and DESCRIBE give them. What is not here is text.
var simpleTypes = map[string]kind{
	"TINYINT": KindInteger, "SMALLINT": KindInteger, "INTEGER": KindInteger, "BIGINT": KindInteger,
	"UTINYINT": KindInteger, "USMALLINT": KindInteger, "UINTEGER": KindInteger,
	"HUGEINT": KindWide, "UBIGINT": KindWide, "UHUGEINT": KindWide, "BIGNUM": KindWide,
	"FLOAT": KindFloat, "DOUBLE": KindFloat,
	"BOOLEAN": KindFlag, "DATE": KindDate,
	"TIMESTAMPTZ": KindInstant, "TIMESTAMP WITH TIME ZONE": KindInstant,
	"TIMESTAMP": KindLocal, "TIMESTAMP_S": KindLocal, "TIMESTAMP_MS": KindLocal, "TIMESTAMP_NS": KindLocalNano,
	"TIME": kindTime, "TIMETZ": kindTimeZoned, "TIME WITH TIME ZONE": kindTimeZoned,
	"BLOB": KindBytes, "GEOMETRY": KindBytes, "UUID": kindUUID,
	"JSON": KindJSON, "VARIANT": KindJSON,
}

// typeOf reads a type as DuckDB writes it: STRUCT(a DECIMAL(18,4), "b c"
// JSON[]). A type that it cannot read is text: no value is lost by that.
func typeOf(text string) Type {
	p := typeParser{rest: text}
	t, err := p.parse()
	if err != nil || p.rest != "" {
		return Type{Kind: KindText, name: text}
	}
	return t
}

// typeParser reads the text from its front.
type typeParser struct{ rest string }

func (p *typeParser) parse() (Type, error) {
	t, err := p.base()
	for err == nil && strings.HasPrefix(p.rest, "[") {
		length, rest, ok := strings.Cut(p.rest[1:], "]")
		if !ok {
			return t, errors.New("an open bracket")
		}
		element := t
		t, p.rest = Type{Kind: KindList, Element: &element, length: length}, rest
	}
	return t, err
}

func (p *typeParser) base() (Type, error) {
	end := strings.IndexAny(p.rest, "(),[")
	if end < 0 {
		end = len(p.rest)
	}
	name := p.rest[:end]
	p.rest = p.rest[end:]
	switch name {
	case "STRUCT", "UNION":
		t := Type{Kind: KindStruct}
		if name == "UNION" {
			t.Kind = kindUnion
		}
		return t, p.list(func() error {
			f, err := p.field()
			t.Fields = append(t.Fields, f)
			return err
		})
	case "MAP":
		var parts []Type
		err := p.list(func() error {
			part, err := p.parse()
			parts = append(parts, part)
			return err
		})
		if err == nil && len(parts) != 2 {
			err = errors.New("a MAP has a key and a value")
		}
		if err != nil {
			return Type{}, err
		}
		return Type{Kind: KindMap, Key: &parts[0], Element: &parts[1]}, nil
	case "ENUM":
		if strings.HasPrefix(p.rest, "(") {
			err := p.list(func() error {
				_, err := p.quoted('\'')
				return err
			})
			return Type{Kind: KindText, name: "VARCHAR"}, err
		}
	case "DECIMAL":
		t := Type{Kind: KindDecimal}
		if n, _ := fmt.Sscanf(p.rest, "(%d,%d)", &t.Width, &t.Scale); n != 2 {
			return t, errors.New("a DECIMAL has two parameters")
		}
		p.rest = p.rest[strings.IndexByte(p.rest, ')')+1:]
		t.name = fmt.Sprintf("DECIMAL(%d,%d)", t.Width, t.Scale)
		return t, nil
	}
	return Type{Kind: simpleTypes[name], name: name}, nil
}

// list reads "(item, item)".
func (p *typeParser) list(item func() error) error {
	for open := "("; ; open = ", " {
		rest, ok := strings.CutPrefix(p.rest, open)
		if !ok {
			return errors.New("an open list")
		}
		p.rest = rest
		if err := item(); err != nil {
			return err
		}
		if rest, done := strings.CutPrefix(p.rest, ")"); done {
			p.rest = rest
			return nil
		}
	}
}

// field reads a name and a type, or, of a tuple, a type alone.
func (p *typeParser) field() (nestedField, error) {
	var f nestedField
	var err error
	if strings.HasPrefix(p.rest, `"`) {
		if f.name, err = p.quoted('"'); err != nil {
			return f, err
		}
		p.rest = strings.TrimPrefix(p.rest, " ")
	} else if blank := strings.IndexAny(p.rest, " (),["); blank > 0 && p.rest[blank] == ' ' && !startsSpacedType(p.rest) {
		f.name, p.rest = p.rest[:blank], p.rest[blank+1:]
	}
	f.Type, err = p.parse()
	return f, err
}

// startsSpacedType tells a type that has blanks from a name before a type.
func startsSpacedType(text string) bool {
	return strings.HasPrefix(text, "TIMESTAMP WITH TIME ZONE") || strings.HasPrefix(text, "TIME WITH TIME ZONE")
}

// quoted reads a text in quotes, in which the quote is written twice.
func (p *typeParser) quoted(quote byte) (string, error) {
	if p.rest == "" || p.rest[0] != quote {
		return "", errors.New("no quote")
	}
	var text strings.Builder
	for i := 1; i < len(p.rest); i++ {
		if p.rest[i] == quote {
			if i+1 == len(p.rest) || p.rest[i+1] != quote {
				p.rest = p.rest[i+1:]
				return text.String(), nil
			}
			i++
		}
		text.WriteByte(p.rest[i])
	}
	return "", errors.New("an open quote")
}

// Nested says whether a value of the type has parts.
func (t *Type) Nested() bool {
	return t.Kind == KindList || t.Kind == KindStruct || t.Kind == KindMap || t.Kind == kindUnion
}

// Number says whether the values are numbers.
func (t *Type) Number() bool {
	return t.Kind == KindInteger || t.Kind == KindWide || t.Kind == KindDecimal || t.Kind == KindFloat
}
