package shell

// command reads a compound or a simple command.
func (p *parser) command() (Node, error) {
	t, err := p.peek()
	if err != nil {
		return nil, err
	}
	read := p.compound(t.text)
	if read == nil || t.kind == end {
		return p.simple()
	}
	if err := p.nest(); err != nil {
		return nil, err
	}
	defer p.unnest()
	p.take()
	n, err := read(t.start)
	if err != nil {
		return nil, err
	}
	redirects, err := p.redirects()
	if err != nil || redirects == nil {
		return n, err
	}
	return &Redirected{p.since(t.start), n, redirects}, nil
}

// compound returns the reader of what the word opens, or nil.
func (p *parser) compound(word string) func(start int) (Node, error) {
	return map[string]func(int) (Node, error){
		"if": p.ifClause, "while": p.loop, "until": p.loop, "for": p.forClause,
		"case": p.caseClause, "(": p.subshell, "{": p.group,
	}[word]
}

// ifClause reads what follows if or elif.
func (p *parser) ifClause(start int) (Node, error) {
	n := &If{}
	var err error
	if n.Cond, err = p.bodyThen("then"); err != nil {
		return nil, err
	}
	if n.Then, err = p.body("elif", "else", "fi"); err != nil {
		return nil, err
	}
	if at := p.start(); p.accept("elif") {
		n.Else, err = p.ifClause(at)
		n.source = p.since(start)
		return n, err
	}
	if p.accept("else") {
		if n.Else, err = p.body("fi"); err != nil {
			return nil, err
		}
	}
	_, err = p.expect("fi")
	n.source = p.since(start)
	return n, err
}

// bodyThen reads a body and the word that closes it.
func (p *parser) bodyThen(closing string) (Node, error) {
	n, err := p.body(closing)
	if err != nil {
		return nil, err
	}
	_, err = p.expect(closing)
	return n, err
}

func (p *parser) loop(start int) (Node, error) {
	n := &Loop{Until: p.src[start] == 'u'}
	var err error
	if n.Cond, err = p.bodyThen("do"); err != nil {
		return nil, err
	}
	n.Body, err = p.bodyThen("done")
	n.source = p.since(start)
	return n, err
}

func (p *parser) forClause(start int) (Node, error) {
	t, err := p.peek()
	if err != nil || t.kind != word || !isName(t.text) {
		return nil, p.unexpected(t, err)
	}
	p.take()
	n := &For{Name: t.text, Words: []Word{{{Kind: Parameter, Text: "@", Quoted: true}}}}
	if p.newlines(); p.accept("in") {
		if n.Words, err = p.words(); err != nil {
			return nil, err
		}
	}
	p.accept(";")
	p.newlines()
	if _, err := p.expect("do"); err != nil {
		return nil, err
	}
	n.Body, err = p.bodyThen("done")
	n.source = p.since(start)
	return n, err
}

// words reads words up to an operator.
func (p *parser) words() (ws []Word, err error) {
	for {
		t, err := p.peek()
		if err != nil || t.kind != word {
			return ws, err
		}
		p.take()
		ws = append(ws, t.word)
	}
}

func (p *parser) subshell(start int) (Node, error) {
	n, err := p.bodyThen(")")
	return &Subshell{p.since(start), n}, err
}

func (p *parser) group(int) (Node, error) { return p.bodyThen("}") }

func (p *parser) caseClause(start int) (Node, error) {
	t, err := p.peek()
	if err != nil || t.kind != word {
		return nil, p.unexpected(t, err)
	}
	p.take()
	n := &Case{Word: t.word}
	p.newlines()
	if _, err := p.expect("in"); err != nil {
		return nil, err
	}
	for p.newlines(); !p.accept("esac"); p.newlines() {
		arm, err := p.arm()
		if err != nil {
			return nil, err
		}
		n.Arms = append(n.Arms, arm)
	}
	n.source = p.since(start)
	return n, nil
}

// arm reads PATTERN|PATTERN) LIST ;;
func (p *parser) arm() (Arm, error) {
	var a Arm
	p.accept("(")
	for {
		t, err := p.peek()
		if err != nil || t.kind != word {
			return a, p.unexpected(t, err)
		}
		p.take()
		a.Patterns = append(a.Patterns, t.word)
		if !p.accept("|") {
			break
		}
	}
	if _, err := p.expect(")"); err != nil {
		return a, err
	}
	body, err := p.list(";;", "esac")
	if a.Body = body; err != nil || p.is("esac") {
		return a, err
	}
	_, err = p.expect(";;")
	return a, err
}
