package checks

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Here is what the kinds that are asked need to be true of their settings.

func (e *Exec) complete() error {
	switch {
	case e.Shell != "" && len(e.Args) > 0:
		return fail("/shell", "a line for the shell, and there are args")
	case e.Shell != "":
		e.Args, e.Shell = []string{"/bin/sh", "-c", e.Shell}, ""
	case len(e.Args) == 0 || e.Args[0] == "":
		return fail("/args", "no program to run")
	}
	for i, arg := range e.Args {
		if err := plain("/args/"+strconv.Itoa(i), arg); err != nil {
			return err
		}
	}
	for i, env := range e.Env {
		at := "/env/" + strconv.Itoa(i)
		if name, _, set := strings.Cut(env, "="); !set || name == "" {
			return fail(at, "%s: not NAME=VALUE", shown(env))
		}
		if err := plain(at, env); err != nil {
			return err
		}
	}
	if e.Workdir != "" && e.Workdir[0] != '/' {
		return fail("/workdir", "%s: not absolute", shown(e.Workdir))
	}
	if err := plain("/workdir", e.Workdir); err != nil {
		return err
	}
	return plain("/user", e.User)
}

// plain refuses what a string of the kernel's cannot have.
func plain(field, text string) error {
	if strings.ContainsRune(text, 0) {
		return fail(field, "has a zero byte")
	}
	return legible(field, text)
}

// legible refuses what JSON would change.
func legible(field, text string) error {
	if !utf8.ValidString(text) {
		return fail(field, "%s: not UTF-8", shown(text))
	}
	return nil
}

func (h *HTTP) complete() error {
	byDefault(&h.Method, "GET")
	if strings.Trim(h.Method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return fail("/method", "%s: not a method of HTTP, such as GET", shown(h.Method))
	}
	if err := checkURL(h.URL); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(h.Headers)) {
		if err := checkHeader(name, h.Headers[name]); err != nil {
			return err
		}
	}
	for _, r := range h.Statuses {
		if r.From < 100 || r.To > 599 || r.From > r.To {
			return fail("/statuses", "%s: not statuses of HTTP", h.Statuses)
		}
	}
	if h.Match != "" && h.Method == "HEAD" {
		return fail("/match", "the answer to HEAD has no body to look at")
	}
	return short("/match", h.Match)
}

func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return fail("/url", "%s: not a URL", shown(text))
	case u.Scheme == "https":
		return fail("/url", "https is not spoken here; ask by exec, with curl")
	case u.Scheme != "http" || u.Host == "":
		return fail("/url", "%s: not of the form http://127.0.0.1:8080/path", shown(text))
	case u.User != nil:
		return fail("/url", "has a user in it; give a header Authorization")
	case u.Fragment != "":
		return fail("/url", "#%s is not sent to a server", u.Fragment)
	}
	if err := short("/url", text); err != nil {
		return err
	}
	if err := checkHost(u.Hostname()); err != nil {
		return fail("/url", "%w", err)
	}
	if port := u.Port(); port != "" || strings.HasSuffix(u.Host, ":") {
		return checkPort("/url", port)
	}
	return nil
}

// checkHost holds that there is nothing to look up: the container's resolver is
// not ours, and a probe that waits for one tells of the wrong service.
func checkHost(host string) error {
	if address, err := netip.ParseAddr(host); err == nil && address.Zone() == "" || host == "localhost" {
		return nil
	}
	return fmt.Errorf("%s: names are not looked up; give an address, such as 127.0.0.1, or localhost", shown(host))
}

func checkPort(field, port string) error {
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || port[0] == '+' {
		return fail(field, "%s: not a port", shown(port))
	}
	return nil
}

// checkHeader holds a header to RFC 9110, section 5: it must not become two.
func checkHeader(name, value string) error {
	at := "/headers/" + escape(name)
	for _, r := range name {
		if r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r) {
			return fail(at, "%s: not the name of a header", shown(name))
		}
	}
	for _, b := range []byte(value) {
		if b < ' ' && b != '\t' || b == 0x7f {
			return fail(at, "%s: a control character cannot be in a header", shown(value))
		}
	}
	if name == "" {
		return fail(at, "a header without a name")
	}
	return short(at, name+value)
}

func (t *TCP) check() error {
	if err := checkAddress(t.Address); err != nil {
		return err
	}
	return shortBoth(t.Send, t.Expect)
}

func (g *GRPC) check() error {
	if err := checkAddress(g.Address); err != nil {
		return err
	}
	return short("/service", g.Service)
}

// checkAddress holds it to be ADDRESS:PORT.
func checkAddress(text string) error {
	cut := strings.LastIndexByte(text, ':')
	if cut < 1 {
		return fail("/address", "%s: not of the form 127.0.0.1:80", shown(text))
	}
	host := text[:cut]
	inner, closed := strings.CutSuffix(strings.TrimPrefix(host, "["), "]")
	if bracketed := closed && host[0] == '['; bracketed == strings.Contains(host, ":") && bracketed {
		host = inner
	} else if bracketed || strings.Contains(host, ":") {
		return fail("/address", "%s: brackets are for addresses of IPv6: [::1]:80", shown(text))
	}
	if err := checkHost(host); err != nil {
		return fail("/address", "%w", err)
	}
	return checkPort("/address", text[cut+1:])
}

func (u *Unix) check() error {
	switch {
	case u.Path == "" || u.Path[0] != '/' && u.Path[0] != '@' || u.Path == "@":
		return fail("/path", "%s: neither a path from / nor @ and an abstract name", shown(u.Path))
	case u.Path[0] == '@' && len(u.Path) > 108: // unix(7)
		return fail("/path", "%s: a name has at most 107 bytes", shown(u.Path))
	}
	if err := plain("/path", u.Path); err != nil {
		return err
	}
	if err := short("/path", u.Path); err != nil {
		return err
	}
	return shortBoth(u.Send, u.Expect)
}

func shortBoth(send, expect string) error {
	if err := short("/send", send); err != nil {
		return err
	}
	return short("/expect", expect)
}

// short holds a text to what a probe is willing to send, or to look for.
func short(field, text string) error {
	if len(text) > mostText {
		return fail(field, "%d bytes: at most %d", len(text), mostText)
	}
	return legible(field, text)
}
