package cases

import (
	"strings"
	"testing"
	"unicode"
)

// shape is a value without what it says: which kinds of signs stand where.
func shape(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return '9'
		case unicode.Is(unicode.Han, r):
			return '汉'
		case unicode.Is(unicode.Arabic, r):
			return 'ب'
		case unicode.IsUpper(r):
			return 'A'
		case unicode.IsLetter(r):
			return 'a'
		case unicode.Is(unicode.So, r):
			return '☆'
		}
		return r
	}, s)
}

// A likeness has the shape of its value and no letter or digit of it in its place.
func TestLikenessHasTheShape(t *testing.T) {
	answered := map[rune]bool{}
	for _, r := range "张三欧阳阿依古丽长安街号单元" {
		answered[r] = true
	}
	l := newLikeness(answered)
	for _, s := range []string{
		"张三", "欧阳·阿依古丽", "Zhang San", "O'Neill-Смирнов", "محمد علي", "13800000001", "+86 138-0000-0001", "+44 20 7946 0958", "odd+tag@sub.example.co",
		"11010519491231002X", "E98765432", "长安街 1 号 9 单元", "0.50", "-12.5", "a", "7", "🐼", " padded ", "",
	} {
		made := l.of(s)
		if shape(made) != shape(s) {
			t.Errorf("%q becomes %q, of another shape", s, made)
		}
		if again := l.of(s); again != made {
			t.Errorf("%q becomes %q, and then %q", s, made, again)
		}
		if strings.HasPrefix(s, "+") {
			continue // the country stays
		}
		before, after := []rune(s), []rune(made)
		for i := range before {
			if (unicode.IsLetter(before[i]) || unicode.IsDigit(before[i])) && before[i] == after[i] {
				t.Errorf("%q becomes %q, with the same %q", s, made, before[i])
			}
		}
	}
}

// One person's number is one, however it is written; no two persons become one; and no
// name of the answers comes about by chance.
func TestLikenessesAreApart(t *testing.T) {
	answered := map[rune]bool{}
	names := strings.Split("王李张刘陈杨赵黄周吴徐孙朱马胡郭林何高梁", "")
	for _, r := range names {
		answered[[]rune(r)[0]] = true
	}
	l := newLikeness(answered)
	plain, grouped := l.of("13800000001"), l.of("+86 138-0000-0001")
	if want := "+86 " + plain[:3] + "-" + plain[3:7] + "-" + plain[7:]; grouped != want {
		t.Errorf("one number becomes %s and %s", plain, grouped)
	}
	if a, b := l.of("31002x"), l.of("31002X"); !strings.EqualFold(a, b) {
		t.Errorf("one document becomes %s and %s", a, b)
	}
	of := map[string]string{}
	for _, a := range names {
		for _, b := range names {
			made := l.of(a + b)
			if other, ok := of[made]; ok {
				t.Errorf("%s and %s both become %s", a+b, other, made)
			}
			of[made] = a + b
			if strings.ContainsFunc(made, func(r rune) bool { return answered[r] }) {
				t.Errorf("%s becomes %s", a+b, made)
			}
		}
	}
	if other := newLikeness(answered).of("13800000001"); other == plain {
		t.Error("another case makes the same of a number")
	}
}

// Who is known is replaced wherever she stands as a whole, and nothing else is.
func TestKnownInTexts(t *testing.T) {
	answered := map[rune]bool{}
	for _, r := range "请联系张三丰与谢" {
		answered[r] = true
	}
	k := newKnown(newLikeness(answered))
	for _, v := range []string{"张三", "张三丰", "Li Na", "13800000001", "8801", "7", "x"} {
		k.add(v)
	}
	like := k.like.of
	for in, want := range map[string]string{
		"请联系张三，谢谢":                  "请联系" + like("张三") + "，谢谢",
		"张三丰与张三":                    like("张三丰") + "与" + like("张三"),
		"for Li Na.":                "for " + like("Li Na") + ".",
		"Li Nave":                   "Li Nave",
		"20250725880145":            "20250725880145",
		"room 8801, 7 x":            "room " + like("8801") + ", 7 x",
		"call 13900000002":          "call " + like("13900000002"),
		"write to a.b@example.com!": "write to " + like("a.b@example.com") + "!",
		"2025-05-18 19:04:24":       "2025-05-18 19:04:24",
		"":                          "",
	} {
		if got := k.scrubbed(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	if got := k.hidden("请联系张三"); strings.ContainsAny(got, "请联系张三") || !strings.HasSuffix(got, like("张三")) {
		t.Errorf("a note becomes %q", got)
	}
}
