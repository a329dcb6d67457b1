package cli

import (
	"fmt"
	"strconv"
	"time"
)

// Context is one parsed command line: what a command's Action works on.
type Context struct {
	App     *App
	Command *Command // nil for the program itself

	parent *Context // of a command: the global flags
	flags  []Flag
	given  []setting
	args   Args
}

// A setting is a flag that was given, by its first name.
type setting struct{ name, value string }

// Args is what is left of the command line behind the flags.
type Args []string

// Slice is all of them.
func (a Args) Slice() []string { return a }

// First is the first one, "" without any.
func (a Args) First() string { return a.Get(0) }

// Get is the one behind i others, "" if there is none.
func (a Args) Get(i int) string {
	if i >= len(a) {
		return ""
	}
	return a[i]
}

// Tail is all but the first.
func (a Args) Tail() []string {
	if len(a) < 2 {
		return nil
	}
	return a[1:]
}

// Args is what stands behind the flags.
func (c *Context) Args() Args { return c.args }

// NArg counts them.
func (c *Context) NArg() int { return len(c.args) }

// IsSet says whether a flag was given, before the command or behind it.
func (c *Context) IsSet(name string) bool {
	for ; c != nil; c = c.parent {
		if _, ok := c.last(name); ok {
			return true
		}
	}
	return false
}

// Set gives a flag a value as the command line would have done.
func (c *Context) Set(name, value string) error {
	for ; c != nil; c = c.parent {
		if f := find(c.flags, name); f != nil {
			return c.give(f.about(), value)
		}
	}
	return fmt.Errorf("no such flag: --%s", name)
}

// String is a flag's text.
func (c *Context) String(name string) string {
	for ; c != nil; c = c.parent {
		if value, ok := c.last(name); ok {
			return value
		}
		if f := find(c.flags, name); f != nil {
			return f.value()
		}
	}
	return ""
}

// Bool is the value of a BoolFlag.
func (c *Context) Bool(name string) bool {
	is, _ := strconv.ParseBool(c.String(name)) // checked when it was given
	return is
}

// Int is the value of an IntFlag.
func (c *Context) Int(name string) int {
	n, _ := strconv.Atoi(c.String(name))
	return n
}

// Float is the value of a FloatFlag.
func (c *Context) Float(name string) float64 {
	f, _ := strconv.ParseFloat(c.String(name), 64)
	return f
}

// Duration is the value of a DurationFlag.
func (c *Context) Duration(name string) time.Duration {
	d, _ := time.ParseDuration(c.String(name))
	return d
}

// StringSlice is all values of a StringSliceFlag, in their order.
func (c *Context) StringSlice(name string) (list []string) {
	for _, s := range c.given {
		if s.name == name {
			list = append(list, s.value)
		}
	}
	return list
}

// IntSlice is all values of an IntSliceFlag, in their order.
func (c *Context) IntSlice(name string) (list []int) {
	for _, s := range c.StringSlice(name) {
		n, _ := strconv.Atoi(s)
		list = append(list, n)
	}
	return list
}

func (c *Context) last(name string) (value string, ok bool) {
	for _, s := range c.given {
		if s.name == name {
			value, ok = s.value, true
		}
	}
	return value, ok
}

// give takes a flag's value, if it is one.
func (c *Context) give(a about, value string) error {
	if err := a.check(value); err != nil {
		return fmt.Errorf("--%s %s: %w", a.name, value, err)
	}
	c.given = append(c.given, setting{a.name, value})
	return nil
}

func find(flags []Flag, name string) Flag {
	for _, f := range flags {
		if f.named(name) {
			return f
		}
	}
	return nil
}
