// Package page writes the page for the morning: one HTML file that says what the
// Summary of a workbook says, in both languages, for a mail client, a telephone and
// one sheet of paper. It knows no report and no statement: what it is given is in
// words already, and each figure names the cell of the workbook that it stands in.
//
// Mail clients drop scripts, pictures inside of the file and most of what a style
// sheet says. So there is no script and no picture: charts are tables of coloured
// cells, which every client draws and whose text is text in either language, without
// a font of ours. What has to survive is said by attributes (bgcolor, align, width,
// height), what may be lost by the style sheet.
//
// Of this module it imports load/disk.
package page
