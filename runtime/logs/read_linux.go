package logs

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
)

// Query says what of a log is wanted.
type Query struct {
	Tail int // that many last lines; negative: all there are
	// Follow goes on with what is written later, until the context is done; what
	// was written before then is still given.
	Follow bool
	// Pause, if not nil, is called when there is nothing more to give for now.
	Pause func() error
}

// Read gives the records of the log in dir to emit, the oldest first. An error
// of emit or of Pause ends it.
func Read(ctx context.Context, dir string, q Query, emit func(Record) error) error {
	var news *news
	if q.Follow {
		var err error
		if news, err = watch(ctx, dir); err != nil {
			return err
		}
		defer news.close()
	}
	files, err := openAll(dir)
	if err != nil {
		return err
	}
	r := &reader{dir: dir, files: files, emit: emit}
	defer r.close()
	if q.Tail >= 0 {
		if err := r.leave(q.Tail); err != nil {
			return err
		}
	}
	for {
		over := !q.Follow || ctx.Err() != nil
		err := r.drain()
		if err == nil && q.Pause != nil {
			err = q.Pause()
		}
		if err != nil || over {
			return err
		}
		if err := news.wait(); err != nil {
			return err
		}
	}
}

// reader is at some record of some file. Its files stay open, so that no
// rotation takes one away before it was read.
type reader struct {
	dir   string
	files []*scanner // the oldest first; the last is the newest we know of
	skip  int        // lines still to be passed over
	emit  func(Record) error
}

// leave passes over all but the last n lines.
func (r *reader) leave(n int) error {
	total, open := 0, false
	for _, f := range r.files {
		lines, more, err := f.count()
		if err != nil {
			return err
		}
		total, open = total+lines, more
	}
	if open {
		total++
	}
	r.skip = max(0, total-n)
	return nil
}

// drain gives all there is now, in all files.
func (r *reader) drain() error {
	for len(r.files) > 0 {
		if err := r.rest(r.files[0]); err != nil {
			return err
		}
		if len(r.files) == 1 {
			next, err := successor(r.dir, r.files[0].file)
			if next == nil || err != nil {
				return err
			}
			r.files = append(r.files, newScanner(next))
			// What was written to the old one before the rotation is in it by now.
			continue
		}
		r.files[0].file.Close()
		r.files = r.files[1:]
	}
	return nil
}

// rest gives what there is in one file.
func (r *reader) rest(s *scanner) error {
	for {
		record, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if r.skip == 0 {
			if err := r.emit(record); err != nil {
				return err
			}
		} else if record.Full {
			r.skip--
		}
	}
}

func (r *reader) close() {
	for _, s := range r.files {
		s.file.Close()
	}
}

// openAll opens the files there are, the oldest first. A rotation meanwhile
// shows a file twice: it is taken once.
func openAll(dir string) (files []*scanner, err error) {
	for i := 0; ; i++ {
		f, err := os.Open(path(dir, i))
		if errors.Is(err, fs.ErrNotExist) && i > 0 {
			return files, nil
		}
		if err != nil {
			return files, err
		}
		if len(files) > 0 && same(f, files[0].file) {
			f.Close()
			continue
		}
		files = append([]*scanner{newScanner(f)}, files...)
	}
}

// successor opens the file that was begun after f, nil if f is the newest. Names
// move when files are rotated: f has to have the same one before and after.
func successor(dir string, f *os.File) (*os.File, error) {
	for {
		i, err := find(dir, f)
		if err != nil || i == 0 {
			return nil, err
		}
		next, err := os.Open(path(dir, i-1))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil // it is about to be made
		}
		if err != nil {
			return nil, err
		}
		if again, err := find(dir, f); err == nil && again == i {
			return next, nil
		}
		next.Close()
	}
}

// find tells which of the files f is; if it is none any more, the number after
// the last. 0 if there are none at all.
func find(dir string, f *os.File) (int, error) {
	mine, err := f.Stat()
	if err != nil {
		return 0, err
	}
	for i := 0; ; i++ {
		info, err := os.Stat(path(dir, i))
		if errors.Is(err, fs.ErrNotExist) && (i > 0 || gone(dir)) {
			return i, nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
		if err == nil && os.SameFile(mine, info) {
			return i, nil
		}
	}
}

// gone says whether there is no log in dir at all any more.
func gone(dir string) bool {
	_, err := os.Stat(path(dir, 1))
	return errors.Is(err, fs.ErrNotExist)
}

func same(a, b *os.File) bool {
	x, err1 := a.Stat()
	y, err2 := b.Stat()
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}
