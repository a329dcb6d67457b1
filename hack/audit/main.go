// Command audit looks at a container: from inside, as its program, at what it can
// see, write and ask of the kernel, and from outside, as root of the host, at its
// namespaces and at the system call filter that the kernel has of it. It knows of
// no engine; run.sh starts it in containers of several and puts the answers
// side by side. Each line that it prints is a question, a tab and the answer.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "inside":
		status()
		paths()
		attempts()
	case len(os.Args) == 3 && os.Args[1] == "outside":
		pid, err := strconv.Atoi(os.Args[2])
		if err == nil {
			namespaces(pid)
			err = filters(pid)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "audit:", err)
			os.Exit(1)
		}
	default:
		fmt.Fprintln(os.Stderr, "audit inside, or audit outside PID")
		os.Exit(2)
	}
}

func answer(question, format string, args ...any) {
	fmt.Printf("%s\t%s\n", question, fmt.Sprintf(format, args...))
}
