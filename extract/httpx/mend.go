package httpx

import (
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// toUTF8 makes the body UTF-8, by the charset that its header states or its first
// bytes show, and takes a byte order mark off it.
func (r *reply) toUTF8() {
	if r.charset = extract.Charset(r.body, r.header.Get("Content-Type")); r.charset != "" {
		r.raw = r.body
	}
	r.body = extract.UTF8(r.body, r.charset)
}

// mend makes JSON of a body that is none, so that one bad byte does not cost all
// that stands around it, and gives its outline. A body that is JSON stays as it is.
func (r *reply) mend() (outline []byte, err error) {
	outline, ok := transform.Outline(r.body)
	if ok {
		return outline, nil
	}
	body, repairs, err := transform.Mend(r.body)
	if err != nil || len(repairs) == 0 {
		return nil, err
	}
	if r.raw == nil {
		r.raw = r.body
	}
	r.body, r.repairs = body, repairs
	outline, _ = transform.Outline(body) // what was mended is JSON
	return outline, nil
}
