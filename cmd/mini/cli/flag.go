package cli

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Flag is one of the kinds of this file.
type Flag interface {
	named(name string) bool
	value() string // if it is not given
	about() about
}

// NameOf is the flag's first name, without dashes.
func NameOf(f Flag) string { return f.about().name }

// about is what the parser and the help need to know of a flag.
type about struct {
	name     string
	aliases  []string
	usage    string // a word in backquotes stands for the value
	fallback string // how help shows that
	hidden   bool   // from help
	gathers  bool   // may be repeated, all values count
	switches bool   // needs no value
	check    func(value string) error
}

func is(name, its string, aliases []string) bool {
	return name == its || slices.Contains(aliases, name)
}

// StringFlag has any text as its value.
type StringFlag struct {
	Name        string
	Aliases     []string
	Usage       string
	Value       string // if it is not given
	DefaultText string // what help says of that, instead of Value
	Hidden      bool   // from help
}

func (f *StringFlag) named(name string) bool { return is(name, f.Name, f.Aliases) }
func (f *StringFlag) value() string          { return f.Value }
func (f *StringFlag) about() about {
	fallback := f.DefaultText
	if fallback == "" && f.Value != "" {
		fallback = strconv.Quote(f.Value)
	}
	return about{name: f.Name, aliases: f.Aliases, usage: f.Usage, fallback: fallback, hidden: f.Hidden, check: anything}
}

// BoolFlag is false unless it is given.
type BoolFlag struct {
	Name    string
	Aliases []string
	Usage   string
	Hidden  bool // from help
}

func (f *BoolFlag) named(name string) bool { return is(name, f.Name, f.Aliases) }
func (f *BoolFlag) value() string          { return "false" }
func (f *BoolFlag) about() about {
	return about{name: f.Name, aliases: f.Aliases, usage: f.Usage, hidden: f.Hidden, switches: true, check: truth}
}

// IntFlag has a whole number as its value.
type IntFlag struct {
	Name        string
	Aliases     []string
	Usage       string
	Value       int    // if it is not given
	DefaultText string // what help says of that, instead of Value
}

func (f *IntFlag) named(name string) bool { return is(name, f.Name, f.Aliases) }
func (f *IntFlag) value() string          { return strconv.Itoa(f.Value) }
func (f *IntFlag) about() about {
	return about{name: f.Name, aliases: f.Aliases, usage: f.Usage, fallback: cmp.Or(f.DefaultText, unless("0", strconv.Itoa(f.Value))), check: number}
}

// FloatFlag has a number as its value, with a fraction or without.
type FloatFlag struct {
	Name  string
	Usage string
	Value float64 // if it is not given
}

func (f *FloatFlag) named(name string) bool { return name == f.Name }
func (f *FloatFlag) value() string          { return strconv.FormatFloat(f.Value, 'g', -1, 64) }
func (f *FloatFlag) about() about {
	return about{name: f.Name, usage: f.Usage, fallback: unless("0", f.value()), check: fraction}
}

// DurationFlag has a time such as 1m30s as its value.
type DurationFlag struct {
	Name        string
	Aliases     []string
	Usage       string
	Value       time.Duration // if it is not given
	DefaultText string        // what help says of that, instead of Value
}

func (f *DurationFlag) named(name string) bool { return is(name, f.Name, f.Aliases) }
func (f *DurationFlag) value() string          { return f.Value.String() }
func (f *DurationFlag) about() about {
	return about{name: f.Name, aliases: f.Aliases, usage: f.Usage, fallback: cmp.Or(f.DefaultText, unless("0s", f.Value.String())), check: duration}
}

// StringSliceFlag gathers texts; commas in them mean nothing.
type StringSliceFlag struct {
	Name    string
	Aliases []string
	Usage   string
}

func (f *StringSliceFlag) named(name string) bool { return is(name, f.Name, f.Aliases) }
func (f *StringSliceFlag) value() string          { return "" }
func (f *StringSliceFlag) about() about {
	return about{name: f.Name, aliases: f.Aliases, usage: f.Usage, gathers: true, check: anything}
}

// IntSliceFlag gathers whole numbers.
type IntSliceFlag struct {
	Name    string
	Aliases []string
	Usage   string
}

func (f *IntSliceFlag) named(name string) bool { return is(name, f.Name, f.Aliases) }
func (f *IntSliceFlag) value() string          { return "" }
func (f *IntSliceFlag) about() about {
	return about{name: f.Name, aliases: f.Aliases, usage: f.Usage, gathers: true, check: number}
}

// unless is s, but nothing where s is what everybody expects.
func unless(expected, s string) string {
	if s == expected {
		return ""
	}
	return s
}

func anything(string) error { return nil }

func truth(s string) error {
	if _, err := strconv.ParseBool(s); err != nil {
		return errors.New("neither true nor false")
	}
	return nil
}

func number(s string) error {
	if _, err := strconv.Atoi(s); err != nil {
		return errors.New("not a whole number")
	}
	return nil
}

func fraction(s string) error {
	if _, err := strconv.ParseFloat(s, 64); err != nil {
		return errors.New("not a number such as 1.5")
	}
	return nil
}

func duration(s string) error {
	if _, err := time.ParseDuration(s); err != nil {
		return errors.New("not a time such as 10s or 1m30s")
	}
	return nil
}

// placeholder takes the word in backquotes out of a usage text.
func placeholder(usage string) (word, text string) {
	before, rest, ok := strings.Cut(usage, "`")
	if !ok {
		return "value", usage
	}
	word, after, _ := strings.Cut(rest, "`")
	return word, before + word + after
}
