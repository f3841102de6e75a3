package filled

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// How many elements the parts may have that excelize takes into memory as a whole.
const (
	mostElements = 300_000   // of one of them: styles of workbooks that were copied together for years have some ten thousand
	mostFormulas = 3_000_000 // of the list of cells that hold one
	mostTexts    = 2_000_000 // of the list of texts, of which it keeps the places
)

// book is what a workbook says of its parts.
type book struct {
	*archive
	sheets map[string]string // part of each sheet, by name
	texts  int               // in the list of texts; -1 where it has not been read
}

// inspect reads the parts to which all others hang, and every part that excelize
// reads as a whole.
func (a *archive) inspect() (*book, error) {
	if a.parts["[Content_Types].xml"] == nil && a.parts["_rels/.rels"] == nil {
		return nil, fmt.Errorf("%w: it is an archive of something else", ErrNotWorkbook)
	}
	b := &book{archive: a, sheets: map[string]string{}}
	for name, most := range map[string]int{
		"[Content_Types].xml": mostElements, "_rels/.rels": mostElements, "docProps/core.xml": mostElements, "docProps/custom.xml": mostElements,
		"xl/styles.xml": mostElements, "xl/theme/theme1.xml": mostElements, "xl/calcChain.xml": mostFormulas,
	} {
		if a.parts[name] != nil {
			if _, err := a.count(name, "", most); err != nil {
				return nil, err
			}
		}
	}
	main, err := a.related("", "_rels/.rels", "officeDocument", "core-properties", "custom-properties")
	if err != nil {
		return nil, err
	}
	if len(main["officeDocument"]) != 1 {
		return nil, fmt.Errorf("%w: its _rels/.rels names no workbook", ErrNotWorkbook)
	}
	return b, b.findSheets(main["officeDocument"][0].Target)
}

// findSheets reads the list of sheets, and counts the list of texts.
func (b *book) findSheets(name string) error {
	dir, base := path.Split(name)
	rels := dir + "_rels/" + base + ".rels"
	for _, part := range []string{name, rels} {
		if _, err := b.count(part, "", mostElements); err != nil {
			return err
		}
	}
	of, err := b.related(dir, rels, "worksheet", "styles", "sharedStrings")
	if err != nil {
		return err
	}
	var listed struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := b.unmarshal(name, &listed); err != nil {
		return err
	}
	for _, s := range listed.Sheets {
		if i := slices.IndexFunc(of["worksheet"], func(r relationship) bool { return r.ID == s.ID }); i >= 0 {
			b.sheets[s.Name] = of["worksheet"][i].Target
		}
	}
	switch texts := of["sharedStrings"]; {
	case len(texts) > 1, len(texts) == 1 && texts[0].Target != textsPart:
		return damaged("the part "+rels, "names another list of texts than %s", textsPart)
	case b.parts[textsPart] != nil:
		b.texts, err = b.count(textsPart, "si", mostTexts)
	}
	return err
}

// relationship says which part another one needs.
type relationship struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:",attr"`
	Target string `xml:",attr"`
	Mode   string `xml:"TargetMode,attr"`
}

// related are the parts that the relationships of a part name, by the last word
// of their type. All of them must be there: without its texts or its styles a
// sheet says something else.
func (a *archive) related(dir, name string, kinds ...string) (map[string][]relationship, error) {
	var all struct {
		List []relationship `xml:"Relationship"`
	}
	if err := a.unmarshal(name, &all); err != nil {
		return nil, err
	}
	of := map[string][]relationship{}
	for _, r := range all.List {
		kind := path.Base(r.Type)
		if r.Mode == "External" || !slices.Contains(kinds, kind) {
			continue
		}
		if target := strings.ReplaceAll(r.Target, `\`, "/"); path.IsAbs(target) {
			r.Target = strings.TrimPrefix(path.Clean(target), "/")
		} else {
			r.Target = path.Join(dir, target)
		}
		if strings.EqualFold(r.Target, textsPart) {
			r.Target = textsPart
		}
		if a.parts[r.Target] == nil {
			return nil, damaged("the part "+quoted(r.Target), "is missing")
		}
		of[kind] = append(of[kind], r)
	}
	return of, nil
}

// open opens a part that the archive is known to hold whole.
func (a *archive) open(name string) (io.ReadCloser, error) {
	f := a.parts[name]
	if f == nil {
		return nil, damaged("the part "+quoted(name), "is missing")
	}
	return f.Open() //nolint:wrapcheck // it was read before
}

func (a *archive) unmarshal(name string, into any) error {
	r, err := a.open(name)
	if err != nil {
		return err
	}
	defer r.Close() // read only: nothing to lose
	if err := newTokens(r).dec.Decode(into); err != nil {
		return damaged("the part "+name, "is no XML (%v)", err)
	}
	return nil
}

// count reads an XML part to its end and counts its elements, or those of a name.
func (a *archive) count(name, element string, most int) (int, error) {
	r, err := a.open(name)
	if err != nil {
		return 0, err
	}
	defer r.Close() // read only: nothing to lose
	n := 0
	tokens := newTokens(r)
	for {
		tok, err := tokens.next()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, named(name, err)
		}
		if start, ok := tok.(xml.StartElement); ok && (element == "" || start.Name.Local == element) {
			n++
		}
		if tokens.elements > most && element == "" || n > most {
			return n, tooMuch("the part "+name, "has more than %d elements", most)
		}
	}
}
