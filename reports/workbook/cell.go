package workbook

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Rows are written here and not by excelize's stream, which takes three
// allocations for each cell and twice the time. Their form is that of ECMA-376,
// Part 1: 18.3.1.73 (row), 18.3.1.4 (c), 22.9.2.19 (ST_Xstring).

// appendRow writes a row. An empty cell without a style is left out.
func appendRow(buf []byte, row int, height float64, cells []excelize.Cell) []byte {
	buf = append(buf, `<row r="`...)
	buf = strconv.AppendInt(buf, int64(row), 10)
	if height > 0 {
		buf = append(buf, `" ht="`...)
		buf = strconv.AppendFloat(buf, min(height, excelize.MaxRowHeight), 'f', -1, 64)
		buf = append(buf, `" customHeight="1`...)
	}
	buf = append(buf, `">`...)
	for i := range cells {
		if c := &cells[i]; c.StyleID != 0 || c.Value != nil || c.Formula != "" {
			buf = appendCell(buf, i+1, row, c)
		}
	}
	return append(buf, `</row>`...)
}

func appendCell(buf []byte, col, row int, c *excelize.Cell) []byte {
	buf = append(buf, `<c r="`...)
	buf = appendColumn(buf, col)
	buf = strconv.AppendInt(buf, int64(row), 10)
	if c.StyleID > 0 {
		buf = append(buf, `" s="`...)
		buf = strconv.AppendInt(buf, int64(c.StyleID), 10)
	}
	switch {
	case isNumber(c.Value):
		buf = appendFormula(append(buf, `">`...), c.Formula)
		return append(appendNumber(append(buf, `<v>`...), c.Value), `</v></c>`...)
	case c.Formula != "":
		buf = appendFormula(append(buf, `" t="str">`...), c.Formula)
		return append(appendText(append(buf, `<v>`...), textOf(c.Value)), `</v></c>`...)
	case c.Value == nil:
		return append(buf, `"/>`...)
	}
	text := textOf(c.Value)
	buf = append(buf, `" t="inlineStr"><is><t`...)
	if text != strings.Trim(text, "\t\n\r ") {
		buf = append(buf, ` xml:space="preserve"`...)
	}
	return append(appendText(append(buf, '>'), text), `</t></is></c>`...)
}

// appendColumn writes the letters of a column.
func appendColumn(buf []byte, col int) []byte {
	if col > 26 {
		buf = appendColumn(buf, (col-1)/26)
	}
	return append(buf, 'A'+byte((col-1)%26))
}

func appendFormula(buf []byte, formula string) []byte {
	if formula == "" {
		return buf
	}
	return append(appendText(append(buf, `<f>`...), formula), `</f>`...)
}

// isNumber says whether a value is a number of a cell. What a float cannot say
// is text.
func isNumber(v any) bool {
	switch v := v.(type) {
	case int, int64:
		return true
	case float64:
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case float32:
		return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0)
	}
	return false
}

// appendNumber writes the shortest text that is this number again.
func appendNumber(buf []byte, v any) []byte {
	switch v := v.(type) {
	case int:
		return strconv.AppendInt(buf, int64(v), 10)
	case int64:
		return strconv.AppendInt(buf, v, 10)
	case float32:
		return strconv.AppendFloat(buf, float64(v), 'f', -1, 32)
	case float64:
		return strconv.AppendFloat(buf, v, 'f', -1, 64)
	}
	return buf
}

// textOf is the text of a cell, as much as Excel takes of it.
func textOf(v any) string {
	text, ok := v.(string)
	if !ok && v != nil {
		text = fmt.Sprint(v)
	}
	if len(text) <= excelize.TotalCellChars {
		return text
	}
	units := 0
	for i, r := range text {
		if units += utf16.RuneLen(r); units > excelize.TotalCellChars {
			return text[:i]
		}
	}
	return text
}

// appendText writes a text so that it is read as it is: what XML means
// otherwise is escaped, and so is _x0041_, which spreadsheets read as A. What XML
// cannot hold becomes U+FFFD.
func appendText(buf []byte, text string) []byte {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '_' && isEscape(text[i:]):
			buf = append(buf, "_x005F_"...)
		case r < utf8.RuneSelf && xmlEscapes[r] != "":
			buf = append(buf, xmlEscapes[r]...)
		case r == utf8.RuneError, r == 0xFFFE, r == 0xFFFF, r < ' ' && r != '\n':
			buf = append(buf, "\uFFFD"...)
		default:
			buf = append(buf, text[i:i+size]...)
		}
		i += size
	}
	return buf
}

var xmlEscapes = [utf8.RuneSelf]string{
	'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&#34;", '\'': "&#39;", '\t': "&#x9;", '\r': "&#xD;",
}

// isEscape says whether a text begins as _x0041_ does.
func isEscape(text string) bool {
	if len(text) < 7 || text[1] != 'x' || text[6] != '_' {
		return false
	}
	_, err := strconv.ParseUint(text[2:6], 16, 16)
	return err == nil
}
