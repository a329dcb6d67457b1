package main

import (
	"net/url"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

// serve is a service that can be told to misbehave.
func serve(c *call) error {
	if len(c.args) != 1 {
		return usage("an address is needed, :8080 for one")
	}
	exitOnTerm()
	var failing, hanging atomic.Bool
	return listenAndServe(c, c.args[0], func(u *url.URL) (int, string) {
		if hanging.Load() {
			time.Sleep(time.Hour) // the port stays open, nobody answers
		}
		switch u.Path {
		case "/":
			host, _ := os.Hostname()
			return 200, "hello from " + host + "\n"
		case "/healthz":
			return health(failing.Load())
		case "/fail":
			failing.Store(true)
			return 200, "/healthz fails from now on\n"
		case "/hang":
			hanging.Store(true)
			return 200, "no answers from now on\n"
		case "/exit":
			n, _ := strconv.Atoi(u.Query().Get("status"))
			os.Exit(n)
		}
		return 404, "no such page\n"
	})
}

func health(failing bool) (int, string) {
	if failing {
		return 503, "failing\n"
	}
	return 200, "ok\n"
}
