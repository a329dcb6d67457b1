package main

import (
	"bufio"
	"io"
	"unicode"
)

type counts struct{ lines, words, bytes int }

func wc(c *call) error {
	o, files, err := parseOptions(c.args, "l", "w", "c")
	if err != nil {
		return err
	}
	return c.eachInput(files, func(r io.Reader) error {
		n, err := count(r)
		all, sep := len(o) == 0, ""
		for _, column := range []struct {
			on bool
			n  int
		}{{all || o.has("l"), n.lines}, {all || o.has("w"), n.words}, {all || o.has("c"), n.bytes}} {
			if column.on {
				c.printf("%s%d", sep, column.n)
				sep = " "
			}
		}
		c.printf("\n")
		return err
	})
}

func count(r io.Reader) (n counts, err error) {
	in, inWord := bufio.NewReader(r), false
	for {
		ch, size, err := in.ReadRune()
		if err == io.EOF {
			return n, nil
		} else if err != nil {
			return n, err
		}
		n.bytes += size
		if ch == '\n' {
			n.lines++
		}
		if !unicode.IsSpace(ch) && !inWord {
			n.words++
		}
		inWord = !unicode.IsSpace(ch)
	}
}
