"""Goes on after tree-writer.py: swaps what is staged in one mount with what is live in another, where nothing runs.

All that is moved lies in the live one at the time, in a folder of ours that goes before anybody starts again: so each move is a rename, and from
the plan beside them and the disk alone every moment can be undone or finished. main/backup/restore/swap/swap-plan.ts and swap-run.ts do the same where
the folder is in reach.
"""

PLAN = b"plan"
META = b"meta"
WORK_NAME = re.compile(rb"\.trinity-backup-[0-9a-f]{12}-")
MOST_QUESTION = 64 * 1048576


def text(data):
    return data.decode("latin1")


def raw(data):
    return data.encode("latin1")


def joined(*parts):
    return b"/".join(part for part in parts if part)


def stat_at(root, path):
    """Without following links; None where nothing is."""
    if not path:
        return os.fstat(root)
    with Above(root, path) as (above, name):
        try:
            return None if above is None else os.stat(name, dir_fd=above, follow_symlinks=False)
        except FileNotFoundError:
            return None


def folder_at(root, path):
    """An open folder; None where none is."""
    if not path:
        return os.dup(root)
    with Above(root, path) as (above, name):
        try:
            return None if above is None else os.open(name, FOLDER_FLAGS, dir_fd=above)
        except FileNotFoundError:
            return None


def is_folder(stat):
    return stat is not None and modes.S_ISDIR(stat.st_mode)


def xattr_list(target):
    """All attributes that can be read."""
    found = []
    try:
        names = os.listxattr(target, follow_symlinks=isinstance(target, int))
    except OSError as error:
        if error.errno not in (errno.ENOTSUP, errno.ENOSYS):
            raise
        names = []
    for name in names:
        try:
            found.append((os.fsencode(name), os.getxattr(target, name, follow_symlinks=isinstance(target, int))))
        except OSError as error:
            if error.errno not in (errno.ENODATA, errno.ENOTSUP):
                raise
    return found


def read_meta(root, path):
    opened = folder_at(root, path)
    if opened is None:
        return None
    try:
        stat = os.fstat(opened)
        xattrs = [[text(name), value.hex()] for name, value in xattr_list(opened)]
        return [stat.st_mode & 0o7777, stat.st_uid, stat.st_gid, stat.st_atime_ns, stat.st_mtime_ns, xattrs]
    finally:
        os.close(opened)


def write_meta(root, path, meta):
    opened = None if meta is None else folder_at(root, path)
    if opened is None:
        return
    try:
        mode, uid, gid, atime, mtime, xattrs = meta
        wanted = {raw(name): bytes.fromhex(value) for name, value in xattrs}
        unless_refused(lambda: os.fchown(opened, uid, gid))
        for name, value in xattr_list(opened):
            if name not in wanted:
                unless_refused(lambda name=name: os.removexattr(opened, name))
            elif wanted[name] == value:
                del wanted[name]
        for name, value in wanted.items():
            unless_refused(lambda name=name, value=value: os.setxattr(opened, name, value))
        unless_refused(lambda: os.fchmod(opened, mode))
        unless_refused(lambda: os.utime(opened, ns=(atime, mtime)))
    finally:
        os.close(opened)


def unless_refused(change):
    """What the file system or the system itself does not allow is no reason to leave a swap half done."""
    try:
        change()
    except OSError as error:
        if error.errno not in REFUSALS:
            raise


