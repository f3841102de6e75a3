package filled_test

import (
	"archive/zip"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/filled"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// Whatever is in an archive, it is taken whole or refused with a reason, soon and
// in little memory. Most have right checksums: somebody made them so, or a program
// that had no room to finish.
func TestDamagedWorkbooks(t *testing.T) {
	whole, file := wholeBook(t)
	_, breaks := filledIn(t)
	const (
		texts, styles, workbook, rels = "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
		damaged, tooMuch, taken       = "damaged", "too much", "taken whole"
	)
	sheet := func(change func(p *part)) func(*parts) { return func(all *parts) { change(all.get(breaks)) } }
	of := func(name string, change func(p *part)) func(*parts) {
		return func(all *parts) { change(all.get(name)) }
	}
	remove := func(name string) func(*parts) { return func(all *parts) { all.remove(name) } }
	header := func(change func(h *zip.FileHeader)) func(*parts) {
		return of(styles, func(p *part) { p.header = change })
	}
	cells := func(text string) func(*parts) { return sheet(func(p *part) { p.addRows(t, text) }) }
	type damage struct {
		name   string
		change func(all *parts)
		want   string // one of the three, or a part of the message
	}
	cases := []damage{
		// What belongs to a workbook is not there.
		{"without its list of kinds", remove("[Content_Types].xml"), taken},
		{"without the relationships of the archive", remove("_rels/.rels"), "the part _rels/.rels is missing"},
		{"without the workbook", remove(workbook), "the part xl/workbook.xml is missing"},
		{"without the workbook's relationships", remove(rels), "the part xl/_rels/workbook.xml.rels is missing"},
		{"without its texts", remove(texts), "the part xl/sharedStrings.xml is missing"},
		{"without its styles", remove(styles), "the part xl/styles.xml is missing"},
		{"without the sheet of breaks", remove(breaks), "the part " + breaks + " is missing"},
		{"without who saved it", remove("docProps/core.xml"), "the part docProps/core.xml is missing"},
		{"without what it is of", remove("docProps/custom.xml"), "the part docProps/custom.xml is missing"},
		{"without a chart", remove("xl/charts/chart1.xml"), taken},
		{"texts in another place", func(all *parts) {
			p := all.get(texts)
			p.name = "xl/texts.xml"
			all.get(rels).replace(t, `/?(xl/)?sharedStrings\.xml`, "/xl/texts.xml")
		}, "names another list of texts"},
		{"fewer texts than cells name", of(texts, func(p *part) { p.replace(t, `<si>(.|\n)*</si>`, "<si><t>a</t></si>") }), "names the text"},
		{"a list of texts that breaks off", of(texts, func(p *part) { p.text = p.text[:len(p.text)/2] }), "is no XML to its end"},
		{"a cell that names a text of minus one", cells(`<row r="900"><c r="A900" t="s"><v>-1</v></c></row>`), "names the text -1 in row 900"},
		{"a cell that names a text by a word", cells(`<row r="900"><c r="A900" t="s"><v>one</v></c></row>`), "names the text one in row 900"},
		// The sheet's XML.
		{"a sheet that breaks off in its rows", sheet(func(p *part) { p.text = p.text[:strings.Index(p.text, rowsEnd)-40] }), "is no XML to its end"},
		{"a sheet that breaks off behind its rows", sheet(func(p *part) { p.text = p.text[:strings.Index(p.text, rowsEnd)+12] }), "is no XML to its end"},
		{"a sheet of nothing", sheet(func(p *part) { p.text = "" }), damaged},
		{"a sheet of blanks", sheet(func(p *part) { p.text = "   \n" }), damaged},
		{"a sheet of zeros", sheet(func(p *part) { p.text = strings.Repeat("\x00", 5000) }), damaged},
		{"a sheet that is no UTF-8", sheet(func(p *part) { p.addRows(t, "\xff\xfe") }), damaged},
		{"a sheet in GBK by its word", sheet(func(p *part) { p.replace(t, `encoding="UTF-8"`, `encoding="GBK"`) }), "workbooks are in UTF-8"},
		{"an end without a beginning", cells(`</row>`), "is no XML to its end"},
		{"a beginning without an end", cells(`<row r="900">`), "is no XML to its end"},
		{"tags that cross", cells(`<row r="900"><c r="A900"></row></c>`), "is no XML to its end"},
		{"an entity that nobody declared", cells(`<row r="900"><c r="A900" t="inlineStr"><is><t>&bomb;</t></is></c></row>`), "is no XML to its end"},
		{"entities that are declared", sheet(func(p *part) {
			p.after(t, `\?>`, `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>`)
		}), "declares a document type"},
		{"an entity of a file", sheet(func(p *part) { p.after(t, `\?>`, `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>`) }), "declares a document type"},
		{"a zero within a text", cells("<row r=\"900\"><c r=\"A900\" t=\"inlineStr\"><is><t>a\x00b</t></is></c></row>"), "is no XML to its end"},
		{"rows twice", sheet(func(p *part) { p.after(t, rowsEnd, `<sheetData><row r="4"/></sheetData>`) }), "has its rows twice"},
		{"rows within rows", cells(`<sheetData/>`), "has its rows twice"},
		{"300 elements within each other", cells(strings.Repeat("<a>", 300) + strings.Repeat("</a>", 300)), "more than 256 elements within each other"},
		// Rows and columns.
		{"row two billion", cells(`<row r="2000000000"/>`), "has a row numbered 2000000000, and a sheet has 1048576"},
		{"row of twenty digits", cells(`<row r="99999999999999999999"/>`), "has a row numbered 99999999999999999999"},
		{"row minus one", cells(`<row r="-1"/>`), "has row -1 behind row"},
		{"row nought", cells(`<row r="0"/>`), "has row 0 behind row"},
		{"row five and a half", cells(`<row r="5.5"/>`), "has a row numbered 5.5"},
		{"a row that stands twice", cells(`<row r="4"><c r="M4"><v>1</v></c></row>`), "has row 4 behind row"},
		{"the last row that a sheet has", cells(`<row r="1048576"/>`), taken},
		{"one row more than a sheet has", cells(`<row r="1048576"/><row/>`), "has a row numbered 1048577"},
		{"17,000 columns", sheet(func(p *part) { p.addRows(t, `<row r="900">`+columns(16_300, "900")+`</row>`) }), "has something in column 1025 of row 900, and 1024 are read"},
		{"a column beyond the last", cells(`<row r="900"><c r="XFE900"><v>1</v></c></row>`), "has a cell XFE900 in row 900"},
		{"a column without a row", cells(`<row r="900"><c r="A"><v>1</v></c></row>`), "has a cell A in row 900"},
		{"a cell of another row", cells(`<row r="900"><c r="A4"><v>1</v></c></row>`), "has a cell A4 in row 900"},
		{"a cell that stands twice", cells(`<row r="900"><c r="B900"><v>1</v></c><c r="B900"><v>2</v></c></row>`), "has a cell in column 2 of row 900 behind that in column 2"},
		{"cells that go backwards", cells(`<row r="900"><c r="B900"><v>1</v></c><c r="A900"><v>2</v></c></row>`), "behind that in column 2"},
		{"a style that is no number", cells(`<row r="900"><c r="A900" s="x"><v>1</v></c></row>`), "of the style x"},
		{"formats, but nothing, in the last column", cells(`<row r="900"><c r="XFD900" s="1"/></row>`), taken},
		{"merged cells over all", sheet(func(p *part) {
			p.after(t, rowsEnd, `<mergeCells>`+strings.Repeat(`<mergeCell ref="A4:Z1048576"/>`, 20_000)+`</mergeCells>`)
		}), "has merged cells that lie over each other"},
		{"merged cells of nowhere", sheet(func(p *part) { p.after(t, rowsEnd, `<mergeCells><mergeCell ref="nowhere"/></mergeCells>`) }), "merged cells nowhere"},
		// Other parts.
		{"9 MB of zeros in a sheet of somebody's own", of("xl/worksheets/sheet99.xml", func(p *part) { p.text = strings.Repeat("\x00", 9<<20) }), "unpacks to more than 100 times its size"},
		{"a workbook in a workbook", of("xl/embeddings/book.xlsx", func(p *part) { p.text = file }), taken},
		{"a link to another machine", of(rels, func(p *part) {
			p.replace(t, `</Relationships>`, `<Relationship Id="x9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink" Target="http://192.0.2.1/a.xlsx" TargetMode="External"/></Relationships>`)
		}), taken},
		// The archive itself.
		{"a part twice", func(all *parts) { *all = append(*all, *all.get(breaks)) }, "the part " + breaks + " stands in it twice"},
		{"a part twice, but for capitals", func(all *parts) { *all = append(*all, part{name: strings.ToUpper(breaks), text: "x"}) }, "stands in it twice"},
		{"a name that leads out", of("../../etc/cron.d/x", func(p *part) { p.text = "x" }), "has a name that no part has"},
		{"a name that leads out, as Windows writes it", of(`..\..\x`, func(p *part) { p.text = "x" }), "has a name that no part has"},
		{"a name from the root", of("/etc/passwd", func(p *part) { p.text = "x" }), "has a name that no part has"},
		{"names as Windows writes them", func(all *parts) {
			for i := range *all {
				(*all)[i].name = strings.ReplaceAll((*all)[i].name, "/", `\`)
			}
		}, taken},
		{"11,000 parts", func(all *parts) {
			for i := range 11_000 {
				all.get(fmt.Sprintf("xl/media/%d", i))
			}
		}, "it has too many parts"},
		{"a part with a password", header(func(h *zip.FileHeader) { h.Flags |= 1 }), "it is protected by a password"},
		{"a way of packing that nobody knows", header(func(h *zip.FileHeader) { h.Method = 99 }), "cannot be unpacked"},
		{"a checksum of something else", header(func(h *zip.FileHeader) { h.CRC32++ }), "the part xl/styles.xml does not fit its checksum"},
		{"a size that is too small", header(func(h *zip.FileHeader) { h.UncompressedSize64-- }), damaged},
		{"a size that is too large", header(func(h *zip.FileHeader) { h.UncompressedSize64++ }), damaged},
		{"a size of 16 EB", header(func(h *zip.FileHeader) { h.UncompressedSize64 = 1<<64 - 2 }), tooMuch},
		{"16 EB of packed bytes", header(func(h *zip.FileHeader) { h.CompressedSize64 = 1<<64 - 2 }), damaged},
		{"8 EB of packed bytes", header(func(h *zip.FileHeader) { h.CompressedSize64 = 1 << 63 }), damaged},
		{"4 EB of packed bytes", header(func(h *zip.FileHeader) { h.CompressedSize64 = 1 << 62 }), damaged},
		{"a size of 5 GB, in 64 bits", header(func(h *zip.FileHeader) { h.UncompressedSize64 = 5 << 30 }), tooMuch},
		{"packed bytes that are none", header(func(h *zip.FileHeader) { h.Method = zip.Deflate }), damaged},
		{"no packed bytes", of(styles, func(p *part) {
			p.raw, p.header = []byte{}, func(h *zip.FileHeader) { h.CRC32 = crc32.ChecksumIEEE(nil) }
		}), damaged},
	}
	if slowTests() { // megabytes that a test has to pack first
		cases = append(cases, []damage{
			{"a million elements within each other", cells(strings.Repeat("<abcdefgh>", 1e6) + strings.Repeat("</abcdefgh>", 1e6)), tooMuch},
			{"a text of five megabytes", cells(`<row r="900"><c r="A900" t="inlineStr"><is><t>` + strings.Repeat("x y z", 1<<20) + `</t></is></c></row>`), "has a text of more than 4 MiB"},
			{"an attribute of five megabytes", cells(`<row r="900" x="` + strings.Repeat("x y z", 1<<20) + `"/>`), "has a text of more than 4 MiB"},
			{"a million empty rows", cells(strings.Repeat(`<row/>`, 1_000_000)), taken},
			{"five million empty rows", cells(strings.Repeat(`<row/>`, 5_000_000)), tooMuch},
			{"seventy thousand rows of a thousand columns", cells(noisyRows(70_000)), "has more than 67108864 cells with those between them"},
			{"half a million merged cells", sheet(func(p *part) {
				p.after(t, rowsEnd, `<mergeCells>`+strings.Repeat(`<mergeCell ref="Z90:Z91"/>`, 500_000)+`</mergeCells>`)
			}), tooMuch},
			{"four million styles", of(styles, func(p *part) { p.after(t, `<cellXfs[^>]*>`, strings.Repeat(`<xf/>`, 4_000_000)) }), tooMuch},
			{"half a million styles, packed as badly as others", of(styles, func(p *part) { p.after(t, `<cellXfs[^>]*>`, noisy(500_000, `<xf numFmtId="%d"/>`)) }), "the part xl/styles.xml has more than 300000 elements"},
			{"three million texts", of(texts, func(p *part) { p.after(t, `<sst[^>]*>`, noisy(3_000_000, `<si><t>%d</t></si>`)) }), "the part xl/sharedStrings.xml has more than 2000000 elements"},
			{"half a million names", of(workbook, func(p *part) {
				p.after(t, `</sheets>`, `<definedNames>`+noisy(500_000, `<definedName name="n%d"/>`)+`</definedNames>`)
			}), "the part xl/workbook.xml has more than 300000 elements"},
			{"200 MB of zeros in a picture", of("xl/media/image1.png", func(p *part) { p.text = strings.Repeat("\x00", 200<<20) }), tooMuch},
		}...)
	}
	if len(cases) < 60 {
		t.Errorf("%d cases", len(cases))
	}
	tally := attacks.In(t)
	for _, c := range cases {
		tally.Try(c.name, func(t *testing.T) {
			all := partsOf(t, file)
			c.change(&all)
			damagedFile := all.file(t)
			all = nil
			err := sameOrRefused(t, whole, damagedFile)
			switch {
			case c.want == taken && err != nil, c.want != taken && err == nil,
				c.want == damaged && !errors.Is(err, filled.ErrDamaged), c.want == tooMuch && !errors.Is(err, filled.ErrTooMuch):
				t.Errorf("%v; want: %s", err, c.want)
			case c.want != taken && c.want != damaged && c.want != tooMuch && !strings.Contains(err.Error(), c.want):
				t.Errorf("%v; want %s", err, c.want)
			}
		})
	}
}

// noisy is a text of n elements, each with a number, so that it packs as sheets do.
func noisy(n int, element string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, element, uint32(i)*2654435761)
	}
	return b.String()
}

// noisyRows are n rows in which something stands in the thousandth column.
func noisyRows(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<row r="%d"><c r="ALL%[1]d"><v>1</v></c></row>`, 100+i)
	}
	return b.String()
}

// Parts that share their packed bytes: the second name is given to the bytes of
// the first.
func TestOverlappingParts(t *testing.T) {
	_, file := wholeBook(t)
	all := partsOf(t, file)
	*all.get("xl/media/image1.png") = part{name: "xl/media/image1.png", text: strings.Repeat("abc", 999)}
	*all.get("xl/media/image2.png") = part{name: "xl/media/image2.png", text: strings.Repeat("abc", 999)}
	double := all.file(t)
	// The offset of each local header is the last number of its entry in the list.
	offset := func(name string) int {
		list := strings.Index(double, "PK\x01\x02")
		return list + strings.Index(double[list:], name) - 4
	}
	first, second := offset("xl/media/image1.png"), offset("xl/media/image2.png")
	over := double[:second] + double[first:first+4] + double[second+4:]
	_, err := readText(t, over)
	if !errors.Is(err, filled.ErrDamaged) || !strings.Contains(err.Error(), "lies over another one") {
		t.Errorf("%v", err)
	}
}
