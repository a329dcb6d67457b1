package bundle

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strconv"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// maxAccounts bounds what is read of the container's passwd and group, in bytes:
// the container may have written them.
const maxAccounts = 4 << 20

// User reads user[:group]. A number is always an id, even if an account in the
// container has that number for a name. A user without a group gets the group of
// its account and those that list it as a member; a number without an account
// gets group 0, as with docker.
func User(s string, root fs.FS) (specs.User, error) {
	name, group, grouped := strings.Cut(s, ":")
	if name == "" || grouped && group == "" {
		return specs.User{}, fmt.Errorf("not of the form user or user:group")
	}
	u, account, err := lookupUser(name, root)
	if err != nil {
		return specs.User{}, err
	}
	if grouped {
		u.GID, err = lookupGroup(group, root)
		return u, err
	}
	if account != "" {
		u.AdditionalGids, err = memberships(account, u.GID, root)
	}
	return u, err
}

// lookupUser finds the ids of a user, and the name of its account if it has one.
func lookupUser(name string, root fs.FS) (specs.User, string, error) {
	number, numeric, err := id(name)
	if err != nil || numeric && root == nil {
		return specs.User{UID: number}, "", err
	}
	for fields, err := range accounts(root, "etc/passwd", 4) {
		if err != nil {
			if numeric && errors.Is(err, fs.ErrNotExist) {
				break // an image without accounts is fine as long as none is named
			}
			return specs.User{}, "", fmt.Errorf("find user %s: %w", name, err)
		}
		uid, _, _ := id(fields[2]) // accounts vouches for it
		gid, isID, err := id(fields[3])
		if err != nil || !isID {
			continue
		}
		if numeric && uid == number || !numeric && fields[0] == name {
			return specs.User{UID: uid, GID: gid}, fields[0], nil
		}
	}
	if !numeric {
		return specs.User{}, "", fmt.Errorf("no user %s in the container's etc/passwd", name)
	}
	return specs.User{UID: number}, "", nil
}

// UserName finds the name of a uid, in decimal digits, in etc/passwd below root
// (passwd(5)). Unlike os/user it is the same in every build.
func UserName(uid string, root fs.FS) (string, error) {
	for line, err := range accounts(root, "etc/passwd", 3) {
		if err != nil {
			return "", err
		}
		if line[2] == uid {
			return line[0], nil
		}
	}
	return "", fmt.Errorf("uid %s: %w", uid, fs.ErrNotExist)
}

// lookupGroup finds the id of a group.
func lookupGroup(name string, root fs.FS) (uint32, error) {
	if number, numeric, err := id(name); err != nil || numeric {
		return number, err
	}
	for fields, err := range accounts(root, "etc/group", 3) {
		if err != nil {
			return 0, fmt.Errorf("find group %s: %w", name, err)
		}
		if fields[0] == name {
			gid, _, err := id(fields[2])
			return gid, err
		}
	}
	return 0, fmt.Errorf("no group %s in the container's etc/group", name)
}

// memberships is the groups that list account, without its primary one. No
// group file is no groups.
func memberships(account string, primary uint32, root fs.FS) ([]uint32, error) {
	var gids []uint32
	for fields, err := range accounts(root, "etc/group", 4) {
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("find the groups of %s: %w", account, err)
		}
		gid, _, _ := id(fields[2]) // accounts vouches for it
		if gid != primary && !slices.Contains(gids, gid) && slices.Contains(strings.Split(fields[3], ","), account) {
			gids = append(gids, gid)
		}
	}
	return gids, nil
}

// id reads a number; numeric is false for a name.
func id(s string) (number uint32, numeric bool, err error) {
	if strings.Trim(s, "0123456789") != "" && !strings.HasPrefix(s, "-") && !strings.HasPrefix(s, "+") {
		return 0, false, nil
	}
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil || n == 1<<32-1 {
		return 0, true, fmt.Errorf("%s is no id; they go from 0 to %d", s, uint32(1<<32-2))
	}
	return uint32(n), true, nil
}

// accounts yields the lines of passwd(5) or group(5) that have at least so many
// fields and a valid id in the third; other lines it skips, as libc does.
func accounts(root fs.FS, name string, fields int) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		f, err := openAccounts(root, name)
		if err != nil {
			yield(nil, err)
			return
		}
		defer f.Close()
		s := bufio.NewScanner(io.LimitReader(f, maxAccounts))
		for s.Scan() {
			part := strings.Split(s.Text(), ":")
			if len(part) < fields {
				continue
			}
			if _, numeric, err := id(part[2]); err != nil || !numeric {
				continue
			}
			if !yield(part, nil) {
				return
			}
		}
		if err := s.Err(); err != nil {
			yield(nil, fmt.Errorf("read the container's %s: %w", name, err))
		}
	}
}

// openAccounts opens a file of the container. It looks before it opens: a FIFO
// there would hang us.
func openAccounts(root fs.FS, name string) (fs.File, error) {
	if root == nil {
		return nil, fmt.Errorf("a name needs the container's %s; use a number", name)
	}
	st, err := fs.Stat(root, name)
	if err != nil {
		return nil, fmt.Errorf("%w; use a number", err)
	}
	if !st.Mode().IsRegular() || st.Size() > maxAccounts {
		return nil, fmt.Errorf("the container's %s is not a regular file of at most %d bytes; use a number", name, maxAccounts)
	}
	return root.Open(name)
}
