package config

import (
	"github.com/goccy/go-yaml/token"
)

// What a configuration may be. A thousand accounts with all their keys stay well
// below; the library takes time that grows with the square of what it is given,
// and recurses as deep as brackets are nested.
const (
	maxTokens  = 100_000 // words and signs
	maxDepth   = 100     // brackets, or dashes of one line, within each other
	maxAnchors = 1_000   // anchors, aliases and tags
	maxValues  = 100_000 // once every alias stands for what it means
)

// beyond finds what no configuration has before the parser sees it: the token, and
// why; nil where there is none.
func beyond(tokens token.Tokens) (at *token.Token, why string) {
	if len(tokens) > maxTokens {
		return tokens[maxTokens], "has more words and signs than any configuration: split it, or leave out what is not used"
	}
	depth, dashes, anchors := 0, 0, 0
	for i, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.AnchorType, token.AliasType, token.TagType:
			anchors++
		default:
		}
		if t.Type != token.SequenceEntryType && t.Type != token.MappingKeyType {
			dashes = 0
		} else if dashes++; i > 0 && tokens[i-1].Position.Line != t.Position.Line {
			dashes = 1
		}
		switch {
		case depth > maxDepth, dashes > maxDepth:
			return t, "nests deeper than any configuration: remove the brackets or dashes that are too many"
		case anchors > maxAnchors:
			return t, "has more anchors, aliases and tags than any configuration: write the values out"
		}
	}
	return nil, ""
}
