package rootfs

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// entry is one mount of the configuration, read and checked.
type entry struct {
	specs.Mount
	options
	field string // its pointer: /mounts/3
	dest  string // the destination, cleaned
}

// mounts plans the entries of the configuration in their order.
func (p *planner) mounts() error {
	for i, m := range p.c.Mounts {
		field := fmt.Sprintf("/mounts/%d", i)
		e, err := p.read(m, field)
		if err == nil {
			err = p.entry(e)
		}
		if err != nil {
			return under(field, err)
		}
	}
	return nil
}

// under puts an error of a part of a setting under the pointer of the whole.
func under(field string, err error) error {
	var part *FieldError
	if errors.As(err, &part) {
		return &FieldError{field + part.Field, part.Err}
	}
	return &FieldError{field, err}
}

func (p *planner) read(m specs.Mount, field string) (entry, error) {
	e := entry{Mount: m, field: field}
	var err error
	if e.dest, err = inside(m.Destination); err != nil {
		return e, &FieldError{"/destination", err}
	}
	if e.options, err = parseOptions(m.Options); err != nil {
		return e, err
	}
	switch m.Type { // some engines say it here only
	case "bind":
		e.bind = true
	case "rbind":
		e.bind, e.recursive = true, true
	}
	return e, p.checkEntry(e)
}

func (p *planner) checkEntry(e entry) error {
	switch {
	case e.dest == "/" && !e.remount:
		return &FieldError{"/destination", errors.New("would cover the whole root; set root.path instead")}
	case underProc(e.dest) && !onProcFile(e.dest):
		return &FieldError{"/destination", errUnderProc}
	case onHost(e.Source) != nil:
		return &FieldError{"/source", onHost(e.Source)}
	case len(e.Source) > maxValue && !e.bind:
		return &FieldError{"/source", fmt.Errorf("is longer than the %d bytes fsconfig takes", maxValue)}
	case e.copyUp && (e.Type != "tmpfs" || e.bind || e.remount):
		return optionError(e.Mount, "tmpcopyup", errors.New("is an option of a new tmpfs"))
	case e.Type == "" && !e.bind && !e.remount:
		return &FieldError{"/type", errors.New("is missing")}
	case strings.Contains(e.Type, "\x00"):
		return &FieldError{"/type", errors.New("contains a NUL byte")}
	case (e.idmap || e.UIDMappings != nil || e.GIDMappings != nil) && !e.bind:
		return &FieldError{"/options", errors.New("an idmapped mount must be a bind mount")}
	}
	return p.checkOwners(e)
}

// optionError blames the option that is spelled so.
func optionError(m specs.Mount, word string, err error) error {
	for i, o := range m.Options {
		if slices.Contains(splitOptions(o), word) {
			return &FieldError{fmt.Sprintf("/options/%d", i), fmt.Errorf("%s %w", word, err)}
		}
	}
	return &FieldError{"/options", err}
}

// checkOwners finds a uid= or gid= that has no number in the container's user
// namespace. The kernel would say EINVAL, and not to which of the options;
// gid=5 of devpts in a map of one id is the usual case.
func (p *planner) checkOwners(e entry) error {
	for _, d := range e.data {
		maps := p.c.UIDMappings
		if d.key == "gid" {
			maps = p.c.GIDMappings
		}
		id, err := strconv.ParseUint(d.value, 10, 32)
		if !p.c.UserNS || len(maps) == 0 || err != nil || d.key != "uid" && d.key != "gid" {
			continue
		}
		if !mapped(maps, uint32(id)) {
			return &FieldError{fmt.Sprintf("/options/%d", d.index),
				fmt.Errorf("%s %d is not in /linux/%sMappings; map it or leave the option out", d.key, id, d.key)}
		}
	}
	return nil
}

func mapped(maps []specs.LinuxIDMapping, id uint32) bool {
	return slices.ContainsFunc(maps, func(m specs.LinuxIDMapping) bool {
		return id >= m.ContainerID && uint64(id) < uint64(m.ContainerID)+uint64(m.Size)
	})
}

// entry chooses the way a mount is made.
func (p *planner) entry(e entry) error {
	switch {
	case e.remount:
		return p.remount(e)
	case e.bind:
		return p.bind(e)
	case e.Type == "cgroup" || e.Type == "cgroup2":
		return p.cgroup(e)
	case e.Type == "sysfs" && p.c.UserNS && !p.c.NetNS:
		return p.hostTree(e, "/sys", "Shows the host's sysfs read-only: a new one needs a network namespace of the same user namespace (sysfs(5), user_namespaces(7))")
	case e.Type == "proc" && p.c.UserNS && !p.c.PidNS:
		return &FieldError{"/type", errors.New("proc in a user namespace needs a new pid namespace as well (/linux/namespaces)")}
	case e.Type == "mqueue" && p.c.UserNS && !p.c.IPCNS:
		return &FieldError{"/type", errors.New("mqueue in a user namespace needs a new ipc namespace as well (/linux/namespaces)")}
	}
	why := "Mounts a new " + e.Type + " file system (" + manual(e.Type) + ")"
	if e.Type == "tmpfs" {
		p.tmpfs(e, why)
		return nil
	}
	p.fresh(e, e.Type, why)
	return nil
}

