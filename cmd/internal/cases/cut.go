package cases

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/go-faster/jx"
)

// cut leaves of the lists in which an answer's records stand those records that are kept.
// With blank a line that is left out leaves an empty one, so that the others keep their
// places.
func cut(body []byte, records []found, keep func(found) bool, blank bool) ([]byte, error) {
	c := cutter{lists: map[string]bool{}, leads: map[string]bool{}, kept: map[string]bool{}, blank: blank}
	whole := true
	for _, r := range records {
		i := strings.LastIndexByte(r.pointer, '/')
		if i < 0 {
			continue
		}
		if _, err := strconv.Atoi(r.pointer[i+1:]); err != nil {
			continue
		}
		if keep(r) {
			c.kept[r.pointer] = true
		} else {
			whole = false
		}
		list := r.pointer[:i]
		c.lists[list] = true
		for ; list != ""; list = list[:strings.LastIndexByte(list, '/')] {
			c.leads[list] = true
		}
		c.leads[""] = true
	}
	if whole {
		return body, nil
	}
	if err := c.value(jx.DecodeBytes(body), ""); err != nil {
		return nil, err
	}
	return slices.Clip(c.out.Bytes()), nil
}

type cutter struct {
	lists map[string]bool // in which records stand
	leads map[string]bool // to such a list
	kept  map[string]bool
	blank bool
	out   bytes.Buffer
}

func (c *cutter) value(d *jx.Decoder, pointer string) error {
	next := d.Next()
	switch {
	case c.leads[pointer] && next == jx.Object:
		sign := byte('{')
		err := d.ObjBytes(func(d *jx.Decoder, key []byte) error {
			c.out.WriteByte(sign)
			sign = ','
			name, err := json.Marshal(string(key))
			if err != nil {
				return err
			}
			c.out.Write(name)
			c.out.WriteByte(':')
			return c.value(d, pointer+"/"+string(key))
		})
		if sign == '{' {
			c.out.WriteByte(sign)
		}
		c.out.WriteByte('}')
		return err
	case c.leads[pointer] && next == jx.Array:
		return c.list(d, pointer)
	}
	raw, err := d.Raw()
	c.out.Write(raw)
	return err
}

func (c *cutter) list(d *jx.Decoder, pointer string) error {
	sign := byte('[')
	i := -1
	err := d.Arr(func(d *jx.Decoder) error {
		i++
		at := pointer + "/" + strconv.Itoa(i)
		leftOut := c.lists[pointer] && !c.kept[at]
		empty := leftOut && c.blank && d.Next() == jx.String
		if leftOut && !empty {
			return d.Skip()
		}
		c.out.WriteByte(sign)
		sign = ','
		if empty {
			c.out.WriteString(`""`)
			return d.Skip()
		}
		return c.value(d, at)
	})
	if sign == '[' {
		c.out.WriteByte(sign)
	}
	c.out.WriteByte(']')
	return err
}