class Mover:
    """Moves a tree into another mount, file by file: at no time is much more than one of them there twice."""

    def __init__(self, target):
        self.target = target
        self.links = {}
        self.losses = Losses()

    def move(self, source, target, path):
        for name in os.listdir(open_path(source)):
            below = joined(path, name)
            stat = os.stat(name, dir_fd=source, follow_symlinks=False)
            if modes.S_ISDIR(stat.st_mode):
                self.move_folder(source, target, name, below)
                continue
            known = self.links.get(stat.st_ino)
            if known is not None:
                with Above(self.target, known) as (above, first):
                    os.link(first, name, src_dir_fd=above, dst_dir_fd=target, follow_symlinks=False)
            elif modes.S_ISLNK(stat.st_mode):
                os.symlink(os.readlink(name, dir_fd=source), name, dir_fd=target)
                place = open_path(source) + b"/" + name
                set_link_meta(self.losses, target, name, self.meta(stat, place), below)
            else:
                self.copy(source, target, name, below)
            if stat.st_nlink > 1:
                self.links.setdefault(stat.st_ino, below)
            os.unlink(name, dir_fd=source)

    def move_folder(self, source, target, name, path):
        above = os.open(name, FOLDER_FLAGS, dir_fd=source)
        os.mkdir(name, 0o700, dir_fd=target)
        below = os.open(name, FOLDER_FLAGS, dir_fd=target)
        try:
            meta = self.meta(os.fstat(above), above)
            self.move(above, below, path)
            set_meta(self.losses, below, meta, path)
        finally:
            os.close(above)
            os.close(below)
        os.rmdir(name, dir_fd=source)

    def copy(self, source, target, name, path):
        opened = os.open(name, FILE_FLAGS, dir_fd=source)
        made = os.open(name, WRITE_FLAGS, 0o600, dir_fd=target)
        try:
            stat = os.fstat(opened)
            at = 0
            while at < stat.st_size:
                start = seek(opened, at, os.SEEK_DATA, stat.st_size)
                at = self.copy_run(opened, made, start, max(start, seek(opened, start, os.SEEK_HOLE, stat.st_size)))
            os.ftruncate(made, stat.st_size)
            set_meta(self.losses, made, self.meta(stat, opened), path)
        finally:
            os.close(opened)
            os.close(made)

    @staticmethod
    def copy_run(opened, made, at, end):
        while at < end:
            data = os.pread(opened, min(DATA_BYTES, end - at), at)
            if not data:
                raise OSError(errno.EIO, "A staged file ends early")
            write_all(made, data, at)
            at += len(data)
        return end

    @staticmethod
    def meta(stat, target):
        return stat.st_mode & 0o7777, stat.st_uid, stat.st_gid, stat.st_mtime_ns, xattr_list(target)


class Planner:
    """Every rename, in order; the same rules as in main/backup/restore/swap/swap-plan.ts and ../restore-keep.ts. Paths are relative to the live root."""

    def __init__(self, root, work, question):
        self.root = root
        self.work = work
        self.staged = joined(work, b"staged")
        self.moves = []
        self.absents = []
        self.folders = OrderedDict()
        self.kept = self.items = 0
        self.excludes = None if question["exclude"] is None else Excludes(question["exclude"])
        self.unread = None if question["unread"] is None else set(map(raw, question["unread"]))

    def contents(self, before):
        """The root stays where it is; each name in it gives way."""
        self.folders[b""] = [before, read_meta(self.root, self.staged)]
        kept = self.find_kept(b"", self.staged, b"")
        below = {}
        for path in kept:
            below.setdefault(path.split(b"/")[0], []).append(path)
        staged = set(os.listdir(open_path_of(self.root, self.staged)))
        live = {name for name in os.listdir(open_path(self.root)) if not WORK_NAME.match(name)}
        for name in sorted(live | staged):
            inside = below.get(name, [])
            if name in inside:
                self.kept += 1
                continue
            target = joined(self.staged, name)
            self.add(name, target if inside or name in staged else None, [path[len(name) + 1 :] for path in inside])

    def unit(self, path):
        """What is live at a path gives way as one."""
        staged = joined(self.staged, path)
        kept = self.find_kept(path, staged, path) if is_folder(stat_at(self.root, path)) else []
        self.add(path, staged if kept or stat_at(self.root, staged) is not None else None, kept)

    def unit_of(self, wanted):
        """Itself, or the outermost folder above it that is not there."""
        names = wanted.split(b"/")
        for length in range(len(names)):
            above = b"/".join(names[:length])
            stat = stat_at(self.root, above)
            if stat is None:
                return above
            if not is_folder(stat):
                raise Refused("refused", '"%s" is no folder now. Restore it itself by its path, or restore into a folder (--to).' % shown(above))
        return wanted

    def add(self, live, staged, kept):
        stat = stat_at(self.root, live)
        if stat is None and staged is None:
            self.absents.append(text(live))
            return
        above = live.rpartition(b"/")[0]
        meta = read_meta(self.root, above)
        self.folders.setdefault(above, [meta, meta])
        parked = joined(self.work, b"parked", b"%d" % self.items)
        self.items += 1
        if stat is not None:
            self.step("park", live, parked, None)
        if staged is None:
            return
        for path in kept:
            self.carry(live, staged, parked, path)
        self.step("place", staged, live, stat_at(self.root, staged))

    def carry(self, live, staged, parked, path):
        names = path.split(b"/")
        for length in range(len(names)):
            relative = b"/".join(names[:length])
            before = read_meta(self.root, joined(live, relative))
            after = self.ensure_folder(joined(staged, relative), before)
            self.folders.setdefault(joined(live, relative), [before, after])
        self.kept += 1
        self.step("carry", joined(parked, path), joined(staged, path), None)

    def ensure_folder(self, path, like):
        meta = read_meta(self.root, path)
        if meta is not None or like is None:
            return meta
        with Above(self.root, path) as (above, name):
            os.mkdir(name, 0o700, dir_fd=above)
        write_meta(self.root, path, like)
        return like

    def step(self, kind, source, target, stat):
        self.moves.append([kind, text(source), text(target), None if stat is None else stat.st_ino])

    def find_kept(self, live, staged, base):
        """Paths below a live folder that stay and are not staged."""
        if self.excludes is None:
            return []
        found = []
        opened = folder_at(self.root, live)
        if opened is not None:
            self.walk(opened, found, b"", (staged, base), False)
        return found

    def walk(self, folder, found, path, places, all_stay):
        staged, base = places
        try:
            for name in os.listdir(open_path(folder)):
                if not base and not path and WORK_NAME.match(name):
                    continue
                below = joined(path, name)
                stat = os.stat(name, dir_fd=folder, follow_symlinks=False)
                stays = all_stay or self.stays(joined(base, below), stat)
                there = stat_at(self.root, joined(staged, below)) if stays else None
                if not stays:
                    if is_folder(stat):
                        self.walk(os.open(name, FOLDER_FLAGS, dir_fd=folder), found, below, places, False)
                elif there is None:
                    found.append(below)
                elif is_folder(stat) and is_folder(there):
                    # A folder that could not be read: the backup has the folder itself, and nothing of what it holds.
                    self.walk(os.open(name, FOLDER_FLAGS, dir_fd=folder), found, below, places, True)
                elif is_folder(stat) or modes.S_ISREG(stat.st_mode) and is_folder(there):
                    raise Refused(
                        "refused",
                        '"%s" is in no backup, and the backup holds something else at its place. Move it away, then try again.'
                        % shown(joined(base, below)),
                    )
        finally:
            os.close(folder)

    def stays(self, path, stat):
        kind = modes.S_IFMT(stat.st_mode)
        if self.unread is None or path in self.unread or kind not in (modes.S_IFREG, modes.S_IFDIR, modes.S_IFLNK):
            return True
        return self.excludes.matches([os.fsdecode(name) for name in path.split(b"/")], kind == modes.S_IFDIR)

    def written(self):
        folders = [[text(path), before, after] for path, (before, after) in self.folders.items()]
        return {"moves": self.moves, "absents": self.absents, "folders": folders}


