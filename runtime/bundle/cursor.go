package bundle

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// The functions of this file walk over JSON that is known to be well formed, by
// offsets: each takes the offset where something begins and returns the one
// behind it. They allocate nothing.

// space skips white space.
func space(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\n' || raw[i] == '\t' || raw[i] == '\r') {
		i++
	}
	return i
}

// skip skips the value that begins at i.
func skip(raw []byte, i int) int {
	depth := 0
	for i < len(raw) {
		switch raw[i] {
		case '"':
			i = skipString(raw, i)
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ' ', '\n', '\t', '\r', ',', ':':
			i++
			continue
		default:
			i = skipWord(raw, i)
		}
		if depth == 0 {
			return i
		}
	}
	return i
}

// skipString skips the string whose opening quote is at i.
func skipString(raw []byte, i int) int {
	for i++; i < len(raw); i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(raw)
}

// skipWord skips a number, true, false or null.
func skipWord(raw []byte, i int) int {
	for i < len(raw) && bytes.IndexByte([]byte(" \n\t\r,:]}"), raw[i]) < 0 {
		i++
	}
	return i
}

// list calls element with the offset of each element of the array or member of
// the object at i; element returns the offset behind what it took.
func list(raw []byte, i int, element func(i int) (int, error)) (int, error) {
	i = space(raw, i+1)
	for i < len(raw) && raw[i] != ']' && raw[i] != '}' {
		end, err := element(i)
		if err != nil {
			return end, err
		}
		i = space(raw, end)
		if i < len(raw) && raw[i] == ',' {
			i = space(raw, i+1)
		}
	}
	return min(i+1, len(raw)), nil
}

// name reads the key at i and returns it with the offset of its value.
func name(raw []byte, i int) (key []byte, value int) {
	end := skipString(raw, i)
	key = raw[i+1 : end-1]
	if bytes.IndexByte(key, '\\') >= 0 || !utf8.Valid(key) {
		key = []byte(unquote(raw[i:end]))
	}
	return key, space(raw, space(raw, end)+1)
}

// unquote decodes a JSON string; json also repairs what is not UTF-8.
func unquote(quoted []byte) string {
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return ""
	}
	return s
}
