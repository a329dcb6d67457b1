package shell

import (
	"fmt"
	"strings"
)

// dump writes a node as an s-expression: what a test compares.
func dump(n Node) string {
	switch n := n.(type) {
	case nil:
		return "()"
	case *Simple:
		return dumpSimple(n)
	case *List:
		var b strings.Builder
		for _, item := range n.Items {
			b.WriteString(" " + dump(item.Node) + map[bool]string{true: "&"}[item.Background])
		}
		return "(list" + b.String() + ")"
	case *AndOr:
		return fmt.Sprintf("(%s %s %s)", n.Op, dump(n.Left), dump(n.Right))
	case *Pipeline:
		var b strings.Builder
		for _, stage := range n.Stages {
			b.WriteString(" " + dump(stage))
		}
		return map[bool]string{true: "(not", false: "(pipe"}[n.Not] + b.String() + ")"
	case *If:
		return fmt.Sprintf("(if %s %s %s)", dump(n.Cond), dump(n.Then), dump(n.Else))
	case *Loop:
		return fmt.Sprintf("(%s %s %s)", map[bool]string{true: "until", false: "while"}[n.Until], dump(n.Cond), dump(n.Body))
	case *For:
		return fmt.Sprintf("(for %s%s %s)", n.Name, dumpWords(n.Words), dump(n.Body))
	case *Subshell:
		return "(sub " + dump(n.Body) + ")"
	case *Redirected:
		return "(to " + dump(n.Body) + dumpRedirects(n.Redirects) + ")"
	case *Case:
		var b strings.Builder
		for _, arm := range n.Arms {
			fmt.Fprintf(&b, " [%s %s]", strings.TrimSpace(dumpWords(arm.Patterns)), dump(arm.Body))
		}
		return "(case " + dumpWord(n.Word) + b.String() + ")"
	}
	return fmt.Sprintf("%T", n)
}

func dumpSimple(n *Simple) string {
	var b strings.Builder
	for _, a := range n.Assign {
		fmt.Fprintf(&b, " %s=%s", a.Name, dumpWord(a.Value))
	}
	return "(run" + b.String() + dumpWords(n.Words) + dumpRedirects(n.Redirects) + ")"
}

func dumpWords(ws []Word) string {
	var b strings.Builder
	for _, w := range ws {
		b.WriteString(" " + dumpWord(w))
	}
	return b.String()
}

func dumpRedirects(rs []Redirect) string {
	var b strings.Builder
	for _, r := range rs {
		fmt.Fprintf(&b, " %d%s%s", r.Fd, r.Op, dumpWord(r.Target))
	}
	return b.String()
}

// dumpWord puts quoted parts in quotes and marks the kind of each part.
func dumpWord(w Word) string {
	var b strings.Builder
	for _, p := range w {
		text := p.Text
		switch p.Kind {
		case Parameter:
			text = "${" + p.Text + p.Op + dumpWord(p.Arg) + "}"
		case Length:
			text = "${#" + p.Text + "}"
		case Command:
			text = "$(" + p.Text + ")"
		case Arithmetic:
			text = "$((" + p.Text + "))"
		}
		if p.Quoted {
			text = "'" + text + "'"
		}
		b.WriteString(text)
	}
	return b.String()
}
