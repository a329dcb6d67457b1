package shell

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// arithmetic evaluates $(( )) after expanding what it holds.
func (s *Shell) arithmetic(text string) (string, error) {
	l := lexer{src: text}
	w, err := l.parts(func(byte) bool { return false }, true)
	if err != nil {
		return "", err
	}
	if text, err = s.expandText(w); err != nil {
		return "", err
	}
	n, err := Evaluate(text, func(name string) string { v, _ := s.lookup(name); return v })
	return strconv.FormatInt(n, 10), err
}

// expression is what is left to evaluate.
type expression struct {
	rest   string
	lookup func(string) string
	depth  int
}

// levels are the binary operators, the loosest first.
var levels = [][]string{{"||"}, {"&&"}, {"==", "!="}, {"<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/", "%"}}

// Evaluate computes an expression of 64-bit integers with the operators of C
// that scripts use: || && == != <= >= < > + - * / % ! and ( ). A name stands for
// the number that lookup returns for it, or 0.
func Evaluate(text string, lookup func(name string) string) (int64, error) {
	e := &expression{rest: text, lookup: lookup}
	if strings.TrimSpace(text) == "" {
		return 0, nil
	}
	n, err := e.binary(0)
	if err == nil && strings.TrimSpace(e.rest) != "" {
		err = fmt.Errorf("unexpected %q in $(( ))", strings.TrimSpace(e.rest))
	}
	return n, err
}

func (e *expression) binary(level int) (int64, error) {
	if level == len(levels) {
		return e.unary()
	}
	n, err := e.binary(level + 1)
	for err == nil {
		op := e.accept(levels[level]...)
		if op == "" {
			break
		}
		var m int64
		if m, err = e.binary(level + 1); err == nil {
			n, err = apply(n, op, m)
		}
	}
	return n, err
}

func (e *expression) accept(ops ...string) string {
	e.rest = strings.TrimLeft(e.rest, " \t\n")
	for _, op := range ops {
		if strings.HasPrefix(e.rest, op) {
			e.rest = e.rest[len(op):]
			return op
		}
	}
	return ""
}

func (e *expression) unary() (int64, error) {
	if e.depth++; e.depth > maxDepth {
		return 0, errors.New("nested too deeply in $(( ))")
	}
	defer func() { e.depth-- }()
	switch op := e.accept("!", "-", "+", "("); op {
	case "":
		return e.operand()
	case "(":
		n, err := e.binary(0)
		if err == nil && e.accept(")") == "" {
			err = errors.New("no closing ) in $(( ))")
		}
		return n, err
	default:
		n, err := e.unary()
		return map[string]int64{"-": -n, "+": n, "!": truth(n == 0)}[op], err
	}
}

// operand reads a number or a name.
func (e *expression) operand() (int64, error) {
	if name := parameterName(e.rest); isName(name) {
		e.rest = e.rest[len(name):]
		text := e.lookup(name)
		if text == "" {
			return 0, nil
		}
		return number(text)
	}
	n := 0
	for n < len(e.rest) && nameByte(e.rest[n], 1) {
		n++
	}
	text := e.rest[:n]
	e.rest = e.rest[n:]
	return number(text)
}

func number(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 0, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number", text)
	}
	return n, nil
}

func apply(n int64, op string, m int64) (int64, error) {
	switch op {
	case "+":
		return n + m, nil
	case "-":
		return n - m, nil
	case "*":
		return n * m, nil
	case "/", "%":
		return divide(n, op, m)
	}
	return truth(map[string]bool{
		"||": n != 0 || m != 0, "&&": n != 0 && m != 0, "==": n == m, "!=": n != m,
		"<": n < m, "<=": n <= m, ">": n > m, ">=": n >= m,
	}[op]), nil
}

func divide(n int64, op string, m int64) (int64, error) {
	switch {
	case m == 0:
		return 0, errors.New("division by 0")
	case op == "%":
		return n % m, nil
	}
	return n / m, nil
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
