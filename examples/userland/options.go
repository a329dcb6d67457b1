package main

import "strings"

// options are what was given before the arguments: name to value, "" for a
// flag without one.
type options map[string]string

func (o options) has(name string) bool { _, ok := o[name]; return ok }

// or is an option's value, or what it is when not given.
func (o options) or(name, otherwise string) string {
	if v, ok := o[name]; ok {
		return v
	}
	return otherwise
}

// parseOptions splits args. known lists the options: "a" is -a, "after" is
// --after; with a colon at the end they take a value. -la is -l -a, -n5 is -n 5,
// --x=y is --x y, and -- ends the options.
func parseOptions(args []string, known ...string) (options, []string, error) {
	o := options{}
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		arg := args[0]
		if args = args[1:]; arg == "--" {
			break
		}
		var err error
		if long, ok := strings.CutPrefix(arg, "--"); ok {
			name, value, given := strings.Cut(long, "=")
			args, err = o.add(known, name, value, given, args)
		} else {
			args, err = o.short(known, arg[1:], args)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return o, args, nil
}

// short reads the letters of one argument.
func (o options) short(known []string, letters string, args []string) ([]string, error) {
	for letters != "" {
		name := letters[:1]
		letters = letters[1:]
		given := letters != "" && takesValue(known, name)
		var err error
		if args, err = o.add(known, name, letters, given, args); err != nil || given {
			return args, err
		}
	}
	return args, nil
}

// add files one option, taking its value from the next argument if need be.
func (o options) add(known []string, name, value string, given bool, args []string) ([]string, error) {
	dashes := "--"[:min(2, len(name))]
	switch takes := takesValue(known, name); {
	case !takes && !listed(known, name):
		return nil, usage("%s%s is not known", dashes, name)
	case !takes && given:
		return nil, usage("%s%s takes no value", dashes, name)
	case !takes:
		value = ""
	case !given && len(args) == 0:
		return nil, usage("%s%s needs a value", dashes, name)
	case !given:
		value, args = args[0], args[1:]
	}
	o[name] = value
	return args, nil
}

func takesValue(known []string, name string) bool { return listed(known, name+":") }

func listed(known []string, name string) bool {
	for _, k := range known {
		if k == name {
			return true
		}
	}
	return false
}
