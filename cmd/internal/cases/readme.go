package cases

import (
	_ "embed"
	"strings"
	"text/template"
)

//go:embed readme.txt.tmpl
var readmeText string

var readmeTemplate = template.Must(template.New(readmePath).Parse(readmeText))

func readme(about About) string {
	var b strings.Builder
	if err := readmeTemplate.Execute(&b, about); err != nil {
		panic("cases: " + err.Error()) // About has what the template names
	}
	return b.String()
}
