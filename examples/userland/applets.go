package main

import "slices"

// applets returns them all. Functions, not variables, since help and sh look at
// the table that they are in.
func applets() []applet { return slices.Concat(tools(), experiments()) }

// tools are for looking around and for scripts, as on any Unix.
func tools() []applet {
	return []applet{
		{"[", "EXPRESSION ]", "test", test},
		{"cat", "[FILE…]", "print files", cat},
		{"date", "", "print the time", date},
		{"df", "[PATH…]", "print how full file systems are", df},
		{"echo", "[-n] [TEXT…]", "print the arguments", echo},
		{"env", "[-i] [NAME=VALUE…] [PROGRAM ARG…]", "print the environment, or run with more of it", env},
		{"false", "", "fail", falseApplet},
		{"grep", "[-i] [-v] [-c] [-q] [-n] PATTERN [FILE…]", "print lines that match", grep},
		{"head", "[-n LINES] [FILE…]", "print the first lines", head},
		{"help", "", "list the applets", help},
		{"hostname", "[NAME]", "print or set the host name", hostname},
		{"id", "", "print who this is", id},
		{"kill", "[-SIGNAL] PID…", "send a signal", kill},
		{"ln", "[-s] [-f] TARGET LINK", "make a link", ln},
		{"ls", "[-l] [-a] [-n] [PATH…]", "list directories", ls},
		{"mkdir", "[-p] [-m MODE] DIR…", "make directories", mkdir},
		{"mount", "[-t TYPE] [-o OPTIONS] [SOURCE TARGET]", "print mounts, or mount", mount},
		{"printf", "FORMAT [ARG…]", "print with %s %d %x %c %% and \\n", printf},
		{"ps", "", "list processes", ps},
		{"pwd", "", "print the working directory", pwd},
		{"rm", "[-r] [-f] PATH…", "remove", rm},
		{"setpriv", "[--reuid N] [--bounding-set -all,+NAME…] … PROGRAM ARG…", "run with other ids and capabilities", setpriv},
		{"sh", "[-c TEXT | FILE] [ARG…]", "the shell", sh},
		{"sleep", "DURATION", "wait: 1.5 or 200ms", sleep},
		{"stat", "PATH…", "print what is known of files", stat},
		{"sysctl", "KEY[=VALUE]…", "print or set what is below /proc/sys", sysctl},
		{"tail", "[-n LINES] [FILE…]", "print the last lines", tail},
		{"test", "EXPRESSION", "compare texts, numbers and files", test},
		{"touch", "FILE…", "make files, or set their time", touch},
		{"true", "", "succeed", trueApplet},
		{"tty", "", "print the terminal's name", tty},
		{"umount", "[-l] PATH…", "unmount", umount},
		{"uname", "[-a]", "print the kernel's name", uname},
		{"wc", "[-l] [-w] [-c] [FILE…]", "count lines, words and bytes", wc},
		{"which", "NAME…", "print where programs are", which},
	}
}

// experiments show what a container is, or misbehave in it.
func experiments() []applet {
	return []applet{
		{"args", "[ARG…]", "print argv and the environment, one a line", args},
		{"burn", "SECONDS [THREADS]", "use CPU and tell how much was got", burn},
		{"caps", "", "print the capability sets, no_new_privs and seccomp mode", caps},
		{"flaky", "[--after DURATION] [--status N] [--listen ADDR]", "a service that works for a while", flaky},
		{"fork", "N | bomb [-n LIMIT]", "start N children, or until the kernel refuses", fork},
		{"get", "[--timeout DURATION] URL", "print what an HTTP server answers; 0 on 2xx and 3xx", get},
		{"limits", "", "print resource limits and those of the cgroup", limits},
		{"mem", "SIZE [HOLD]", "use memory page by page: mem 100M 5s", mem},
		{"mknod-try", "PATH MAJOR MINOR", "try to make a character device", mknodTry},
		{"notify", "NAME=VALUE…", "say to NOTIFY_SOCKET how the service is: notify READY=1", notify},
		{"ns", "", "print the namespaces and whether they are pid 1's", ns},
		{"opendev", "PATH…", "try to open devices", openDev},
		{"serve", "ADDR", "HTTP server: / /healthz /fail /hang /exit?status=N", serve},
		{"signals", "[DELAY]", "print each signal; TERM ends it after DELAY", signals},
		{"zombie", "N", "leave N orphans that end soon", zombie},
	}
}
