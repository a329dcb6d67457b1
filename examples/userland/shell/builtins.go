package shell

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// builtins returns the commands that only the shell itself can do. A function,
// since some of them run scripts and so come back here.
func builtins() map[string]func(*Shell, []string) error {
	return map[string]func(*Shell, []string) error{
		":": func(*Shell, []string) error { return nil },
		".": (*Shell).dot, "break": (*Shell).leaveLoop, "cd": (*Shell).cd,
		"continue": (*Shell).continueLoop, "eval": (*Shell).eval, "exec": (*Shell).exec,
		"exit": (*Shell).exit, "export": (*Shell).exportAll, "read": (*Shell).read,
		"set": (*Shell).setOptions, "shift": (*Shell).shift, "trap": (*Shell).trap,
		"umask": (*Shell).umask, "unset": (*Shell).unset, "wait": (*Shell).wait,
	}
}

// dot runs a file in this shell.
func (s *Shell) dot(args []string) error {
	if len(args) == 0 {
		return s.failed(fmt.Errorf(".: no file given"))
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return s.failed(err)
	}
	return s.evalText(string(text))
}

func (s *Shell) eval(args []string) error { return s.evalText(strings.Join(args, " ")) }

func (s *Shell) evalText(text string) error {
	n, err := Parse(text)
	if err != nil {
		return fatalError{err}
	}
	return s.run(n)
}

func (s *Shell) leaveLoop(args []string) error { return breakError{false, firstNumber(args, 1)} }

func (s *Shell) continueLoop(args []string) error { return breakError{true, firstNumber(args, 1)} }

// firstNumber is the first argument, or what it is when not given.
func firstNumber(args []string, otherwise int) int {
	if len(args) > 0 {
		if n, err := strconv.Atoi(args[0]); err == nil {
			return n
		}
	}
	return otherwise
}

func (s *Shell) cd(args []string) error {
	dir, _ := s.lookup("HOME")
	if len(args) > 0 {
		dir = args[0]
	}
	old, _ := os.Getwd()
	if dir == "-" {
		dir, _ = s.lookup("OLDPWD")
	}
	if err := os.Chdir(dir); err != nil {
		return s.failed(err)
	}
	now, _ := os.Getwd()
	s.set("OLDPWD", old)
	s.set("PWD", now)
	return nil
}

func (s *Shell) exit(args []string) error {
	s.status = firstNumber(args, s.status) & 0xff
	return exitError{}
}

// exec replaces the shell by a program, or keeps the redirections for good.
func (s *Shell) exec(args []string) error {
	if len(args) == 0 {
		return nil
	}
	path, err := s.find(args[0])
	if err == nil {
		if err = s.place(); err == nil {
			err = unix.Exec(path, args, s.environ())
		}
		err = &os.PathError{Op: "exec", Path: path, Err: err}
	}
	s.status = s.launchStatus(err)
	return exitError{}
}

// place moves the shell's descriptors to the numbers that the program expects.
// They are all lifted out of the way first: 1>&2 2>&1 may cross.
func (s *Shell) place() error {
	var lifted [len(s.files)]int
	for i, f := range s.files {
		if lifted[i] = -1; f != nil {
			fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, len(s.files))
			if err != nil {
				return err
			}
			lifted[i] = fd
		}
	}
	for i, fd := range lifted {
		if fd < 0 && i < 3 {
			unix.Close(i)
		}
		if fd >= 0 {
			if err := unix.Dup3(fd, i, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// exportAll is export NAME[=VALUE]…; without names it lists them.
func (s *Shell) exportAll(args []string) error {
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		if !isName(name) {
			return s.failed(fmt.Errorf("export: %q is not a name", name))
		}
		if ok {
			s.set(name, value)
		}
		s.export(name)
	}
	if len(args) > 0 {
		return nil
	}
	for _, e := range s.environ() {
		s.write("export %s\n", e)
	}
	return nil
}

// read splits a line of stdin over variables; the last one gets the rest.
func (s *Shell) read(names []string) error {
	line, err := readLine(s.files[0])
	s.status = int(truth(err != nil))
	line = strings.TrimRight(line, "\n")
	for i, name := range names {
		line = strings.TrimLeft(line, " \t")
		field := line
		if n := strings.IndexAny(line, " \t"); n >= 0 && i < len(names)-1 {
			field, line = line[:n], line[n:]
		} else {
			line = ""
		}
		s.set(name, strings.TrimRight(field, " \t"))
	}
	return nil
}

// setOptions is set [-e] [-x] [--] [ARG…].
func (s *Shell) setOptions(args []string) error {
	for len(args) > 0 && len(args[0]) == 2 && strings.IndexByte("-+", args[0][0]) >= 0 {
		on := args[0][0] == '-'
		switch args[0][1] {
		case 'e':
			s.errexit = on
		case 'x':
			s.xtrace = on
		case '-':
			s.params = args[1:]
			return nil
		default:
			return s.failed(fmt.Errorf("set: %s is not known", args[0]))
		}
		args = args[1:]
	}
	if len(args) > 0 {
		s.params = args
	}
	return nil
}

func (s *Shell) shift(args []string) error {
	n := firstNumber(args, 1)
	if n < 0 || n > len(s.params) {
		return s.failed(fmt.Errorf("shift: only %d parameters", len(s.params)))
	}
	s.params = s.params[n:]
	return nil
}

func (s *Shell) umask(args []string) error {
	if len(args) == 0 {
		mask := unix.Umask(0)
		unix.Umask(mask)
		s.write("%04o\n", mask)
		return nil
	}
	mask, err := strconv.ParseUint(args[0], 8, 12)
	if err != nil {
		return s.failed(fmt.Errorf("umask: %q is not octal", args[0]))
	}
	unix.Umask(int(mask))
	return nil
}

func (s *Shell) unset(names []string) error {
	for _, name := range names {
		delete(s.vars, name)
	}
	return nil
}
