"""Goes on after sqlite-change.py: gives what lies in a folder its owners and modes, where this user may not."""


def give_owners(root):
    """Takes lines from stdin, each a path (its bytes as Latin-1), owner, group and mode, and tells how many were given; what is not there is passed over."""

    def work():
        folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        given = 0
        for line in sys.stdin.buffer:
            path, uid, gid, mode = json.loads(line)
            given += give_owner(folder, raw(path), (uid, gid, mode))
        sync(folder)
        return {"given": given}

    answer(work)


def give_owner(root, path, owner):
    uid, gid, mode = owner
    if not path:
        os.fchown(root, uid, gid)
        os.fchmod(root, mode)
        return 1
    with Above(root, path) as (above, name):
        if above is None:
            return 0
        try:
            stat = os.stat(name, dir_fd=above, follow_symlinks=False)
        except FileNotFoundError:
            return 0
        os.chown(name, uid, gid, dir_fd=above, follow_symlinks=False)
        # After the owner, whose change takes away set-id bits. A link has no mode.
        if not modes.S_ISLNK(stat.st_mode):
            os.chmod(name, mode, dir_fd=above)
        return 1


COMMANDS["owners"] = give_owners
