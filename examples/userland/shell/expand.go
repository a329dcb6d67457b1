package shell

import (
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// expandWords makes arguments of words: substitution, splitting, file names.
func (s *Shell) expandWords(words []Word) ([]string, error) {
	var args []string
	for _, w := range words {
		f := &fields{}
		if err := s.expand(w, f); err != nil {
			return nil, err
		}
		f.end()
		args = append(args, f.done...)
	}
	return args, nil
}

// expandText makes one string of a word, without splitting and file names.
func (s *Shell) expandText(w Word) (string, error) {
	f, err := s.expandWhole(w)
	return f.text.String(), err
}

// expandPattern is expandText with what was quoted escaped for path.Match.
func (s *Shell) expandPattern(w Word) (string, error) {
	f, err := s.expandWhole(w)
	return f.pattern.String(), err
}

func (s *Shell) expandWhole(w Word) (*fields, error) {
	f := &fields{}
	for i, p := range w {
		text, err := s.value(p, i)
		if err != nil {
			return f, err
		}
		if p.Quoted {
			f.quoted(text)
		} else {
			f.bare(text)
		}
	}
	return f, nil
}

func (s *Shell) expand(w Word, f *fields) error {
	for i, p := range w {
		if p.Kind == Parameter && p.Text == "@" && p.Op == "" {
			s.expandParams(f, p.Quoted)
			continue
		}
		text, err := s.value(p, i)
		if err != nil {
			return err
		}
		switch {
		case p.Quoted:
			f.quoted(text)
		case p.Kind == Literal:
			f.bare(text)
		default:
			f.split(text)
		}
	}
	return nil
}

// expandParams adds each positional parameter as a field of its own.
func (s *Shell) expandParams(f *fields, quoted bool) {
	for i, p := range s.params {
		if i > 0 {
			f.end()
		}
		if quoted {
			f.quoted(p)
		} else {
			f.split(p)
		}
	}
}

// value is the text that the part at the index i of its word stands for.
func (s *Shell) value(p Part, i int) (string, error) {
	switch p.Kind {
	case Parameter:
		return s.parameter(p)
	case Length:
		v, _ := s.lookup(p.Text)
		return strconv.Itoa(len(v)), nil
	case Command:
		return s.output(p.Text)
	case Arithmetic:
		return s.arithmetic(p.Text)
	}
	if home, ok := s.lookup("HOME"); ok && i == 0 && !p.Quoted && (p.Text == "~" || strings.HasPrefix(p.Text, "~/")) {
		return home + p.Text[1:], nil
	}
	return p.Text, nil
}

// parameter applies ${NAME op WORD}.
func (s *Shell) parameter(p Part) (string, error) {
	v, ok := s.lookup(p.Text)
	if p.Op == "" {
		return v, nil
	}
	if strings.HasPrefix(p.Op, ":") {
		ok = ok && v != ""
	}
	switch p.Op[len(p.Op)-1] {
	case '+':
		if !ok {
			return "", nil
		}
		return s.expandText(p.Arg)
	case '%', '#':
		pattern, err := s.expandPattern(p.Arg)
		return trim(v, pattern, p.Op), err
	}
	if ok {
		return v, nil
	}
	return s.missing(p)
}

// missing is the value of a variable that is not there.
func (s *Shell) missing(p Part) (string, error) {
	word, err := s.expandText(p.Arg)
	switch p.Op[len(p.Op)-1] {
	case '=':
		s.set(p.Text, word)
	case '?':
		return "", fatalError{fmt.Errorf("%s: %s", p.Text, word)}
	}
	return word, err
}

// trim takes what matches off an end of v: % ## and so on.
func trim(v, pattern, op string) string {
	best := v
	for i := 0; i <= len(v); i++ {
		part, rest := v[:i], v[i:]
		if op[0] == '%' {
			part, rest = v[len(v)-i:], v[:len(v)-i]
		}
		// path.Match keeps * off slashes; sh does not.
		flat := strings.NewReplacer("/", "\x01")
		if ok, _ := path.Match(flat.Replace(pattern), flat.Replace(part)); ok {
			if best = rest; len(op) == 1 {
				break
			}
		}
	}
	return best
}

// lookup finds a variable or a special parameter.
func (s *Shell) lookup(name string) (string, bool) {
	switch name {
	case "@", "*":
		return strings.Join(s.params, " "), len(s.params) > 0
	case "#":
		return strconv.Itoa(len(s.params)), true
	case "?":
		return strconv.Itoa(s.status), true
	case "$":
		return strconv.Itoa(s.pid), true
	case "!":
		return s.last, s.last != ""
	case "0":
		return s.name, true
	}
	if n, err := strconv.Atoi(name); err == nil {
		if n > len(s.params) {
			return "", false
		}
		return s.params[n-1], true
	}
	v, ok := s.vars[name]
	return v.value, ok
}

// output runs a script in a subshell and returns what it prints, without the
// line ends at the end.
func (s *Shell) output(script string) (string, error) {
	r, w, err := pipe()
	if err != nil {
		return "", err
	}
	defer r.Close()
	files := s.files
	files[1] = w
	j, err := s.subshell(script, files)
	w.Close()
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	s.status = s.waitFor(j)
	return strings.TrimRight(string(text), "\n"), err
}
