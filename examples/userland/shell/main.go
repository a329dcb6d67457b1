package shell

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Main is the program sh: it returns the exit status.
func Main(c Config) int {
	s := newShell(c)
	defer s.endTrap()
	args := s.inherit(c.Args)
	switch {
	case len(args) > 1 && args[0] == "-c":
		if s.name = "sh"; len(args) > 2 {
			s.name, s.params = args[2], args[3:]
		}
		s.script(args[1])
	case len(args) > 0 && strings.HasPrefix(args[0], "-"):
		s.complain(fmt.Errorf("%s: the options are -c TEXT and none", args[0]))
		return 2
	case len(args) > 0:
		s.name, s.params = args[0], args[1:]
		s.file(args[0])
	default:
		s.name = "sh"
		s.lines(terminal(os.Stdin))
	}
	return s.status
}

// inherit sets the variables that a subshell gets as leading arguments; $ is
// the pid of the first shell and ? its status.
func (s *Shell) inherit(args []string) []string {
	for len(args) > 0 {
		name, value, ok := strings.Cut(args[0], "=")
		switch {
		case ok && name == "$":
			s.pid, _ = strconv.Atoi(value)
		case ok && name == "?":
			s.status, _ = strconv.Atoi(value)
		case ok && name == "!":
			s.last = value
		case ok && isName(name):
			s.set(name, value)
		default:
			return args
		}
		args = args[1:]
	}
	return args
}

func (s *Shell) file(path string) bool {
	text, err := os.ReadFile(path)
	if err != nil {
		s.complain(err)
		s.status = 127
		return false
	}
	return s.script(string(text))
}

// lines runs stdin as it comes, with prompts if a person is there. Nothing is
// read ahead: the programs started read from the same descriptor.
func (s *Shell) lines(prompt bool) {
	if prompt {
		s.traps.ignoreKeyboard()
	}
	for text := ""; ; {
		s.prompt(prompt, text)
		line, err := readLine(s.files[0])
		text += line
		n, bad := Parse(text)
		var syntax *SyntaxError
		if errors.As(bad, &syntax) && syntax.Incomplete && err == nil {
			continue
		}
		text = ""
		if bad != nil {
			s.complain(bad)
			s.status = 2
		} else if stop := s.run(n); !s.finish(stop) && (!prompt || errors.Is(stop, exitError{})) {
			return
		}
		if err != nil {
			return
		}
	}
}

// prompt shows where we are, or > inside a command.
func (s *Shell) prompt(on bool, text string) {
	if !on {
		return
	}
	if text != "" {
		fmt.Fprint(os.Stderr, "> ")
		return
	}
	host, _ := os.Hostname()
	dir, _ := os.Getwd()
	sign := map[bool]string{true: "#", false: "$"}[os.Geteuid() == 0]
	fmt.Fprintf(os.Stderr, "%s:%s%s ", host, dir, sign)
}

// readLine reads one line, byte by byte, its end included.
func readLine(f *os.File) (string, error) {
	if f == nil {
		return "", io.EOF
	}
	var line []byte
	for b := make([]byte, 1); ; {
		n, err := f.Read(b)
		if n == 0 && err != nil {
			return string(line), err
		}
		if line = append(line, b[:n]...); b[0] == '\n' {
			return string(line), nil
		}
	}
}

func terminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
