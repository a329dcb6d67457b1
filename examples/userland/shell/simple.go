package shell

import (
	"strconv"
	"strings"
)

// simple reads assignments, words and redirections in any order.
func (p *parser) simple() (Node, error) {
	n, start := &Simple{}, p.start()
	for {
		r, err := p.redirect()
		if err != nil {
			return nil, err
		}
		if r != nil {
			n.Redirects = append(n.Redirects, *r)
			continue
		}
		t, err := p.peek()
		if err != nil {
			return nil, err
		}
		if t.kind != word {
			break
		}
		if n.Words == nil && closes(t.text) {
			return nil, p.unexpected(t, nil)
		}
		p.take()
		n.add(t.word)
	}
	n.source = p.since(start)
	if n.Words == nil && n.Assign == nil && n.Redirects == nil {
		t, err := p.peek()
		return nil, p.unexpected(t, err)
	}
	return n, nil
}

// add files the word as an assignment or an argument.
func (n *Simple) add(w Word) {
	if a, ok := assignment(w); ok && n.Words == nil {
		n.Assign = append(n.Assign, a)
		return
	}
	n.Words = append(n.Words, w)
}

// closes tells whether a reserved word ends something that was never begun.
func closes(text string) bool {
	return strings.Contains(" then elif else fi do done esac } ", " "+text+" ")
}

// assignment splits NAME=value.
func assignment(w Word) (Assign, bool) {
	if len(w) == 0 || w[0].Kind != Literal || w[0].Quoted {
		return Assign{}, false
	}
	name, value, ok := strings.Cut(w[0].Text, "=")
	if !ok || !isName(name) {
		return Assign{}, false
	}
	rest := Word{{Text: value}}
	return Assign{name, append(rest, w[1:]...)}, true
}

func isName(s string) bool { return s != "" && parameterName(s) == s && nameByte(s[0], 0) }

func (p *parser) redirects() (rs []Redirect, err error) {
	for {
		r, err := p.redirect()
		if err != nil || r == nil {
			return rs, err
		}
		rs = append(rs, *r)
	}
}

// redirect reads [N]<WORD and its like, or returns nil.
func (p *parser) redirect() (*Redirect, error) {
	t, err := p.peek()
	if err != nil {
		return nil, err
	}
	r := &Redirect{Fd: -1}
	if t.kind == word && isFd(t.text) && t.stop < len(p.src) && strings.IndexByte("<>", p.src[t.stop]) >= 0 {
		r.Fd, _ = strconv.Atoi(t.text)
		p.take()
		if t, err = p.peek(); err != nil {
			return nil, err
		}
	}
	if t.kind != operator || strings.IndexByte("<>", t.text[0]) < 0 {
		return nil, nil
	}
	if p.take(); r.Fd < 0 {
		r.Fd = standardFd(t.text)
	}
	r.Op = t.text
	if t, err = p.peek(); err != nil || t.kind != word {
		return nil, p.unexpected(t, err)
	}
	p.take()
	r.Target = t.word
	return r, nil
}

// isFd tells whether a word before < or > is the number of a descriptor.
func isFd(s string) bool { return len(s) == 1 && digits(s) == 1 }

// standardFd is the descriptor that an operator means without a number.
func standardFd(op string) int {
	if op[0] == '<' {
		return 0
	}
	return 1
}
