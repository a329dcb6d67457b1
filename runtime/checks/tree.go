package checks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A node is one value of a document, with what an error about it must say.
type node struct {
	kind    kind
	text    string   // of a string its content, of a number or a word its spelling
	keys    []string // of an object, one for each of below
	below   []*node  // the members of an object, the elements of a list
	place   *source  // the document that it is in, nil for annotations
	offset  int      // in that document
	pointer string   // in that document, or /annotations/NAME
}

type kind string

const (
	object kind = "an object"
	list   kind = "a list"
	text   kind = "a string"
	number kind = "a number"
	word   kind = "true or false"
	null   kind = "null"
	// loose is the value of an annotation: text that stands for any of those.
	loose kind = "text"
)

// A source is a document while it is read.
type source struct {
	raw []byte
	at  int // behind what was read
	dec *json.Decoder
}

// The bounds of a health file: more is a mistake.
const (
	maxSize  = 1 << 20
	maxDepth = 32 // values in values
)

// read makes a tree of a JSON document.
func read(raw []byte) (*node, error) {
	if len(raw) > maxSize {
		return nil, fail("", "longer than 1 MiB")
	}
	s := &source{raw: raw, dec: json.NewDecoder(bytes.NewReader(raw))}
	if err := json.Unmarshal(raw, new(json.RawMessage)); err != nil {
		return nil, s.broken(err)
	}
	s.dec.UseNumber()
	return s.value("")
}

// value reads one value of a well-formed document.
func (s *source) value(pointer string) (*node, error) {
	n := &node{place: s, pointer: pointer}
	token, offset, err := s.token()
	if err != nil {
		return nil, err
	}
	n.offset = offset
	if strings.Count(pointer, "/") > maxDepth {
		return nil, n.fail("too deep: at most %d values in each other", maxDepth)
	}
	switch t := token.(type) {
	case json.Delim:
		return n, s.inside(n, t)
	case string:
		n.kind, n.text = text, t
	case json.Number:
		n.kind, n.text = number, t.String()
	case bool:
		n.kind, n.text = word, strconv.FormatBool(t)
	default:
		n.kind, n.text = null, "null"
	}
	return n, nil
}

// inside reads the members of an object or the elements of a list.
func (s *source) inside(n *node, opened json.Delim) error {
	n.kind = list
	if opened == '{' {
		n.kind = object
	}
	for s.dec.More() {
		var err error
		if n.kind == object {
			err = s.member(n)
		} else {
			err = s.below(n, strconv.Itoa(len(n.below)))
		}
		if err != nil {
			return err
		}
	}
	_, _, err := s.token()
	return err
}

// member reads one of an object. An error about it points at its key.
func (s *source) member(n *node) error {
	token, offset, err := s.token()
	if err != nil {
		return err
	}
	key, _ := token.(string)
	if err := s.below(n, escape(key)); err != nil {
		return err
	}
	n.keys = append(n.keys, key)
	n.below[len(n.below)-1].offset = offset
	return nil
}

func (s *source) below(n *node, name string) error {
	below, err := s.value(n.pointer + "/" + name)
	if err == nil {
		n.below = append(n.below, below)
	}
	return err
}

// token reads one, and says where it begins.
func (s *source) token() (json.Token, int, error) {
	rest := s.raw[s.at:]
	offset := s.at + len(rest) - len(bytes.TrimLeft(rest, " \t\r\n,:"))
	token, err := s.dec.Token()
	s.at = int(s.dec.InputOffset())
	return token, offset, err
}

// broken says where a document is no JSON.
func (s *source) broken(err error) error {
	offset := len(bytes.TrimRight(s.raw, " \t\r\n"))
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && !strings.HasPrefix(syntax.Error(), "unexpected end") {
		offset = min(max(int(syntax.Offset)-1, 0), len(s.raw))
	}
	e := &Error{Err: fmt.Errorf("not JSON: %w", err)}
	e.Line, e.Column = s.position(offset)
	return e
}

// position is the line and column of the byte at offset, in characters.
func (s *source) position(offset int) (line, column int) {
	before := s.raw[:offset]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte{'\n'}) + 1, utf8.RuneCount(before[start:]) + 1
}

// escape writes a key as one part of a JSON pointer (RFC 6901).
func escape(key string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(key) }