def open_path_of(root, path):
    """For the next call only: the folder stays open until the program ends."""
    return open_path(folder_at(root, path))


def write_durably(folder, name, value):
    opened = os.open(name + b".new", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)
    write_all(opened, json.dumps(value).encode(), 0)
    os.fsync(opened)
    os.close(opened)
    os.rename(name + b".new", name, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)


def read_written(folder, name):
    try:
        opened = os.open(name, FILE_FLAGS, dir_fd=folder)
    except FileNotFoundError:
        return None
    with open(opened, "rb") as file:
        return json.loads(file.read())


def begin_work(root, work):
    """Our folder, with what the live root was before there was one."""
    meta = read_meta(root, b"")
    try:
        os.mkdir(work, 0o700, dir_fd=root)
    except FileExistsError:
        raise Refused("refused", '"%s" is there already. Move it away, then try again.' % shown(work)) from None
    folder = os.open(work, FOLDER_FLAGS, dir_fd=root)
    write_durably(folder, META, meta)
    os.mkdir(b"parked", 0o700, dir_fd=folder)
    os.mkdir(b"staged", 0o700, dir_fd=folder)
    return folder, meta


def prepare(live, stage):
    """Brings what is staged beside what is live, and writes the plan. Nothing live is touched but the root, which holds our folder."""

    def work():
        question = json.loads(sys.stdin.buffer.read(MOST_QUESTION))
        root = os.open(live, os.O_RDONLY | os.O_DIRECTORY)
        name = raw(question["work"])
        folder, before = begin_work(root, name)
        source = os.open(stage, FOLDER_FLAGS)
        target = os.open(b"staged", FOLDER_FLAGS, dir_fd=folder)
        mover = Mover(target)
        meta = mover.meta(os.fstat(source), source)
        mover.move(source, target, b"")
        set_meta(mover.losses, target, meta, b"")
        planner = Planner(root, name, question)
        planner.folders[b""] = [before, before]
        if question["paths"] is None:
            planner.contents(before)
        else:
            for path in OrderedDict.fromkeys(planner.unit_of(raw(path)) for path in question["paths"]):
                planner.unit(path)
        sync(root)
        write_durably(folder, PLAN, planner.written())
        os.fsync(root)
        return {"kept": planner.kept}

    answer(work)


