package filled

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

const (
	propertiesPart = "docProps/custom.xml"
	maxProperties  = 1 << 20 // bytes; what this program writes has less than one thousand
)

// IdentityOf reads from a workbook's own properties what it was made from, and
// nothing else of it. A workbook that says nothing gives the zero value; the error
// is ErrNotWorkbook for what is none.
func IdentityOf(path string) (id Identity, err error) {
	parts, err := zip.OpenReader(path)
	if err != nil {
		return id, fmt.Errorf("%w: %w", ErrNotWorkbook, err)
	}
	defer parts.Close() // read only: nothing to lose
	for _, part := range parts.File {
		if part.Name != propertiesPart {
			continue
		}
		texts, err := readProperties(part)
		if err != nil {
			return id, fmt.Errorf("%w: its properties cannot be read: %w", ErrNotWorkbook, err)
		}
		for name, text := range texts {
			id.set(name, text)
		}
	}
	return id, nil
}

// readProperties reads the texts of a workbook's properties, to the part's
// checksum.
func readProperties(part *zip.File) (texts map[string]string, err error) {
	r, err := part.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close() // read only: nothing to lose
	data, err := io.ReadAll(io.LimitReader(r, maxProperties+1))
	if err == nil && len(data) > maxProperties {
		err = errors.New("they are too long")
	}
	if err != nil {
		return nil, err
	}
	var all struct {
		Properties []struct {
			Name string `xml:"name,attr"`
			Text string `xml:"lpwstr"`
		} `xml:"property"`
	}
	if err := xml.Unmarshal(data, &all); err != nil {
		return nil, err
	}
	texts = map[string]string{}
	for _, p := range all.Properties {
		texts[p.Name] = p.Text
	}
	return texts, nil
}
