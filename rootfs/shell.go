package rootfs

import "strings"

// The shell lines use two variables that the head of the script sets: $R, the
// directory that becomes the root, and $S, a scratch directory.

// quote makes one word of s for a POSIX shell.
func quote(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:=,@%"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// inRoot is the shell's word for a path in the container.
func inRoot(dest string) string {
	if dest == "/" {
		return `"$R"`
	}
	return `"$R"` + quote(dest)
}

// shellMount is a line of mount(8); list are its options, from and to words of
// the shell already, or empty.
func shellMount(flags string, list []string, from, to string) string {
	line := "mount"
	if len(list) > 0 {
		flags = strings.TrimSpace(flags + " -o " + quote(strings.Join(list, ",")))
	}
	for _, word := range []string{flags, from, to} {
		if word != "" {
			line += " " + word
		}
	}
	return line
}

// shellTouch makes a mount point that is like source: file or directory.
func shellTouch(source, to string) string {
	return "if [ -d " + source + " ]; then mkdir -p " + to + "; else mkdir -p \"$(dirname " + to + ")\" && : >>" + to + "; fi"
}

func bindFlag(recursive bool) string {
	if recursive {
		return "--rbind"
	}
	return "--bind"
}

// inBrackets is how String shows a list of remarks.
func inBrackets(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return " (" + strings.Join(list, ",") + ")"
}