// manual is the page that tells of a file system.
func manual(fstype string) string {
	switch fstype {
	case "proc", "sysfs", "tmpfs":
		return fstype + "(5)"
	case "devpts":
		return "pts(4)"
	case "mqueue":
		return "mq_overview(7)"
	case "cgroup2":
		return "cgroups(7)"
	}
	return "fsopen(2), mount(8)"
}

// fresh plans a new instance of a file system.
func (p *planner) fresh(e entry, fstype, why string) {
	p.mount = append(p.mount, p.newMount(e, fstype, why))
}

func (p *planner) newMount(e entry, fstype, why string) *mountFS {
	m := &mountFS{
		note:   note{e.field, why},
		fstype: fstype, source: e.Source, dest: e.dest, words: e.words,
		params: p.label(fstype, append(slices.DeleteFunc(e.super, isDefault), e.data...)),
		attrs:  e.own.then(e.tree).set, propagation: e.propagation, tree: p.tree,
	}
	if fstype == "mqueue" { // takes no context=
		m.label = p.c.MountLabel
	}
	return m
}

// tmpfs plans one that may take over from the directory it will cover.
func (p *planner) tmpfs(e entry, why string) {
	if e.copyUp { // to be filled first; the mount is read-only then
		e.super = slices.DeleteFunc(e.super, func(s param) bool { return s.key == "ro" })
		why = "Mounts a new tmpfs with a copy of what it covers in it (tmpfs(5))"
	}
	fresh := &freshTmpfs{
		mountFS: *p.newMount(e, "tmpfs", why),
		mode:    slices.ContainsFunc(e.data, func(d param) bool { return d.key == "mode" }),
	}
	if e.copyUp {
		p.needsGo = true
		p.mount = append(p.mount, &copiedTmpfs{note: fresh.note, fresh: *fresh})
		return
	}
	p.mount = append(p.mount, fresh)
}

// isDefault tells the superblock flags that a new file system has anyway.
func isDefault(p param) bool {
	return p.key == "rw" || p.key == "async" || p.key == "nolazytime" || p.key == "nomand"
}

// remount plans a change of the mount that is at the destination already.
// Unlike mount(2), what is not mentioned stays as it is.
func (p *planner) remount(e entry) error {
	if e.idmap {
		return &FieldError{"/options", errors.New("a mount cannot be idmapped after it was attached")}
	}
	var params []param
	if !e.bind {
		params = append(e.super, e.data...)
	} else if err := p.dataOnBind(e); err != nil {
		return err
	}
	p.mount = append(p.mount, &remount{
		note: note{e.field, "Changes attributes of a mount that exists already (mount_setattr(2))"},
		dest: e.dest, bind: e.bind, words: e.words, calls: setattrs(e.options, nil, propagationMode{}), params: params, tree: p.tree,
	})
	return nil
}

// hostTree plans a read-only view of one of the kernel's own file systems, for
// when a container may not have an instance of its own.
func (p *planner) hostTree(e entry, from, why string) error {
	if err := p.dataOnBind(e); err != nil {
		return err
	}
	e.recursive = true
	e.tree = e.tree.then(attrs{set: unix.MOUNT_ATTR_RDONLY})
	if !slices.Contains(e.words, "rro") {
		e.words = append(e.words, "rro")
	}
	p.bindFrom(e, &openTree{
		note: note{e.field, "Makes a mount of its own of the host's tree, read-only (open_tree(2), mount_setattr(2))"},
		name: from, words: e.words, recursive: true, calls: setattrs(e.options, nil, p.slave),
	}, why)
	return nil
}

// cgroup plans the view of the control groups: from a cgroup namespace the
// container's own subtree is all there is; else that subtree is bound.
func (p *planner) cgroup(e entry) error {
	switch {
	case p.c.CgroupNS && p.c.CgroupPath == "":
		// What the namespace shows is then our caller's, with all that it may do there
		// (CVE-2023-25809).
		e.own = e.own.then(attrs{set: unix.MOUNT_ATTR_RDONLY})
		e.words = append(slices.DeleteFunc(e.words, func(w string) bool { return w == "rw" || w == "ro" }), "ro")
		p.fresh(e, "cgroup2", "Mounts the control groups, read-only: the container has no cgroup of its own, and its namespace begins at that of its caller (cgroup_namespaces(7))")
		return nil
	case p.c.CgroupNS:
		p.fresh(e, "cgroup2", "Mounts the control groups; the cgroup namespace makes the container's own the topmost (cgroup_namespaces(7))")
		return nil
	case p.c.CgroupPath == "":
		return p.hostTree(e, "/sys/fs/cgroup", "Shows the host's control groups read-only: the container has neither a cgroup nor a cgroup namespace of its own (cgroups(7))")
	}
	e.data = nil // a view of a hierarchy cannot change its options
	p.bindFrom(e, &openTree{
		note: note{e.field, "Makes a mount of its own of the container's cgroup, since there is no cgroup namespace (open_tree(2))"},
		name: p.c.CgroupPath, words: e.words, calls: setattrs(e.options, nil, p.slave),
	}, "Shows the container's own subtree of the control groups (cgroups(7))")
	return nil
}
