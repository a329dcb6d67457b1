package main

import (
	"os"

	"golang.org/x/sys/unix"
)

func uname(c *call) error {
	o, _, err := parseOptions(c.args, "a", "r", "n")
	if err != nil {
		return err
	}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return os.NewSyscallError("uname", err)
	}
	name, node := unix.ByteSliceToString(u.Sysname[:]), unix.ByteSliceToString(u.Nodename[:])
	release, machine := unix.ByteSliceToString(u.Release[:]), unix.ByteSliceToString(u.Machine[:])
	switch {
	case o.has("a"):
		name += " " + node + " " + release + " " + unix.ByteSliceToString(u.Version[:]) + " " + machine
	case o.has("r"):
		name = release
	case o.has("n"):
		name = node
	}
	c.printf("%s\n", name)
	return nil
}
