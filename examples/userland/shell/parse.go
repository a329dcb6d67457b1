package shell

import "strings"

// parser turns tokens into nodes, one token ahead of what it has used.
type parser struct {
	lexer
	ahead *token
	last  int   // end of the last token used
	err   error // of the lexer: there are no tokens after it
}

// Parse reads a whole script. It returns nil for one without commands.
func Parse(src string) (Node, error) {
	p := parser{lexer: lexer{src: src}}
	list, err := p.list("")
	if err != nil {
		return nil, err
	}
	if t, err := p.peek(); err != nil || t.kind != end {
		return nil, p.unexpected(t, err)
	}
	return list, nil
}

func (p *parser) peek() (token, error) {
	if p.ahead == nil && p.err == nil {
		var t token
		t, p.err = p.lexer.next()
		p.ahead = &t
	}
	return *p.ahead, p.err
}

// take uses the token that peek has shown.
func (p *parser) take() {
	p.last, p.ahead = p.ahead.stop, nil
}

// is tells whether the next token is this operator or reserved word.
func (p *parser) is(texts ...string) bool {
	t, err := p.peek()
	if err != nil || t.kind == end {
		return false
	}
	for _, text := range texts {
		if t.text == text {
			return true
		}
	}
	return false
}

// accept uses the next token if it is this one.
func (p *parser) accept(text string) bool {
	ok := p.is(text)
	if ok {
		p.take()
	}
	return ok
}

func (p *parser) expect(text string) (token, error) {
	t, err := p.peek()
	if err != nil || t.text != text {
		return t, p.unexpected(t, err)
	}
	p.take()
	return t, nil
}

func (p *parser) unexpected(t token, err error) error {
	switch {
	case err != nil:
		return err
	case t.kind == end:
		return p.incomplete("unexpected end")
	}
	p.pos = t.start
	return p.fail("unexpected " + strings.ReplaceAll(t.text, "\n", "end of line"))
}

func (p *parser) newlines() {
	for p.accept("\n") {
	}
}

// start is where the next token starts: a node's source begins there.
func (p *parser) start() int {
	t, err := p.peek()
	if err != nil {
		return p.pos
	}
	return t.start
}

// since is the text from start to the last token used.
func (p *parser) since(start int) source { return source(p.src[start:max(start, p.last)]) }

// list reads commands up to one of the words that close it, or to the end.
func (p *parser) list(closing ...string) (Node, error) {
	if err := p.nest(); err != nil {
		return nil, err
	}
	defer p.unnest()
	p.newlines()
	l, start := &List{}, p.start()
	for !p.closed(closing) {
		n, err := p.andOr()
		if err != nil {
			return nil, err
		}
		l.Items = append(l.Items, Item{n, p.is("&")})
		if !p.accept("&") && !p.accept(";") && !p.is("\n") {
			break
		}
		p.newlines()
	}
	l.source = p.since(start)
	return l.simplify(), nil
}

// simplify drops the list around a single command; an empty one is nil.
func (l *List) simplify() Node {
	switch {
	case len(l.Items) == 0:
		return nil
	case len(l.Items) == 1 && !l.Items[0].Background:
		return l.Items[0].Node
	}
	return l
}

func (p *parser) closed(closing []string) bool {
	t, err := p.peek()
	return err == nil && (t.kind == end || p.is(closing...))
}

// body is a list that may not be empty.
func (p *parser) body(closing ...string) (Node, error) {
	n, err := p.list(closing...)
	if err == nil && n == nil {
		t, err := p.peek()
		return nil, p.unexpected(t, err)
	}
	return n, err
}

func (p *parser) andOr() (Node, error) {
	start := p.start()
	left, err := p.pipeline()
	for err == nil && p.is("&&", "||") {
		op := p.ahead.text
		p.take()
		p.newlines()
		var right Node
		right, err = p.pipeline()
		left = &AndOr{p.since(start), left, op, right}
	}
	return left, err
}

func (p *parser) pipeline() (Node, error) {
	start, not := p.start(), p.accept("!")
	var stages []Node
	for {
		n, err := p.command()
		if err != nil {
			return nil, err
		}
		stages = append(stages, n)
		if !p.accept("|") {
			break
		}
		p.newlines()
	}
	if len(stages) == 1 && !not {
		return stages[0], nil
	}
	return &Pipeline{p.since(start), not, stages}, nil
}
