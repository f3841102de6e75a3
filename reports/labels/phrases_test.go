package labels

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// What the program itself says is Chinese in a Chinese book; what a vendor said,
// addresses and figures stay as they came.
func TestSay(t *testing.T) {
	l, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ en, zh string }{
		{"the vendor states 12, 11 came", "来源所报 12 条，实收 11 条"},
		{"the vendor states 3, 2 came; orders.net_amount CNY: 10.00 in the answers, 9.99 loaded", "来源所报 3 条，实收 2 条; orders.net_amount CNY：应答合计 10.00，入库合计 9.99"},
		{"read orders (POST /api/v1/pmsOrder/list): code 500: the vendor's server failed (asked 6 times); check base_url and the network", "read orders (POST /api/v1/pmsOrder/list): code 500: 供应商服务器出错 （已请求 6 次）; 请检查 base_url 和网络"},
		{"the PMS is being repaired", "the PMS is being repaired"},
		{"a.jsonl, line 3: not a whole number", "a.jsonl, line 3: 不是整数"},
	} {
		if got := l.Say(Chinese, test.en); got != test.zh {
			t.Errorf("%q becomes %q, want %q", test.en, got, test.zh)
		}
		if got := l.Say(English, test.en); got != test.en {
			t.Errorf("%q becomes %q in English", test.en, got)
		}
	}
}

// Every text of the code that speaks HTTP, and of the code that judges windows,
// has its Chinese: errors, hints and the formats of doubts.
func TestMessagesHaveChinese(t *testing.T) {
	l, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	verb := regexp.MustCompile(`%[sdvw+]`)
	found := 0
	for _, path := range []string{
		"../../extract/httpx/verdict.go", "../../extract/httpx/wire.go", "../../extract/httpx/session.go", "../../extract/httpx/oauth2.go",
		"../../extract/httpx/allow.go", "../../load/commit.go", "../../load/gone.go", "../../extract/passes.go",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := ""
			switch f := call.Fun.(type) {
			case *ast.SelectorExpr:
				name = f.Sel.Name
			case *ast.Ident:
				name = f.Name
			}
			// fail(class, code, err, hint); errors.New; doubt(format, …).
			var texts []ast.Expr
			switch {
			case name == "fail" && len(call.Args) == 4:
				texts = call.Args[3:]
			case name == "New" && strings.Contains(path, "httpx") && len(call.Args) == 1, name == "doubt":
				texts = call.Args[:1]
			}
			for _, text := range texts {
				literal, ok := text.(*ast.BasicLit)
				if !ok || literal.Kind != token.STRING {
					continue
				}
				message, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				if message == "" {
					continue
				}
				found++
				said := verb.ReplaceAllString(message, "7")
				if got := l.Say(Chinese, said); got == said {
					t.Errorf("%s: %q has no Chinese in phrases.yaml", filepath.Base(path), message)
				}
			}
			return true
		})
	}
	if found < 25 {
		t.Errorf("%d messages found: the code names them otherwise now", found)
	}
}
