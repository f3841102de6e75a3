package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// licences are those under which a module may be linked into the program, which
// is under the Apache License 2.0, and words that stand in the text of each; unless
// is the one that has these words, too, and more.
var licences = []struct{ name, words, unless string }{
	{"Apache-2.0", "Apache License", ""},
	{"MIT", "The above copyright notice and this permission notice", ""},
	{"MIT-0", "Permission is hereby granted, free of charge, to any person obtaining a copy", "MIT"},
	{"BSD-3-Clause", "may be used to endorse or promote", ""},
	{"BSD-2-Clause", "Redistribution and use in source and binary forms", "BSD-3-Clause"},
}

// licencesOf are the licences that a text holds, for itself and for parts of the
// module; none where one of them is not among those above.
func licencesOf(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	// A module that is this licence from end to end, which speaks of others itself: it may
	// be linked as it is into a program under another, if people are told where its source is.
	if mpl := strings.Index(text, "Mozilla Public License"); mpl >= 0 && mpl < 100 && strings.Contains(text, "Exhibit A - Source Code Form License Notice") {
		return "MPL-2.0"
	}
	var names []string
	for _, l := range licences {
		if strings.Contains(text, l.words) && !slices.Contains(names, l.unless) {
			names = append(names, l.name)
		}
	}
	for _, other := range []string{"GENERAL PUBLIC LICENSE", "MOZILLA PUBLIC LICENSE", "CREATIVE COMMONS", "COMMONS CLAUSE"} {
		if strings.Contains(strings.ToUpper(text), other) {
			return ""
		}
	}
	return strings.Join(names, ", ")
}

func TestLicencesOf(t *testing.T) {
	const (
		apache = "Apache License\n   Version 2.0, January 2004 "
		bsd    = "Redistribution and use in source and binary forms, with or\nwithout modification "
		mit    = "Permission is hereby granted, free of charge, to any person obtaining\na copy of this software "
	)
	for text, want := range map[string]string{
		apache: "Apache-2.0",
		mit + "The above copyright notice and\nthis permission notice shall be included": "MIT",
		mit: "MIT-0",
		bsd: "BSD-2-Clause",
		bsd + "nor the names of its contributors may be used to\nendorse or promote": "BSD-3-Clause",
		apache + bsd: "Apache-2.0, BSD-2-Clause",
		apache + "GNU Lesser General Public\nLicense": "",
		"Mozilla Public License, version 2.0\n1. Definitions … GNU General Public License …\nExhibit A - Source Code Form\nLicense Notice": "MPL-2.0",
		apache + mit + "Parts are under the Mozilla Public License, version 2.0":                                                           "",
		"All rights reserved.": "",
	} {
		if got := licencesOf(text); got != want {
			t.Errorf("%.40q is %q, want %q", text, got, want)
		}
	}
}

// Every module in the program is under a licence that lets it be there, and its
// text goes with the program, as each of them asks for: docs/third-party.txt has
// them all. -update writes it anew.
func TestThirdPartyLicences(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the list is of the modules of linux on amd64")
	}
	const document = "docs/third-party.txt"
	want := thirdParty(t)
	if readDocument(t, document) != want && !*update {
		t.Errorf("%s is not what the modules say that the program is made of; -update writes it", document)
	}
	updateDocument(t, document, want)
}

// thirdParty is the document: a line for each module, then the texts, each once.
func thirdParty(t *testing.T) string {
	t.Helper()
	var list, texts strings.Builder
	of := map[string][]string{} // modules by the text of their licence
	for module, dir := range linkedModules(t) {
		for _, file := range licenceFiles(t, dir) {
			text, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			words := string(bytes.TrimSpace(text))
			of[words] = append(of[words], module)
			if strings.HasPrefix(strings.ToUpper(file), "LICENSE") {
				names := licencesOf(words)
				if names == "" {
					t.Errorf("%s is under a licence that nobody has looked at: may it be part of this program? %s", module, filepath.Join(dir, file))
				}
				fmt.Fprintf(&list, "%-46s%s\n", module, names)
			}
		}
	}
	lines := slices.Sorted(strings.Lines(list.String()))
	for _, text := range slices.SortedFunc(maps.Keys(of), func(a, b string) int {
		return cmp.Or(slices.Compare(sorted(of[a]), sorted(of[b])), strings.Compare(a, b))
	}) {
		fmt.Fprintf(&texts, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), strings.Join(sorted(of[text]), "\n"), text)
	}
	return "What nightaudit is made of besides itself: the modules that are linked into the\nprogram, with their licences, and below the texts and notices of these. DuckDB's\n" +
		"library holds further ones, whose texts lie in the folder third_party of its\nsource. The modules under MPL-2.0 are linked as they are: their source is at the\naddress that is their name. go test ./cmd/nightaudit -run TestThirdPartyLicences -update writes this.\n\n" +
		strings.Join(lines, "") + texts.String()
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}

// licenceFiles are the names of a module's files of licences and notices.
func licenceFiles(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		upper := strings.ToUpper(e.Name())
		for _, kind := range []string{"LICENSE", "NOTICE", "PATENTS"} {
			if strings.HasPrefix(upper, kind) && !e.IsDir() {
				names = append(names, e.Name())
			}
		}
	}
	if len(names) == 0 || !slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(strings.ToUpper(n), "LICENSE") }) {
		t.Errorf("%s has no licence", dir)
	}
	return names
}

// linkedModules are the folders of the modules that are linked into the program, by
// module, and that of Go itself. DuckDB's library has a module for each platform,
// which stand for each other. What stands in for a module (go.mod, replace) is ours.
func linkedModules(t *testing.T) map[string]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not (or .Main (and .Replace (not .Replace.Version)))}}{{.Path}} {{.Dir}}{{end}}{{end}}", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatalf("go env: %v", err)
	}
	modules := map[string]string{"Go": strings.TrimSpace(string(root))}
	for line := range strings.Lines(string(out)) {
		if module, dir, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			modules[strings.TrimSuffix(module, "/linux-amd64")] = dir
		}
	}
	if len(modules) < 20 {
		t.Fatalf("only %d modules were found", len(modules))
	}
	return modules
}
