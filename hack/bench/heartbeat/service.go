package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// The service that is watched is this program, in a container. All kinds of probes
// find what they ask for.
const (
	servicePath = "/bin/heartbeat"
	webAddress  = "127.0.0.1:8080" // HTTP and gRPC
	linePath    = "/tmp/line.sock"
	beatEvery   = 20 * time.Millisecond
)

// serve runs until it is killed. SIGUSR1 makes it answer that it is ill.
func serve() error {
	p, err := openPage("/bench/page")
	if err != nil {
		return err
	}
	p.born()
	var ill atomic.Bool
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGUSR1, unix.SIGTERM)
	go func() {
		for s := range signals {
			if s == unix.SIGTERM {
				os.Exit(0)
			}
			ill.Store(true)
		}
	}()
	_ = os.Remove(linePath) // podman's services share their root, and a restart finds what was left
	line, err := net.Listen("unix", linePath)
	if err != nil {
		return err
	}
	go refuseNobody(line)
	if path := os.Getenv("NOTIFY_SOCKET"); path != "" {
		go beat(path)
	}
	s := &http.Server{Addr: webAddress, Handler: answers(&ill), Protocols: new(http.Protocols)}
	s.Protocols.SetHTTP1(true)
	s.Protocols.SetUnencryptedHTTP2(true)
	return s.ListenAndServe()
}

func refuseNobody(l net.Listener) {
	for {
		if c, err := l.Accept(); err == nil {
			c.Close()
		}
	}
}

// beat is a program that says each 20 ms that it lives (sd_notify(3)).
func beat(path string) {
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	_, _ = io.WriteString(c, "READY=1")
	for range time.Tick(beatEvery) {
		_, _ = io.WriteString(c, "WATCHDOG=1")
	}
}

// answers are for GET and for grpc.health.v1.Health/Check.
func answers(ill *atomic.Bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.ProtoMajor == 2:
			w.Header().Set("Content-Type", "application/grpc")
			w.Header().Set("Trailer", "Grpc-Status")
			_, _ = w.Write([]byte{0, 0, 0, 0, 2, 8, 1}) // SERVING
			w.Header().Set("Grpc-Status", "0")
		case ill.Load():
			http.Error(w, "ill", http.StatusServiceUnavailable)
		default:
			fmt.Fprintln(w, "ok")
		}
	})
}

// ask is a probe as a program: it gets a page and fails if that is not well.
func ask(url string) error {
	r, err := http.Get(url)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, r.Status)
	}
	return nil
}
