package check

import (
	"context"
	"errors"
	"io"

	"mini/health"
)

// TCP connects to a port. That alone shows that a process listens, not that it
// lives: the kernel accepts for one that hangs. An answer to wait for does.
type TCP struct {
	Address string // "127.0.0.1:6379", "[::1]:6379" or "localhost:6379"
	Send    string // said first
	Expect  string // waited for; it has to be in the first 64 KiB of the answer
}

// Probe asks once. The output of a result is the answer.
func (t TCP) Probe(ctx context.Context, dial Dialer) health.Result {
	addresses, err := splitAddress(t.Address)
	if err != nil {
		return result(health.Error, err.Error())
	}
	return probe(ctx, dial, "tcp", addresses, converse(t.Send, t.Expect))
}

// Unix is as TCP, of a stream socket at a path or, after an @, with an abstract
// name (unix(7)).
type Unix struct{ Path, Send, Expect string }

// Probe asks once. The output of a result is the answer.
func (u Unix) Probe(ctx context.Context, dial Dialer) health.Result {
	return probe(ctx, dial, "unix", []string{u.Path}, converse(u.Send, u.Expect))
}

// converse says one thing and waits for another; either may be empty.
func converse(send, expect string) talk {
	return func(c Conn) (string, error) {
		if send != "" {
			if _, err := io.WriteString(c, send); err != nil {
				return "", err
			}
		}
		if expect == "" {
			return "connected", nil
		}
		f := newFeed(c, maxBody)
		err := f.await([]byte(expect))
		text := string(f.buf[:min(len(f.buf), health.MaxOutput)])
		if err == nil {
			return text, nil
		}
		if text == "" && !errors.Is(err, io.EOF) {
			return "", err
		}
		return "", failuref("%q is not in the answer (%s): %s", expect, explain(err), text)
	}
}
