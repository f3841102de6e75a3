package labels

import (
	"strings"
	"testing"
)

func TestLabelsAreInBothLanguagesWithTheSameFigures(t *testing.T) {
	l, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	check := func(key string, w Words) {
		if w.EN == "" || w.ZH == "" {
			t.Errorf("%s lacks a language", key)
		}
		if strings.Count(w.EN, "%") != strings.Count(w.ZH, "%") {
			t.Errorf("%s has other figures in Chinese than in English", key)
		}
	}
	for key, w := range l.Texts {
		check(key, w)
	}
	for vocabulary, values := range l.Values {
		for code, w := range values {
			check(vocabulary+"."+code, w)
		}
	}
}
