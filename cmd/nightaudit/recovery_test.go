package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Whoever searches docs/recovery.md for what the program said finds it: each text
// that the page quotes, in a block marked said or between “ and ”, stands in the
// code, from one … to the next.
func TestRecoveryQuotesTheProgram(t *testing.T) {
	page := readDocument(t, "docs/recovery.md")
	var quoted []string
	for _, block := range regexp.MustCompile("(?ms)^```said\n(.*?)^```$").FindAllStringSubmatch(page, -1) {
		quoted = append(quoted, strings.Split(strings.TrimSpace(block[1]), "\n")...)
	}
	for _, phrase := range regexp.MustCompile(`“([^”]+)”`).FindAllStringSubmatch(page, -1) {
		quoted = append(quoted, phrase[1])
	}
	if len(quoted) < 60 {
		t.Errorf("it quotes %d texts", len(quoted))
	}
	said := strings.Join(stringsOfTheProgram(t), "\x00")
	for _, text := range quoted {
		words := 0
		for part := range strings.SplitSeq(text, "…") {
			part = strings.Trim(part, " :,(")
			words += len(strings.Fields(part))
			if !strings.Contains(said, part) {
				t.Errorf("the program never says %q of %q", part, text)
			}
		}
		if words < 3 {
			t.Errorf("%q is too little to be found", text)
		}
	}
}

// stringsOfTheProgram are the texts in the code of the program, tests left out;
// those that are added up in the code stand as one.
func stringsOfTheProgram(t *testing.T) (texts []string) {
	t.Helper()
	for _, folder := range []string{"cmd", "extract", "load", "reports", "transform"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			code, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, code, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				text, ok := literal(n)
				if ok {
					texts = append(texts, text)
				}
				return !ok
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return texts
}

// literal is a string of the code, or several that are added up.
func literal(n ast.Node) (text string, ok bool) {
	switch n := n.(type) {
	case *ast.BasicLit:
		if n.Kind == token.STRING {
			text, err := strconv.Unquote(n.Value)
			return text, err == nil
		}
	case *ast.BinaryExpr:
		left, ok := literal(n.X)
		right, also := literal(n.Y)
		return left + right, ok && also && n.Op == token.ADD
	}
	return "", false
}
