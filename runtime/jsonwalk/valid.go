package jsonwalk

import "bytes"

// maxDepth is how deep lists and objects may be in each other, as with encoding/json.
const maxDepth = 10000

// Valid says whether raw is one JSON value (RFC 8259), and nothing else but white space.
func Valid(raw []byte) bool {
	end := value(raw, Space(raw, 0), 0)
	return end >= 0 && Space(raw, end) == len(raw)
}

// value, like all that follows, gives -1 if there is none at i.
func value(raw []byte, i, depth int) int {
	if i >= len(raw) {
		return -1
	}
	switch c := raw[i]; {
	case c == '{' || c == '[':
		return composite(raw, i, depth+1)
	case c == '"':
		return text(raw, i)
	case c == '-' || digit(c):
		return number(raw, i)
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if bytes.HasPrefix(raw[i:], []byte(word)) {
			return i + len(word)
		}
	}
	return -1
}

// composite is an object or a list.
func composite(raw []byte, i, depth int) int {
	if depth > maxDepth {
		return -1
	}
	begin := raw[i]
	end := begin + 2 // of [ and of {, in ASCII
	i = Space(raw, i+1)
	if i < len(raw) && raw[i] == end {
		return i + 1
	}
	for {
		if begin == '{' {
			i = key(raw, i)
		}
		if i >= 0 {
			i = value(raw, i, depth)
		}
		if i < 0 {
			return -1
		}
		i = Space(raw, i)
		if i < len(raw) && raw[i] == end {
			return i + 1
		}
		if i == len(raw) || raw[i] != ',' {
			return -1
		}
		i = Space(raw, i+1)
	}
}

// key is that of a member, with its colon.
func key(raw []byte, i int) int {
	if i >= len(raw) || raw[i] != '"' {
		return -1
	}
	if i = text(raw, i); i < 0 {
		return -1
	}
	if i = Space(raw, i); i == len(raw) || raw[i] != ':' {
		return -1
	}
	return Space(raw, i+1)
}

// text is a string. That it is UTF-8 nobody asks, as with encoding/json.
func text(raw []byte, i int) int {
	for i++; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			return i + 1
		case c < ' ':
			return -1
		case c == '\\':
			if i = escape(raw, i+1); i < 0 {
				return -1
			}
		}
	}
	return -1
}

// escape gives the offset of the last byte of what begins behind a backslash.
func escape(raw []byte, i int) int {
	switch {
	case i >= len(raw):
		return -1
	case bytes.IndexByte([]byte(`"\/bfnrt`), raw[i]) >= 0:
		return i
	case raw[i] != 'u' || len(raw) < i+5:
		return -1
	}
	for _, c := range raw[i+1 : i+5] {
		if !digit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return -1
		}
	}
	return i + 4
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func number(raw []byte, i int) int {
	if raw[i] == '-' {
		i++
	}
	if i < len(raw) && raw[i] == '0' {
		i++
	} else {
		i = digits(raw, i)
	}
	if i >= 0 && i < len(raw) && raw[i] == '.' {
		i = digits(raw, i+1)
	}
	if i >= 0 && i < len(raw) && raw[i]|0x20 == 'e' {
		if i++; i < len(raw) && (raw[i] == '+' || raw[i] == '-') {
			i++
		}
		i = digits(raw, i)
	}
	return i
}

// digits is one digit or more.
func digits(raw []byte, i int) int {
	begin := i
	for i < len(raw) && digit(raw[i]) {
		i++
	}
	if i == begin {
		return -1
	}
	return i
}
