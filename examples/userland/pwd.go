package main

import "golang.org/x/sys/unix"

// pwd asks the kernel: $PWD may say what is no longer so. A directory outside of the
// root begins with (unreachable), see getcwd(2).
func pwd(c *call) error {
	buf := make([]byte, unix.PathMax)
	n, err := unix.Getcwd(buf)
	if err != nil {
		return err
	}
	c.printf("%s\n", buf[:n-1])
	return nil
}
