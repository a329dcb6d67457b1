package main

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// mknodTry makes a character device and removes it again: whether that is possible
// is what was asked.
func mknodTry(c *call) error {
	if len(c.args) != 3 {
		return usage("a path and two numbers are needed")
	}
	major, err := strconv.ParseUint(c.args[1], 10, 32)
	if err != nil {
		return usage("%q is not a number", c.args[1])
	}
	minor, err := strconv.ParseUint(c.args[2], 10, 32)
	if err != nil {
		return usage("%q is not a number", c.args[2])
	}
	path := c.args[0]
	if err := unix.Mknod(path, unix.S_IFCHR|0o600, int(unix.Mkdev(uint32(major), uint32(minor)))); err != nil {
		return fmt.Errorf("mknod %s: %w", path, err)
	}
	c.printf("mknod %s: made\n", path)
	return os.Remove(path)
}

// openDev opens devices to read, without waiting for them.
func openDev(c *call) error {
	return c.each(c.args, func(path string) error {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("open %s: %w", path, err)
		}
		c.printf("open %s: opened\n", path)
		return unix.Close(fd)
	})
}
