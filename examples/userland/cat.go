package main

import (
	"io"
	"os"
)

func cat(c *call) error {
	return c.eachInput(c.args, func(r io.Reader) error { _, err := io.Copy(c.out, r); return err })
}

// eachInput calls do with each file, or stdin if there is none; - is stdin too.
// What cannot be read is told and passed over.
func (c *call) eachInput(paths []string, do func(io.Reader) error) error {
	if len(paths) == 0 {
		paths = []string{"-"}
	}
	failed := false
	for _, path := range paths {
		if err := c.input(path, do); err != nil {
			c.complain(err)
			failed = true
		}
	}
	return failedIf(failed)
}

func (c *call) input(path string, do func(io.Reader) error) error {
	if path == "-" {
		return do(c.in)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return do(f)
}