def swap(live, name):
    def work():
        root, _, plan = open_work(live, name)
        if plan is None:
            raise Refused("failed", "What was made ready to be swapped is gone. Try again.")
        for path in plan["absents"]:
            if stat_at(root, raw(path)) is not None:
                raise Refused("failed", '"%s" has just appeared. Stop Trinity, then try again.' % path)
        for _, source, target, _ in plan["moves"]:
            rename(root, raw(source), raw(target))
        apply_folders(root, plan, 2)
        sync(root)
        return {}

    answer(work)


def undo(live, name):
    """Takes back whatever the disk shows to be done, in any state, as often as it is called."""

    def work():
        root, folder, plan = open_work(live, name)
        aside = []
        if plan is not None:
            begun = any(is_done(root, move) for move in plan["moves"])
            for path in plan["absents"] if begun else []:
                set_aside(root, raw(path), name, aside)
            for move in reversed(plan["moves"]):
                if not is_done(root, move):
                    continue
                if move[0] == "park":
                    set_aside(root, raw(move[1]), name, aside)
                rename(root, raw(move[2]), raw(move[1]))
            apply_folders(root, plan, 1)
        if folder is not None:
            sync(root)
        return {"aside": aside}

    answer(work)


def is_done(root, move):
    kind, source, target, inode = move
    there = stat_at(root, raw(target))
    if kind != "place":
        return there is not None
    return stat_at(root, raw(source)) is None and there is not None and there.st_ino == inode


def set_aside(root, path, name, aside):
    if stat_at(root, path) is None:
        return
    number = 0
    while stat_at(root, b"%s.found-%s-%d" % (path, name[16:28].encode(), number)) is not None:
        number += 1
    found = b"%s.found-%s-%d" % (path, name[16:28].encode(), number)
    rename(root, path, found)
    aside.append(shown(found))


def rename(root, source, target):
    """Only where nothing is; nobody else works here."""
    with Above(root, source) as (above, name), Above(root, target) as (other, new_name):
        if above is None or other is None:
            raise Refused("failed", '"%s" cannot be moved: a folder above is gone.' % shown(source))
        if stat_at(root, target) is not None:
            raise Refused("failed", '"%s" is taken by something else.' % shown(target))
        os.rename(name, new_name, src_dir_fd=above, dst_dir_fd=other)


def apply_folders(root, plan, when):
    for folder in plan["folders"]:
        write_meta(root, raw(folder[0]), folder[when])


def open_work(live, name):
    """The live root, our folder in it and the plan; the last two where they are."""
    root = os.open(live, os.O_RDONLY | os.O_DIRECTORY)
    folder = folder_at(root, name.encode())
    return root, folder, None if folder is None else read_written(folder, PLAN)


def clear(live, name, when):
    """Our folder goes, with what was parked in it, and the live folders have the times of `before` or `after`."""

    def work():
        root, folder, plan = open_work(live, name)
        if folder is None:
            return {}
        meta = read_written(folder, META)
        remove_all(folder)
        os.rmdir(name, dir_fd=root)
        if plan is None:
            write_meta(root, b"", meta)
        else:
            apply_folders(root, plan, {"before": 1, "after": 2}[when])
        sync(root)
        return {}

    answer(work)


def remove_all(folder):
    """The plan last: a removal that was cut off can be told to go on."""
    names = os.listdir(open_path(folder))
    for name in sorted(names, key=lambda name: (name == PLAN, name == META)):
        if is_folder(os.stat(name, dir_fd=folder, follow_symlinks=False)):
            below = os.open(name, FOLDER_FLAGS, dir_fd=folder)
            try:
                remove_all(below)
            finally:
                os.close(below)
            os.rmdir(name, dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)


def is_empty(root):
    answer(lambda: {"isEmpty": not os.listdir(root)})


sys.setrecursionlimit(20000)
COMMANDS.update({"prepare": prepare, "swap": swap, "undo": undo, "clear": clear, "empty": is_empty})
