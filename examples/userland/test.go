package main

import (
	"io/fs"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// test has one comparison or file test, after any number of !.
func test(c *call) error {
	args := c.args
	if c.name == "[" {
		if len(args) == 0 || args[len(args)-1] != "]" {
			return usage("no closing ]")
		}
		args = args[:len(args)-1]
	}
	not := false
	for len(args) > 1 && args[0] == "!" {
		not, args = !not, args[1:]
	}
	ok, err := evaluate(args)
	if err != nil {
		return err
	}
	return failedIf(ok == not)
}

func evaluate(args []string) (bool, error) {
	switch len(args) {
	case 0:
		return false, nil
	case 1:
		return args[0] != "", nil
	case 2:
		return unary(args[0], args[1])
	case 3:
		return compare(args[0], args[1], args[2])
	}
	return false, usage("too many words in %q", strings.Join(args, " "))
}

func unary(op, arg string) (bool, error) {
	switch op {
	case "-n":
		return arg != "", nil
	case "-z":
		return arg == "", nil
	case "-t":
		fd, err := strconv.Atoi(arg)
		if err == nil {
			_, err = unix.IoctlGetTermios(fd, unix.TCGETS)
		}
		return err == nil, nil
	case "-r", "-w", "-x":
		mode := map[string]uint32{"-r": unix.R_OK, "-w": unix.W_OK, "-x": unix.X_OK}[op]
		return unix.Faccessat(unix.AT_FDCWD, arg, mode, unix.AT_EACCESS) == nil, nil
	case "-L":
		info, err := os.Lstat(arg)
		return err == nil && info.Mode()&fs.ModeSymlink != 0, nil
	}
	return fileTest(op, arg)
}

func fileTest(op, path string) (bool, error) {
	info, err := os.Stat(path)
	if strings.Contains("-e -f -d -s -p -c -S", op) && err != nil {
		return false, nil
	}
	switch op {
	case "-e":
		return true, nil
	case "-f":
		return info.Mode().IsRegular(), nil
	case "-d":
		return info.IsDir(), nil
	case "-s":
		return info.Size() > 0, nil
	case "-p":
		return info.Mode()&fs.ModeNamedPipe != 0, nil
	case "-c":
		return info.Mode()&fs.ModeCharDevice != 0, nil
	case "-S":
		return info.Mode()&fs.ModeSocket != 0, nil
	}
	return false, usage("%s is not known", op)
}

func compare(a, op, b string) (bool, error) {
	switch op {
	case "=":
		return a == b, nil
	case "!=":
		return a != b, nil
	}
	n, errA := strconv.ParseInt(a, 10, 64)
	m, errB := strconv.ParseInt(b, 10, 64)
	result, known := map[string]bool{"-eq": n == m, "-ne": n != m, "-lt": n < m, "-le": n <= m, "-gt": n > m, "-ge": n >= m}[op]
	switch {
	case !known:
		return false, usage("%s is not known", op)
	case errA != nil || errB != nil:
		return false, usage("%q %s %q does not compare numbers", a, op, b)
	}
	return result, nil
}
