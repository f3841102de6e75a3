package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/nightaudit/nightaudit/cmd/internal/personal"
)

var errNoSuchPlace = errors.New("the answer has no such place")

// partAt is the part of a document that a JSON pointer (RFC 6901) names, with its
// bytes as they stand there.
func partAt(document []byte, pointer string) (json.RawMessage, error) {
	part := json.RawMessage(bytes.TrimSpace(document))
	if pointer == "" {
		return part, nil
	}
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		object, array := map[string]json.RawMessage{}, []json.RawMessage{}
		if json.Unmarshal(part, &object) == nil {
			inside, ok := object[token]
			if !ok {
				return nil, errNoSuchPlace
			}
			part = inside
			continue
		}
		no, err := strconv.Atoi(token)
		if err != nil || json.Unmarshal(part, &array) != nil || no < 0 || no >= len(array) {
			return nil, errNoSuchPlace
		}
		part = array[no]
	}
	return part, nil
}

// members are the members of an order, also where the order is a text that
// holds JSON, or a line of a CSV. What stands in an envelope counts as the
// order's own.
func members(part json.RawMessage, header string) map[string]json.RawMessage {
	object := map[string]json.RawMessage{}
	if text := plain(part); len(part) > 0 && part[0] == '"' {
		if names, cells, ok := personal.CSVLine(header, text); ok {
			for i := range names {
				object[names[i]] = quote(cells[i])
			}
			return object
		}
		part = json.RawMessage(text)
	}
	if json.Unmarshal(part, &object) != nil {
		return nil
	}
	inner := map[string]json.RawMessage{}
	for _, envelope := range []string{"data", "body"} {
		if inside, ok := object[envelope]; ok && len(inside) > 0 && (inside[0] == '{' || inside[0] == '"') {
			maps.Copy(inner, members(inside, ""))
		}
	}
	for name, v := range inner {
		if _, own := object[name]; !own {
			object[name] = v
		}
	}
	return object
}

// namesOf are the members of an order whose value is its id.
func namesOf(part json.RawMessage, id string) []string {
	var names []string
	object := members(part, "")
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if plain(object[name]) == id {
			names = append(names, name)
		}
	}
	return names
}

// pointersTo finds the orders of a document that have the id in one of the
// named members.
func pointersTo(document []byte, id string, names []string) []string {
	if !bytes.Contains(document, []byte(id)) {
		return nil
	}
	header := personal.HeaderOf(document)
	is := func(part json.RawMessage) bool {
		object := members(part, header)
		return slices.ContainsFunc(names, func(name string) bool { return plain(object[name]) == id })
	}
	var found []string
	var walk func(part json.RawMessage, pointer string)
	walk = func(part json.RawMessage, pointer string) {
		object, array := map[string]json.RawMessage{}, []json.RawMessage{}
		switch {
		case json.Unmarshal(part, &array) == nil:
			for i := range array {
				if is(array[i]) {
					found = append(found, pointer+"/"+strconv.Itoa(i))
				}
			}
		case json.Unmarshal(part, &object) != nil:
		case is(part) && !is(object["data"]):
			found = append(found, pointer)
		default:
			for _, name := range slices.Sorted(maps.Keys(object)) {
				if v := object[name]; len(v) > 0 && (v[0] == '{' || v[0] == '[') {
					walk(v, pointer+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
				}
			}
		}
	}
	walk(document, "")
	return found
}
