package labels

import (
	"regexp"
	"strings"
)

// The kinds of what people call by names of their own.
const (
	Account = "account"
	Store   = "store"
	Channel = "channel"
)

// Coded are the columns that hold codes of such a kind.
var Coded = map[string]string{"channel": Channel, "store": Store, "store_id": Store}

// Names are what people call accounts, stores and channels (names: in the
// configuration): by kind and code. The code of an account is source/account.
type Names map[string]map[string]string

// Called is a code with the name that people give it before it, for what they read and
// may have to type, on one line: 湖滨店 (soms/retail). Without a name it is the code.
func Called(name, code string) string {
	if name == "" {
		return code
	}
	return strings.Join(strings.Fields(name), " ") + " (" + code + ")"
}

// ids finds what may be the id of an account: two words with a slash between them. A
// path or an address has more.
var ids = regexp.MustCompile(`/?[\pL\pN_.-]+(?:/[\pL\pN_.-]+)+`)

// In is a text in which each account that has a name is called by it. A text that has
// been through it is not put through it again.
func (n Names) In(text string) string {
	accounts := n[Account]
	if len(accounts) == 0 {
		return text
	}
	return ids.ReplaceAllStringFunc(text, func(word string) string {
		id := word
		if accounts[id] == "" {
			id = strings.TrimRight(word, ".") // that of a sentence
		}
		return Called(accounts[id], id) + word[len(id):]
	})
}

// Cell is a value of a column as people read it in a table.
func (n Names) Cell(column, text string) string {
	if kind, is := Coded[column]; is {
		return Called(n[kind][text], text)
	}
	return n.In(text)
}
