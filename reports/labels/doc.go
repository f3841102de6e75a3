// Package labels has the words of reports in English and Chinese: the phrases of
// the workbook (labels.yaml), and from the dictionary of the database
// (sql/dictionary) the headings of columns and the words for codes.
//
// Of this module it imports sql.
package labels
