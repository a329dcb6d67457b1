package main

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"time"
)

// each calls do with each argument; what fails is told and passed over.
func (c *call) each(args []string, do func(string) error) error {
	if len(args) == 0 {
		return usage("nothing to do")
	}
	failed := false
	for _, arg := range args {
		if err := do(arg); err != nil {
			c.complain(err)
			failed = true
		}
	}
	return failedIf(failed)
}

func mkdir(c *call) error {
	o, dirs, err := parseOptions(c.args, "p", "m:")
	if err != nil {
		return err
	}
	mode, err := strconv.ParseUint(o.or("m", "777"), 8, 12)
	if err != nil {
		return usage("-m %s is not octal", o["m"])
	}
	return c.each(dirs, func(dir string) error {
		if o.has("p") {
			return os.MkdirAll(dir, fs.FileMode(mode))
		}
		return os.Mkdir(dir, fs.FileMode(mode))
	})
}

func rm(c *call) error {
	o, paths, err := parseOptions(c.args, "r", "f")
	if err != nil {
		return err
	}
	return c.each(paths, func(path string) error {
		remove := os.Remove
		if o.has("r") {
			remove = os.RemoveAll
		}
		err := remove(path)
		if o.has("f") && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}

func touch(c *call) error {
	return c.each(c.args, func(path string) error {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o666)
		if err != nil {
			return err
		}
		f.Close()
		now := time.Now()
		return os.Chtimes(path, now, now)
	})
}

func ln(c *call) error {
	o, args, err := parseOptions(c.args, "s", "f")
	if err != nil {
		return err
	}
	if len(args) != 2 {
		return usage("a target and a link are needed")
	}
	if o.has("f") {
		if err := os.Remove(args[1]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if o.has("s") {
		return os.Symlink(args[0], args[1])
	}
	return os.Link(args[0], args[1])
}
