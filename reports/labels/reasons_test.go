package labels

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Every reason for which a row is refused or a value doubted has its words, so
// that the Chinese workbook is Chinese: the texts that the sources' code gives
// to Reject and Finding, and the errors and names that it takes them from. A
// reason that is put together from figures is told as it is.
func TestReasonsHaveWords(t *testing.T) {
	l, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	check := func(at string, e ast.Expr) {
		literal, ok := e.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return
		}
		reason, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		found++
		if w, ok := l.Values["issue_reason"][reason]; !ok || w.EN != reason {
			t.Errorf("%s: the vocabulary issue_reason has no words for %q", at, reason)
		}
	}
	for _, folder := range []string{"../../transform", "../../extract"} {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				if s, ok := call.Fun.(*ast.SelectorExpr); ok && len(call.Args) == 3 && (s.Sel.Name == "Reject" || s.Sel.Name == "Finding" || s.Sel.Name == "NotShown") {
					check(path, call.Args[1])
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 20 {
		t.Errorf("%d reasons found: the code names them otherwise now", found)
	}
	// Those that transform names: errNotNumber = errors.New("…"), WrongType = "…".
	for _, path := range []string{"../../transform/money.go", "../../transform/instant.go", "../../transform/text.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				v, ok := s.(*ast.ValueSpec)
				if !ok || len(v.Values) != 1 {
					continue
				}
				if call, ok := v.Values[0].(*ast.CallExpr); ok && strings.HasPrefix(v.Names[0].Name, "err") {
					check(path, call.Args[0])
				} else if v.Names[0].IsExported() {
					check(path, v.Values[0])
				}
			}
		}
	}
}
