package cgroups

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// PropertyPrefix begins the annotations that set properties of the unit, as runc
// and crun have them: org.systemd.property.TimeoutStopUSec = "uint64 5000000".
const PropertyPrefix = "org.systemd.property."

// asked are the properties that annotations ask for, sorted by name. A value is
// in GVariant's text format: 'text', true, 5 (an int32), uint64 5, ['a', 'b'].
func asked(annotations map[string]string) (list []property, err error) {
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		name, ok := strings.CutPrefix(key, PropertyPrefix)
		if !ok {
			continue
		}
		p, err := parseProperty(name, annotations[key])
		if err != nil {
			return nil, refuse("/annotations/"+key, "%q: %w", annotations[key], err)
		}
		list = append(list, p)
	}
	return list, nil
}

// parseProperty also turns seconds into microseconds, which is what systemd knows
// on its bus: RuntimeMaxSec there is RuntimeMaxUSec.
func parseProperty(name, text string) (property, error) {
	letters := strings.IndexFunc(name, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') }) < 0
	if len(name) < 3 || !letters {
		return property{}, fmt.Errorf("%q is no name of a property", name)
	}
	value, err := parseVariant(strings.TrimSpace(text))
	if err != nil {
		return property{}, err
	}
	if stem, ok := strings.CutSuffix(name, "Sec"); ok && !strings.HasSuffix(name, "USec") {
		seconds, err := strconv.ParseUint(fmt.Sprint(value), 10, 43)
		if err != nil {
			return property{}, fmt.Errorf("a number of seconds is needed")
		}
		return property{stem + "USec", seconds * 1000000}, nil
	}
	return property{name, value}, nil
}

// parseVariant reads the values that units have.
func parseVariant(text string) (any, error) {
	switch {
	case text == "true" || text == "false":
		return text == "true", nil
	case strings.HasPrefix(text, "["):
		return parseTexts(text)
	case strings.HasPrefix(text, "'") || strings.HasPrefix(text, `"`):
		s, rest, err := cutText(text)
		if err == nil && rest != "" {
			err = fmt.Errorf("there is more behind the text")
		}
		return s, err
	}
	kind, digits, typed := strings.Cut(text, " ")
	if !typed {
		kind, digits = "int32", text
	}
	return parseNumber(kind, strings.TrimSpace(digits))
}

func parseNumber(kind, digits string) (any, error) {
	switch kind {
	case "uint64":
		return strconv.ParseUint(digits, 0, 64)
	case "int64":
		return strconv.ParseInt(digits, 0, 64)
	case "uint32":
		n, err := strconv.ParseUint(digits, 0, 32)
		return uint32(n), err
	case "int32":
		n, err := strconv.ParseInt(digits, 0, 32)
		return int32(n), err
	}
	return nil, fmt.Errorf("is none of 'text', true, false, 5, uint64 5, ['a', 'b'] (GVariant's text format)")
}

// parseTexts reads ['a', 'b'].
func parseTexts(text string) (list []string, err error) {
	inner, ok := strings.CutSuffix(text[1:], "]")
	for rest := strings.TrimSpace(inner); ok && rest != ""; {
		var s string
		if s, rest, err = cutText(rest); err != nil {
			return nil, err
		}
		list = append(list, s)
		if rest == "" {
			return list, nil
		}
		if rest, ok = strings.CutPrefix(rest, ","); ok {
			rest = strings.TrimSpace(rest)
			ok = rest != ""
		}
	}
	if !ok {
		return nil, fmt.Errorf("is not a list of texts")
	}
	return list, nil
}

// cutText reads a text in quotes; a backslash takes the next byte as it is.
func cutText(text string) (s, rest string, err error) {
	if text == "" || text[0] != '\'' && text[0] != '"' {
		return "", "", fmt.Errorf("%q is not a text in quotes", text)
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == text[0]:
			return b.String(), strings.TrimSpace(text[i+1:]), nil
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", fmt.Errorf("the quote at the end is missing")
}
