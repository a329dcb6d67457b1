package shell

import (
	"fmt"
	"strings"
)

// maxDepth bounds the nesting of ( ), $( ) and compound commands.
const maxDepth = 100

// SyntaxError says where and why a script cannot be read.
type SyntaxError struct {
	Line       int // counted from 1
	Text       string
	Incomplete bool // more text could make it right
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

type tokenKind int

const (
	end tokenKind = iota
	word
	operator
)

// token is one word or operator. text is its source; start and stop are offsets.
type token struct {
	kind        tokenKind
	text        string
	word        Word
	start, stop int
}

// lexer cuts src into tokens.
type lexer struct {
	src   string
	pos   int
	depth int
}

// operators, longest first.
var operators = []string{"&&", "||", ";;", ">>", "<&", ">&", "<>", ";", "&", "|", "(", ")", "<", ">", "\n"}

func (l *lexer) fail(text string) error {
	return &SyntaxError{Line: 1 + strings.Count(l.src[:l.pos], "\n"), Text: text}
}

func (l *lexer) incomplete(text string) error {
	return &SyntaxError{Line: 1 + strings.Count(l.src[:l.pos], "\n"), Text: text, Incomplete: true}
}

func (l *lexer) rest() string { return l.src[l.pos:] }

// next reads one token.
func (l *lexer) next() (token, error) {
	l.skipBlanks()
	start := l.pos
	if start == len(l.src) {
		return token{start: start, stop: start}, nil
	}
	for _, op := range operators {
		if strings.HasPrefix(l.rest(), op) {
			l.pos += len(op)
			return token{kind: operator, text: op, start: start, stop: l.pos}, nil
		}
	}
	w, err := l.word()
	return token{kind: word, text: l.src[start:l.pos], word: w, start: start, stop: l.pos}, err
}

// skipBlanks passes over blanks, continued lines and comments.
func (l *lexer) skipBlanks() {
	for l.pos < len(l.src) {
		switch rest := l.rest(); {
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r':
			l.pos++
		case strings.HasPrefix(rest, "\\\n"):
			l.pos += 2
		case rest[0] == '#':
			l.pos += len(rest)
			if i := strings.IndexByte(rest, '\n'); i >= 0 {
				l.pos += i - len(rest)
			}
		default:
			return
		}
	}
}

// word reads up to the next blank or operator outside quotes.
func (l *lexer) word() (Word, error) {
	return l.parts(func(c byte) bool { return strings.IndexByte(" \t\r\n;&|()<>", c) >= 0 }, false)
}

// parts reads pieces of a word until stop says so. In double quotes
// (quoted) a ' is itself and everything found is Quoted.
func (l *lexer) parts(stop func(byte) bool, quoted bool) (Word, error) {
	var w Word
	for l.pos < len(l.src) && !stop(l.src[l.pos]) {
		more, err := l.part(stop, quoted)
		if err != nil {
			return nil, err
		}
		w = append(w, more...)
	}
	return w, nil
}

func (l *lexer) part(stop func(byte) bool, quoted bool) (Word, error) {
	switch c := l.src[l.pos]; {
	case c == '$':
		return l.dollar(quoted)
	case c == '\\':
		return l.backslash(quoted)
	case c == '\'' && !quoted:
		return l.single()
	case c == '"' && !quoted:
		return l.double()
	case c == '`':
		return nil, l.fail("backquotes are not known here: use $( )")
	}
	start := l.pos
	for l.pos++; l.pos < len(l.src); l.pos++ {
		c := l.src[l.pos]
		if stop(c) || strings.IndexByte("$\\`", c) >= 0 || !quoted && (c == '\'' || c == '"') {
			break
		}
	}
	return Word{{Text: l.src[start:l.pos], Quoted: quoted}}, nil
}

// backslash quotes the next byte; in double quotes only if it is special there.
func (l *lexer) backslash(quoted bool) (Word, error) {
	l.pos++
	if l.pos == len(l.src) {
		return nil, l.incomplete("nothing after \\")
	}
	c := l.src[l.pos]
	l.pos++
	switch {
	case c == '\n':
		return nil, nil
	case quoted && strings.IndexByte("$`\"\\}", c) < 0:
		return Word{{Text: l.src[l.pos-2 : l.pos], Quoted: true}}, nil
	}
	return Word{{Text: l.src[l.pos-1 : l.pos], Quoted: true}}, nil
}

func (l *lexer) single() (Word, error) {
	n := strings.IndexByte(l.src[l.pos+1:], '\'')
	if n < 0 {
		return nil, l.incomplete("no closing '")
	}
	text := l.src[l.pos+1 : l.pos+1+n]
	l.pos += n + 2
	return Word{{Text: text, Quoted: true}}, nil
}

func (l *lexer) double() (Word, error) {
	l.pos++
	w, err := l.parts(func(c byte) bool { return c == '"' }, true)
	if err != nil {
		return nil, err
	}
	if l.pos == len(l.src) {
		return nil, l.incomplete(`no closing "`)
	}
	l.pos++
	if w == nil {
		w = Word{{Quoted: true}}
	}
	return w, nil
}
