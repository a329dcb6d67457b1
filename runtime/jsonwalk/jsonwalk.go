// Package jsonwalk walks over JSON by offsets: each function takes the offset where
// something begins and returns the one behind it. encoding/json takes twice the
// time to see that a document is well formed, and prepares types before it decodes one,
// which counts in a process that has just begun (hack/bench).
//
// It does not know what the values mean, and says nothing about errors: encoding/json
// is asked again what is wrong.
package jsonwalk

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// But for Valid the functions are for JSON that is well formed; what is not makes Name
// and String panic, perhaps. Only a string that has something to decode is allocated for,
// and what String returns.

// Space skips white space.
func Space(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\n' || raw[i] == '\t' || raw[i] == '\r') {
		i++
	}
	return i
}

// Skip skips the value that begins at i.
func Skip(raw []byte, i int) int {
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

// List calls element with the offset of each element of the array or member of
// the object at i; element returns the offset behind what it took.
func List(raw []byte, i int, element func(i int) (int, error)) (int, error) {
	i = Space(raw, i+1)
	for i < len(raw) && raw[i] != ']' && raw[i] != '}' {
		end, err := element(i)
		if err != nil {
			return end, err
		}
		i = Space(raw, end)
		if i < len(raw) && raw[i] == ',' {
			i = Space(raw, i+1)
		}
	}
	return min(i+1, len(raw)), nil
}

// Name reads the key at i and returns it with the offset of its value.
func Name(raw []byte, i int) (key []byte, value int) {
	end := skipString(raw, i)
	key = raw[i+1 : end-1]
	if bytes.IndexByte(key, '\\') >= 0 || !utf8.Valid(key) {
		key = []byte(String(raw[i:end]))
	}
	return key, Space(raw, Space(raw, end)+1)
}

// String decodes a JSON string; nearly none has anything to decode.
func String(quoted []byte) string {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	var s string
	if json.Unmarshal(quoted, &s) != nil { // repairs what is not UTF-8, too
		return ""
	}
	return s
}
