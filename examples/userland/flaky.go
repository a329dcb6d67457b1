package main

import (
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// flaky works for a while and then breaks: with --status it ends, without it
// goes on but /healthz fails.
func flaky(c *call) error {
	o, args, err := parseOptions(c.args, "after:", "status:", "listen:")
	if err != nil {
		return err
	}
	after, err := parseDuration(o.or("after", "3s"))
	if err != nil {
		return err
	}
	code, err := strconv.Atoi(o.or("status", "0"))
	if err != nil || len(args) > 0 {
		return usage("it takes options only")
	}
	exitOnTerm()
	breaks := time.Now().Add(after)
	time.AfterFunc(after, func() {
		c.printf("broken from now on\n")
		if o.has("status") {
			os.Exit(code)
		}
	})
	return listenAndServe(c, o.or("listen", "127.0.0.1:8080"), func(u *url.URL) (int, string) {
		return health(time.Now().After(breaks))
	})
}

// exitOnTerm ends the program as TERM would. The kernel does not do it for pid 1,
// which gets only the signals it has a handler for (pid_namespaces(7)).
func exitOnTerm() {
	term := make(chan os.Signal, 1)
	signal.Notify(term, unix.SIGTERM, unix.SIGINT)
	go func() {
		sig := <-term
		os.Exit(128 + int(sig.(unix.Signal)))
	}()
}
