package main

import (
	"os"
	"strings"
)

// sysctl names are paths below /proc/sys with dots for slashes.
func sysctl(c *call) error {
	return c.each(c.args, func(arg string) error {
		key, value, set := strings.Cut(arg, "=")
		path := "/proc/sys/" + strings.ReplaceAll(key, ".", "/")
		if set {
			return writeFile(path, value)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		c.printf("%s = %s\n", key, strings.TrimSpace(string(text)))
		return nil
	})
}

// writeFile writes to a file that is there already.
func writeFile(path, value string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString(value)
	return err
}
