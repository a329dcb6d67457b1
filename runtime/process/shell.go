package process

import (
	"fmt"
	"strings"
)

// quote makes one word of POSIX sh, as it is if it needs no quotes.
func quote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:=,+@%", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func quoteAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quote(s)
	}
	return out
}

// shellExec is the last line of the script: what init does to its own thread
// step by step, setpriv(1) does at once. A filter has no form in a shell.
func shellExec(c Config, caps capSets, p *program) string {
	u := c.Process.User
	groups := "--clear-groups"
	switch {
	case c.DenySetgroups:
		groups = "--keep-groups"
	case len(u.AdditionalGids) > 0:
		groups = "--groups " + joinIDs(u.AdditionalGids)
	}
	words := []string{"exec env -i"}
	words = append(words, quoteAll(p.env)...)
	if home, _ := lookEnv(p.env, "HOME"); home == "" {
		words = append(words, `HOME="$HOME"`) // that of findHome
	}
	words = append(words, fmt.Sprintf("setpriv --reuid %d --regid %d %s", u.UID, u.GID, groups),
		"--bounding-set "+setprivList(caps.bounding),
		"--inh-caps "+setprivList(caps.inheritable),
		"--ambient-caps "+setprivList(caps.ambient))
	if c.Process.NoNewPrivileges {
		words = append(words, "--no-new-privs")
	}
	return strings.Join(append(words, quoteAll(p.args)...), " ")
}
