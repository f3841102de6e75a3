package main

import (
	_ "embed"
	"html/template"
	"io"
	"time"

	"github.com/nightaudit/nightaudit/extract/probe"
)

//go:embed probe.html.tmpl
var probePageText string

var probePage = template.Must(template.New("probe").Parse(probePageText))

// probePart is the questions of an account that are open, or those that are not.
type probePart struct {
	Title   probe.Text
	Answers []probe.Answer
}

// writeProbePage writes what a probe found out as a page in both languages that can
// be sent to a vendor's support: open questions first.
func writeProbePage(w io.Writer, found *probed) error {
	type account struct {
		probedAccount
		Parts []probePart
	}
	page := struct {
		Title, At string
		Accounts  []account
	}{Title: "What the interface's document leaves open 接口文档未明确的问题", At: found.At.Format(time.RFC3339)}
	for _, a := range found.Accounts {
		open := probePart{Title: probe.Text{EN: "Open: please answer", ZH: "待解答的问题"}}
		known := probePart{Title: probe.Text{EN: "Seen: please say if it is otherwise", ZH: "观察到的结果，如有不符请指出"}}
		for _, answer := range a.Answers {
			part := &known
			if answer.Sure == probe.Open {
				part = &open
			}
			part.Answers = append(part.Answers, answer)
		}
		page.Accounts = append(page.Accounts, account{a, []probePart{open, known}})
	}
	return probePage.Execute(w, page)
}
