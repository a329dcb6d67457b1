package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

func id(c *call) error {
	users, groups := names("/etc/passwd"), names("/etc/group")
	c.printf("uid=%s gid=%s", numbered(users, os.Getuid()), numbered(groups, os.Getgid()))
	if os.Geteuid() != os.Getuid() || os.Getegid() != os.Getgid() {
		c.printf(" euid=%s egid=%s", numbered(users, os.Geteuid()), numbered(groups, os.Getegid()))
	}
	list, err := os.Getgroups()
	if err != nil {
		return err
	}
	sep := " groups="
	for _, gid := range list {
		c.printf("%s%s", sep, numbered(groups, gid))
		sep = ","
	}
	c.printf("\n")
	return nil
}

func numbered(names map[uint32]string, id int) string {
	if name, ok := names[uint32(id)]; ok {
		return fmt.Sprintf("%d(%s)", id, name)
	}
	return strconv.Itoa(id)
}

// names reads a file like /etc/passwd or /etc/group: NAME:…:ID:…; no file, no names.
func names(path string) map[uint32]string {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	m := map[uint32]string{}
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) < 3 {
			continue
		}
		if id, err := strconv.ParseUint(f[2], 10, 32); err == nil {
			m[uint32(id)] = f[0]
		}
	}
	return m
}
