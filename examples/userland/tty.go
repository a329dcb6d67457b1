package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// tty prints the name and the size of the terminal on stdin.
func tty(c *call) error {
	fd := int(c.in.Fd())
	if _, err := unix.IoctlGetTermios(fd, unix.TCGETS); err != nil {
		c.printf("not a tty\n")
		return status(1)
	}
	name, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
	if err != nil {
		return err
	}
	size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ)
	if err != nil {
		return err
	}
	c.printf("%s %dx%d\n", name, size.Col, size.Row)
	return nil
}
