package main

import (
	"os"

	"golang.org/x/sys/unix"
)

func hostname(c *call) error {
	if len(c.args) > 0 {
		if err := unix.Sethostname([]byte(c.args[0])); err != nil {
			return os.NewSyscallError("sethostname", err)
		}
		return nil
	}
	name, err := os.Hostname()
	c.printf("%s\n", name)
	return err
}
