package main

import (
	"fmt"
	"strconv"
	"strings"
)

// printf prints the format once, or as often as it takes to use up the arguments.
func printf(c *call) error {
	if len(c.args) == 0 {
		return usage("no format")
	}
	format, args := c.args[0], c.args[1:]
	for {
		text, rest, err := formatOnce(format, args)
		if err != nil {
			return err
		}
		if _, err := c.out.WriteString(text); err != nil {
			return err
		}
		if len(rest) == 0 || len(rest) == len(args) {
			return nil
		}
		args = rest
	}
}

// formatOnce returns the text and the arguments it did not use.
func formatOnce(format string, args []string) (string, []string, error) {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		switch c := format[i]; {
		case c == '\\' && i+1 < len(format):
			i++
			b.WriteString(unescape(format[i]))
		case c == '%':
			n := i + 1 + strings.IndexAny(format[i+1:], "sdxc%")
			if n == i {
				return "", nil, usage("%q has no end", format[i:])
			}
			text, rest, err := directive(format[i:n+1], args)
			if err != nil {
				return "", nil, err
			}
			b.WriteString(text)
			i, args = n, rest
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), args, nil
}

func unescape(c byte) string {
	if i := strings.IndexByte("nrt0", c); i >= 0 {
		return "\n\r\t\x00"[i : i+1]
	}
	return string([]byte{c})
}

// directive does one of %s %5d %x %c %%; missing arguments are empty or 0.
func directive(d string, args []string) (string, []string, error) {
	verb := d[len(d)-1]
	if verb == '%' {
		return "%", args, nil
	}
	arg := ""
	if len(args) > 0 {
		arg, args = args[0], args[1:]
	}
	if strings.Trim(d[1:len(d)-1], "-0123456789") != "" || len(d) > 6 {
		return "", nil, usage("%q is not known", d)
	}
	switch verb {
	case 's':
		return fmt.Sprintf(d, arg), args, nil
	case 'c':
		return arg[:min(1, len(arg))], args, nil
	}
	if arg == "" {
		arg = "0"
	}
	n, err := strconv.ParseInt(arg, 0, 64)
	if err != nil {
		return "", nil, fmt.Errorf("%q is not a number", arg)
	}
	return fmt.Sprintf(d, n), args, nil
}
