package landing

import (
	"bytes"
	"encoding/base64"

	"github.com/nightaudit/nightaudit/extract"
)

// An answer that is no JSON may hold a line break within a text, which must not
// become a blank, or bytes of another charset. It is landed as base64, so that
// its line is one line, and every byte of it is the evidence.

// wrap makes a line of raw.
func wrap(raw []byte) []byte {
	line := make([]byte, 0, base64.StdEncoding.EncodedLen(len(raw))+len(`""`))
	line = append(line, '"')
	return append(base64.StdEncoding.AppendEncode(line, raw), '"')
}

// unwrap fills in the page of a wrapped line: the raw answer, and its body as it
// was mended when it was landed.
func unwrap(p *extract.Page, line []byte, charset string) error {
	raw, err := base64.StdEncoding.AppendDecode(nil, bytes.Trim(line, `"`))
	if err != nil {
		return err
	}
	p.Raw, p.Charset = raw, charset
	p.Body, p.Repairs, err = extract.Reread(raw, charset)
	return err
}
