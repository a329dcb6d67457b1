package main

import "fmt"

// get is curl -f: for probes.
func get(c *call) error {
	o, args, err := parseOptions(c.args, "timeout:")
	if err != nil {
		return err
	}
	if len(args) != 1 {
		return usage("a URL is needed")
	}
	timeout, err := parseDuration(o.or("timeout", "5s"))
	if err != nil {
		return err
	}
	code, err := fetch(args[0], timeout, c.out)
	if err == nil && (code < 200 || code > 399) {
		err = fmt.Errorf("%s: %d %s", args[0], code, statusText(code))
	}
	return err
}
