package httpx

import (
	"fmt"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/transform"
)

// ListAt is the shape of an answer whose member name holds its records.
func ListAt(name string) func(outline []byte) error {
	return func(outline []byte) error {
		return transform.ReadMember(outline, name, func(d *jx.Decoder) error {
			return transform.ReadRecords(d, name, (*jx.Decoder).Skip)
		})
	}
}

// ObjectAt is the shape of an answer whose member name is an object, or null.
func ObjectAt(name string) func(outline []byte) error {
	return func(outline []byte) error {
		return transform.ReadMember(outline, name, func(d *jx.Decoder) error {
			wrong, err := transform.ReadObject(d, func(d *jx.Decoder, _ string) error { return d.Skip() })
			if err == nil && wrong != "" {
				err = fmt.Errorf("its %s is not an object", name)
			}
			return err
		})
	}
}
