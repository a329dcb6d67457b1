package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ParseError is a place in config.json that cannot be understood.
type ParseError struct {
	Path         string // the file, as the caller named it
	Line, Column int    // both from 1; a column is one character, not one byte
	Text         string // that line, without indentation, cut to a readable length
	Field        string // JSON pointer of the value, "" if the JSON itself is broken
	Err          error
}

func (e *ParseError) Error() string {
	field := e.Field
	if field != "" {
		field += ": "
	}
	return fmt.Sprintf("%s:%d:%d: %s%v, in: %s", e.Path, e.Line, e.Column, field, e.Err, e.Text)
}

func (e *ParseError) Unwrap() error   { return e.Err }
func (e *ParseError) Pointer() string { return e.Field }

// locate puts the file's name into an error of parse.
func locate(err error, path string) error {
	var place *ParseError
	if errors.As(err, &place) {
		place.Path = path
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// place makes a ParseError for the byte at offset.
func place(raw []byte, offset int, field string, err error) *ParseError {
	line, column := position(raw, offset)
	return &ParseError{Line: line, Column: column, Text: lineAt(raw, offset), Field: field, Err: err}
}

// position is the line and column of the byte at offset, which may be one past
// the end.
func position(raw []byte, offset int) (line, column int) {
	before := raw[:offset]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte{'\n'}) + 1, utf8.RuneCount(before[start:]) + 1
}

// lineAt is the text of the line around offset.
func lineAt(raw []byte, offset int) string {
	const around = 60
	start := bytes.LastIndexByte(raw[:offset], '\n') + 1
	end := len(raw)
	if n := bytes.IndexByte(raw[offset:], '\n'); n >= 0 {
		end = offset + n
	}
	head, tail := "", ""
	if offset-start > around {
		start, head = offset-around, "…"
	}
	if end-offset > around {
		end, tail = offset+around, "…"
	}
	text := strings.ToValidUTF8(string(bytes.TrimSpace(raw[start:end])), "")
	return head + text + tail
}

// broken turns an error of encoding/json about the syntax into a place.
func broken(raw []byte, err error) error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	offset := min(max(int(syntax.Offset)-1, 0), len(raw))
	if strings.HasPrefix(syntax.Error(), "unexpected end") {
		offset = len(bytes.TrimRight(raw, " \t\r\n"))
	}
	hint := advice(raw, offset)
	if strings.HasSuffix(syntax.Error(), "after object key") {
		hint = "a colon is missing before it"
	}
	if hint != "" {
		err = fmt.Errorf("%w: %s", err, hint)
	}
	return place(raw, offset, "", err)
}

// advice recognises the usual ways to break JSON by hand.
func advice(raw []byte, offset int) string {
	switch {
	case len(bytes.TrimSpace(raw)) == 0:
		return "the file is empty"
	case len(bytes.TrimSpace(raw[offset:])) == 0:
		return "a brace, bracket or quote is not closed"
	}
	before := bytes.TrimRight(raw[:offset], " \t\r\n")
	switch c := raw[offset]; {
	case offset == 0 && bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		return "the file begins with a byte order mark"
	case (c == '}' || c == ']') && bytes.HasSuffix(before, []byte{','}):
		return "the comma before it is one too many"
	case c == '/' || c == '#':
		return "JSON has no comments"
	case c == '"' && len(before) > 0 && bytes.IndexByte([]byte(`"}]el0123456789`), before[len(before)-1]) >= 0:
		return "a comma is missing before it"
	}
	return ""
}
