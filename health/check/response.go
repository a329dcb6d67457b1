package check

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
)

// A response is what a probe needs to know of one (RFC 9112).
type response struct {
	status int    // 0: none came
	line   string // the status and its reason: "200 OK"
	body   []byte // the first maxBody bytes at most

	length  int64 // Content-Length, -1: not told
	chunked bool
}

// readResponse reads the first response that is not an interim one. An error
// with a status says that the rest was not as it should be.
func readResponse(f *feed, toHead bool) (response, error) {
	r, err := readHead(f)
	for err == nil && r.interim() {
		r, err = readHead(f)
	}
	switch {
	case err == errFull:
		return response{}, failuref("the head of the answer is longer than %d bytes", maxHead)
	case err != nil:
		return response{}, err
	case toHead || r.status < 200 || r.status == 204 || r.status == 304:
		return r, nil
	}
	err = r.readBody(f)
	return r, err
}

func (r response) interim() bool { return r.status < 200 && r.status != 101 }

// readHead reads up to the empty line.
func readHead(f *feed) (response, error) {
	r := response{length: -1}
	line, err := f.line()
	if err == nil {
		err = r.parseStatus(string(line))
	}
	for err == nil {
		if line, err = f.line(); err != nil {
			break
		}
		if len(line) == 0 {
			return r, nil
		}
		err = r.parseField(string(line))
	}
	return response{}, err
}

// parseStatus takes "HTTP/1.1 200 OK"; the reason may be missing.
func (r *response) parseStatus(line string) error {
	version, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(rest, " ")
	n, err := strconv.ParseUint(code, 10, 16)
	if !strings.HasPrefix(version, "HTTP/1.") || len(version) != len("HTTP/1.1") || err != nil || len(code) != 3 || n < 100 {
		return failuref("the answer is not HTTP: %q", line[:min(len(line), 80)])
	}
	r.status, r.line = int(n), strings.TrimRight(rest, " ")
	return nil
}

// parseField looks for what tells the length of the body.
func (r *response) parseField(line string) error {
	if line[0] == ' ' || line[0] == '\t' {
		return nil // goes on with the last one
	}
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		return failuref("a header without a colon: %q", line[:min(len(line), 80)])
	}
	value = strings.Trim(value, " \t")
	switch {
	case strings.EqualFold(name, "Content-Length"):
		n, err := strconv.ParseUint(value, 10, 63)
		if err != nil || r.length >= 0 && r.length != int64(n) {
			return failuref("the length of the body makes no sense: %q", line[:min(len(line), 80)])
		}
		r.length = int64(n)
	case strings.EqualFold(name, "Transfer-Encoding"):
		last := value[strings.LastIndexByte(value, ',')+1:]
		r.chunked = strings.EqualFold(strings.TrimSpace(last), "chunked")
		r.length = -1
	}
	return nil
}

// readBody reads to the end of the body or the limit, whichever is first.
func (r *response) readBody(f *feed) (err error) {
	f.left = max(0, maxBody-len(f.buf))
	switch {
	case r.chunked:
		err = r.readChunks(f)
	case r.length >= 0:
		r.body, err = f.upTo(int(min(r.length, maxBody)))
	default: // to the end of the connection
		if r.body, err = f.upTo(maxBody); errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err == errFull {
		err = nil
	}
	return err
}

// upTo returns n bytes, or with an error those that came.
func (f *feed) upTo(n int) ([]byte, error) {
	text, err := f.take(n)
	if err != nil {
		text, f.buf = f.buf, nil
	}
	return text, err
}

// readChunks reads a chunked body (RFC 9112, 7.1). Framing counts for the limit.
func (r *response) readChunks(f *feed) error {
	for {
		size, err := chunkSize(f)
		if err != nil {
			return err
		}
		if size == 0 {
			return skipTrailer(f)
		}
		part, err := f.upTo(size)
		r.body = append(r.body, part...)
		if err != nil {
			return err
		}
		switch end, err := f.line(); {
		case err != nil:
			return err
		case len(end) > 0:
			return failuref("a chunk of the body is longer than it says")
		}
	}
}

// chunkSize reads a line "1f;extension".
func chunkSize(f *feed) (int, error) {
	line, err := f.line()
	if err != nil {
		return 0, err
	}
	digits, _, _ := bytes.Cut(line, []byte(";"))
	n, err := strconv.ParseUint(string(bytes.TrimRight(digits, " \t")), 16, 63)
	if err != nil {
		return 0, failuref("the size of a chunk makes no sense: %q", line[:min(len(line), 40)])
	}
	return int(min(n, maxBody+1)), nil
}

// skipTrailer reads to the empty line after the last chunk.
func skipTrailer(f *feed) error {
	for {
		line, err := f.line()
		if err != nil || len(line) == 0 {
			return err
		}
	}
}
