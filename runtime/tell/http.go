package tell

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The little of HTTP/1.1 that is needed (RFC 9112): to send a POST and read the
// status, to read a GET and send a page. net/http would cost each command of
// mini half a millisecond of initialisation. A connection serves one exchange.

// maxHead is the size of the longest head of a message that is read, in bytes.
const maxHead = 16 << 10

// request is the POST of a body.
func (w *webhook) request(body []byte) []byte {
	b := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: mini\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n",
		w.path, w.host, len(body))
	if w.auth != "" {
		b = fmt.Appendf(b, "Authorization: %s\r\n", w.auth)
	}
	return append(append(b, "\r\n"...), body...)
}

var errNotHTTP = errors.New("the answer is not HTTP")

// readStatus reads a response's status, the last one after any 1xx.
func readStatus(r io.Reader) (int, error) {
	head := bufio.NewReaderSize(io.LimitReader(r, maxHead), 512)
	for {
		line, err := head.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) { // a long reason: the status is at the front
			return 0, noAnswer(err, len(line))
		}
		status, err := parseStatus(string(line))
		if err != nil || status >= 200 {
			return status, err
		}
		if err := skipFields(head); err != nil {
			return 0, noAnswer(err, 1)
		}
	}
}

// noAnswer tells a connection that was closed from one that said something else.
func noAnswer(err error, n int) error {
	if !errors.Is(err, io.EOF) {
		return err
	}
	if n == 0 {
		return errors.New("the connection was closed without an answer")
	}
	return errNotHTTP
}

// parseStatus reads "HTTP/1.1 204 No Content".
func parseStatus(line string) (int, error) {
	rest, ok := strings.CutPrefix(line, "HTTP/1.")
	if !ok || len(rest) < 5 || rest[1] != ' ' {
		return 0, errNotHTTP
	}
	if len(rest) > 5 && !strings.ContainsRune(" \r\n", rune(rest[5])) {
		return 0, errNotHTTP
	}
	n, err := strconv.ParseUint(rest[2:5], 10, 16)
	if err != nil || n < 100 {
		return 0, errNotHTTP
	}
	return int(n), nil
}

// skipFields reads on to the empty line.
func skipFields(r *bufio.Reader) error {
	for fresh := true; ; {
		line, err := r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		if fresh && len(bytes.TrimRight(line, "\r\n")) == 0 {
			return nil
		}
		fresh = err == nil
	}
}

// readRequest reads the head of a request and gives its method and target.
func readRequest(r io.Reader) (method, target string, err error) {
	head := bufio.NewReaderSize(io.LimitReader(r, maxHead), 2048)
	line, err := head.ReadSlice('\n')
	if err != nil {
		return "", "", err
	}
	words := strings.Split(strings.TrimRight(string(line), "\r\n"), " ")
	if len(words) != 3 || !strings.HasPrefix(words[2], "HTTP/1.") {
		return "", "", errNotHTTP
	}
	return words[0], words[1], skipFields(head)
}

// response is a whole message. HEAD gets none of the body.
func response(status, contentType string, body []byte, head bool) []byte {
	b := fmt.Appendf(nil, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n",
		status, contentType, len(body))
	if head {
		return b
	}
	return append(b, body...)
}
