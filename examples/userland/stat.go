package main

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func stat(c *call) error {
	return c.each(c.args, func(path string) error {
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		st := info.Sys().(*syscall.Stat_t)
		c.printf("%s: %s uid %d gid %d size %s links %d inode %d on device %d:%d, changed %s\n",
			path, modeText(info.Mode()), st.Uid, st.Gid, sizeText(info, st), st.Nlink, st.Ino,
			unix.Major(uint64(st.Dev)), unix.Minor(uint64(st.Dev)), info.ModTime().Format("2006-01-02 15:04:05"))
		return nil
	})
}
