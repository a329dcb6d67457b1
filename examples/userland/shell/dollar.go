package shell

import "strings"

// dollar reads what a $ starts: a parameter, a command or an expression.
func (l *lexer) dollar(quoted bool) (Word, error) {
	l.pos++
	rest := l.rest()
	switch {
	case strings.HasPrefix(rest, "(("):
		return l.arithmetic(quoted)
	case strings.HasPrefix(rest, "("):
		return l.command(quoted)
	case strings.HasPrefix(rest, "{"):
		return l.braces(quoted)
	}
	name := parameterName(rest)
	l.pos += len(name)
	if name == "" {
		return Word{{Text: "$", Quoted: quoted}}, nil
	}
	return Word{{Kind: Parameter, Text: name, Quoted: quoted}}, nil
}

// arithmetic reads $(( … )).
func (l *lexer) arithmetic(quoted bool) (Word, error) {
	start, open := l.pos+2, 0
	for i := start; i < len(l.src); i++ {
		switch c := l.src[i]; {
		case c == '(':
			open++
		case c == ')' && open > 0:
			open--
		case c == ')' && strings.HasPrefix(l.src[i:], "))"):
			l.pos = i + 2
			return Word{{Kind: Arithmetic, Text: l.src[start:i], Quoted: quoted}}, nil
		}
	}
	return nil, l.incomplete("no closing ))")
}

// command reads $( … ). Only a parser knows where that ends.
func (l *lexer) command(quoted bool) (Word, error) {
	start := l.pos + 1
	sub := parser{lexer: lexer{src: l.src, pos: start, depth: l.depth}}
	_, err := sub.list(")")
	if err != nil {
		return nil, err
	}
	closing, err := sub.expect(")")
	if err != nil {
		return nil, err
	}
	l.pos = closing.stop
	return Word{{Kind: Command, Text: l.src[start:closing.start], Quoted: quoted}}, nil
}

// braces reads ${ … }.
func (l *lexer) braces(quoted bool) (Word, error) {
	l.pos++
	p := Part{Kind: Parameter, Quoted: quoted}
	if rest := l.rest(); len(rest) > 1 && rest[0] == '#' && rest[1] != '}' {
		p.Kind = Length
		l.pos++
	}
	p.Text = parameterName(l.rest())
	if n := digits(l.rest()); n > 1 {
		p.Text = l.rest()[:n]
	}
	l.pos += len(p.Text)
	if p.Kind == Parameter {
		p.Op = parameterOp(l.rest())
		l.pos += len(p.Op)
	}
	if err := l.nest(); err != nil {
		return nil, err
	}
	defer l.unnest()
	arg, err := l.parts(func(c byte) bool { return c == '}' }, quoted)
	if err != nil {
		return nil, err
	}
	switch {
	case l.pos == len(l.src):
		return nil, l.incomplete("no closing }")
	case p.Text == "" || arg != nil && p.Op == "":
		return nil, l.fail("bad ${ }")
	}
	l.pos++
	p.Arg = arg
	return Word{p}, nil
}

func (l *lexer) nest() error {
	if l.depth++; l.depth > maxDepth {
		return l.fail("nested too deeply")
	}
	return nil
}

func (l *lexer) unnest() { l.depth-- }

// parameterName returns the name at the start of s: a variable, one digit or
// a special parameter.
func parameterName(s string) string {
	n := 0
	for n < len(s) && nameByte(s[n], n) {
		n++
	}
	if n == 0 && s != "" && strings.IndexByte("0123456789@*#?$!", s[0]) >= 0 {
		n = 1
	}
	return s[:n]
}

// parameterOp returns the operator at the start of s, or "".
func parameterOp(s string) string {
	for _, op := range []string{":-", ":=", ":+", ":?", "%%", "##", "-", "=", "+", "?", "%", "#"} {
		if strings.HasPrefix(s, op) {
			return op
		}
	}
	return ""
}

// nameByte tells whether c may be at the index i of a variable's name.
func nameByte(c byte, i int) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || i > 0 && '0' <= c && c <= '9'
}

func digits(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}
