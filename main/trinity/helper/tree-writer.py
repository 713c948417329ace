"""Goes on after volume-helper.py: writes a tree into an empty folder, as main/vault/restore/tree-writer.ts does.

`write ROOT` takes frames from stdin, `u32 length`, `u8 type` and the body: `C` is a chunk (`u32 number`, its bytes), `O` a batch of
operations as main/vault/restore/tree-ops.ts writes them, `Z` the end. It answers with one JSON document.
"""

import zlib
from collections import OrderedDict

MOST_FRAME = 16777216
MOST_OPEN = 128
MOST_NAMED = 10
WRITE_FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
REFUSALS = (errno.ENOTSUP, errno.EPERM, errno.EACCES, errno.ENOSPC, errno.E2BIG, errno.ERANGE, errno.EINVAL)
NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)


class Refused(Exception):
    """What cannot be done, for people: its kind, as of an AppError, and the sentence."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def shown(path):
    return path.decode("utf-8", "backslashreplace")


def refuse_name(name):
    """The last line of defence against names that lead elsewhere."""
    if name in (b"", b".", b"..") or b"/" in name or b"\0" in name:
        raise Refused("damaged", 'The backup names a file "%s", which cannot be a name. Restore another backup.' % shown(name))


def answer(work):
    """Runs the work of a command and writes what it gives, or why it could not be done, as one JSON document."""
    try:
        said = {"done": work()}
    except Refused as problem:
        said = {"error": {"kind": problem.kind, "message": str(problem)}}
    except OSError as problem:
        code = errno.errorcode.get(problem.errno or 0, "")
        said = {"error": {"kind": "failed", "message": problem.strerror or str(problem), "code": code}}
    output.write(json.dumps(said).encode())


class Losses:
    """What could not be kept: the first of a kind by name, and how many there were."""

    def __init__(self):
        self.named = []
        self.counts = {}

    def add(self, code, message, path):
        self.counts[code] = self.counts.get(code, 0) + 1
        if self.counts[code] <= MOST_NAMED:
            self.named.append({"code": code, "message": message, "path": shown(path)})

    def once(self, code, message):
        if code not in self.counts:
            self.counts[code] = MOST_NAMED
            self.named.append({"code": code, "message": message})

    def found(self):
        more = [(code, count - MOST_NAMED) for code, count in self.counts.items() if count > MOST_NAMED]
        return self.named + [{"code": code, "message": "The same holds for %d more." % count} for code, count in more]


def set_owner(losses, meta, change):
    try:
        change(meta[1], meta[2])
        return True
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EINVAL, errno.ENOTSUP):
            raise
        losses.once("owner-not-kept", "Owners could not be set in this volume (the first was %d:%d)." % (meta[1], meta[2]))
        return False


def set_xattrs(losses, target, xattrs, path):
    for name, value in xattrs:
        try:
            os.setxattr(target, name, value, follow_symlinks=isinstance(target, int))
        except OSError as error:
            if error.errno not in REFUSALS:
                raise
            message = "Its attribute %s was refused by this file system (%s)." % (shown(name), error.strerror)
            losses.add("xattr-not-kept", message, path)


def set_meta(losses, opened, meta, path):
    """Owner first, since changing it clears set-id bits and capabilities; attributes before a mode that forbids them."""
    mode, _, _, mtime, xattrs = meta
    owned = set_owner(losses, meta, lambda uid, gid: os.fchown(opened, uid, gid))
    set_xattrs(losses, opened, xattrs, path)
    os.fchmod(opened, mode if owned else mode & ~0o6000)
    os.utime(opened, ns=(mtime, mtime))


def set_link_meta(losses, folder, name, meta, path):
    set_owner(losses, meta, lambda uid, gid: os.chown(name, uid, gid, dir_fd=folder, follow_symlinks=False))
    set_xattrs(losses, open_path(folder) + b"/" + name, meta[4], path)
    os.utime(name, ns=(meta[3], meta[3]), dir_fd=folder, follow_symlinks=False)


def write_all(opened, data, at):
    view = memoryview(data)
    while view:
        done = os.pwrite(opened, view, at)
        view = view[done:]
        at += done


# The CRC-32 of zeros without reading them: the method of zlib, as in main/vault/listing/crc32-zeros.ts.


def crc_product(left, right):
    product, bit = 0, 0x80000000
    while bit:
        if left & bit:
            product ^= right
        right = right >> 1 ^ (0xEDB88320 if right & 1 else 0)
        bit >>= 1
    return product


def crc_powers():
    power = 0x40000000
    for _ in range(32):
        yield power
        power = crc_product(power, power)


CRC_POWERS = list(crc_powers())


def crc_of_zeros(crc, length):
    result, exponent = 0x80000000, 3
    while length:
        if length & 1:
            result = crc_product(CRC_POWERS[exponent % 32], result)
        exponent += 1
        length >>= 1
    return crc_product(result, crc ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


class Content:
    """Content being written to one open file, in any order, and its CRC-32."""

    def __init__(self, opened, size):
        self.opened = opened
        self.size = size
        self.crc = self.next = self.end = 0
        self.holes = []

    def write(self, data, at):
        write_all(self.opened, data, at)
        self.end = max(self.end, at + len(data))
        if self.next == at:
            self.crc = zlib.crc32(data, self.crc)
            self.next += len(data)
        else:
            self.next = -1

    def hole(self, at, length):
        self.holes.append((at, length))
        if self.next == at:
            self.crc = crc_of_zeros(self.crc, length)
            self.next += length
        else:
            self.next = -1

    def finish(self):
        """Gives the file its full size, and the CRC-32 of all of it."""
        if self.end < self.size:
            os.ftruncate(self.opened, self.size)
        if self.next == self.size:
            return self.crc
        crc = at = 0
        for hole, length in sorted(self.holes):
            crc = crc_of_zeros(self.crc_of(at, hole, crc), length)
            at = hole + length
        return self.crc_of(at, self.size, crc)

    def crc_of(self, at, end, crc):
        while at < end:
            data = os.pread(self.opened, min(DATA_BYTES, end - at), at)
            if not data:
                break
            crc = zlib.crc32(data, crc)
            at += len(data)
        return crc


class Operations:
    """Reads one batch."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def number(self):
        value, shift = 0, 0
        while True:
            digit = self.data[self.at]
            self.at += 1
            value |= (digit & 127) << shift
            if digit < 128:
                return value
            shift += 7

    def word(self):
        self.at += 4
        return struct.unpack_from("<I", self.data, self.at - 4)[0]

    def sized(self):
        length = self.number()
        self.at += length
        if self.at > len(self.data):
            raise ValueError("a batch ends early")
        return bytes(self.data[self.at - length : self.at])

    def place(self):
        parent = self.number()
        name = self.sized()
        # Only the root has none.
        if parent or name:
            refuse_name(name)
        return parent, name

    def meta(self):
        mode, uid, gid = self.number(), self.number(), self.number()
        (mtime,) = struct.unpack("<q", struct.pack("<II", self.word(), self.word()))
        return mode, uid, gid, mtime, [(self.sized(), self.sized()) for _ in range(self.number())]


class TreeWriter:
    def __init__(self, root):
        self.root = root
        self.places = {0: (0, b"", None)}
        self.open = OrderedDict()
        self.chunks = {}
        self.losses = Losses()
        self.left_out = set()
        self.file = None
        self.files = self.bytes = 0
        if os.listdir(root):
            raise Refused("refused", "The place to restore into is not empty. Try again.")

    def folder_of(self, number):
        if number == 0:
            return self.root
        opened = self.open.get(number)
        if opened is None:
            parent, name, _ = self.places[number]
            opened = os.open(name, FOLDER_FLAGS, dir_fd=self.folder_of(parent))
            self.open[number] = opened
            while len(self.open) > MOST_OPEN:
                os.close(self.open.popitem(last=False)[1])
        else:
            self.open.move_to_end(number)
        return opened

    def path(self, parent, name):
        names = [name]
        while parent:
            parent, name, _ = self.places[parent]
            names.append(name)
        return b"/".join(reversed(names))

    def run(self, data):
        operations = Operations(data)
        while operations.at < len(data):
            self.RUN[operations.byte()](self, operations)

    def folder(self, operations):
        number, (parent, name), meta = operations.number(), operations.place(), operations.meta()
        if number:
            os.mkdir(name, 0o700, dir_fd=self.folder_of(parent))
        self.places[number] = (parent, name, meta)

    def begin_file(self, operations):
        (parent, name), meta, size, crc = operations.place(), operations.meta(), operations.number(), operations.word()
        opened = os.open(name, WRITE_FLAGS, 0o600, dir_fd=self.folder_of(parent))
        self.file = (opened, parent, name, meta, crc, Content(opened, size))

    def data(self, operations):
        chunk, start, length, at = (operations.number() for _ in range(4))
        data = self.chunks[chunk][start : start + length]
        if len(data) != length:
            raise self.damaged(self.path(*self.file[1:3]), "it refers to bytes that are not there")
        self.file[5].write(data, at)
        self.bytes += length

    def hole(self, operations):
        at, length = operations.number(), operations.number()
        self.file[5].hole(at, length)

    def end_file(self, _):
        opened, parent, name, meta, crc, content = self.file
        self.file = None
        path = self.path(parent, name)
        if content.finish() != crc:
            raise self.damaged(path, "its content is not what was backed up")
        set_meta(self.losses, opened, meta, path)
        os.close(opened)
        self.files += 1

    def symlink(self, operations):
        (parent, name), target, meta = operations.place(), operations.sized(), operations.meta()
        path = self.path(parent, name)
        folder = self.folder_of(parent)
        try:
            os.symlink(target, name, dir_fd=folder)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            self.left_out.add(path)
            message = 'The link to "%s" was left out: this file system has no symbolic links.' % shown(target)
            self.losses.add("symlink-not-kept", message, path)
            return
        set_link_meta(self.losses, folder, name, meta, path)
        self.files += 1

    def hard_link(self, operations):
        (parent, name), first = operations.place(), operations.sized()
        if first in self.left_out:
            self.losses.add("symlink-not-kept", "A further name of a link that was left out.", self.path(parent, name))
            return
        with Above(self.root, first) as (above, first_name):
            if above is None:
                raise self.damaged(self.path(parent, name), "it is a further name of a file that is not there")
            os.link(first_name, name, src_dir_fd=above, dst_dir_fd=self.folder_of(parent), follow_symlinks=False)
        self.files += 1

    def finish_folder(self, operations):
        number = operations.number()
        parent, name, meta = self.places[number]
        set_meta(self.losses, self.folder_of(number), meta, self.path(parent, name))
        if number:
            os.close(self.open.pop(number))
            del self.places[number]

    def drop_chunk(self, operations):
        self.chunks.pop(operations.number(), None)

    def damaged(self, path, what):
        message = 'The file "%s" is damaged in this backup (%s). Restore it from another backup.' % (shown(path), what)
        return Refused("damaged", message)

    RUN = {
        1: folder,
        2: begin_file,
        3: data,
        4: hole,
        5: end_file,
        6: symlink,
        7: hard_link,
        8: finish_folder,
        9: drop_chunk,
    }


class Above:
    """The open folder that holds a path, and its name there; links are never followed. None where a folder above is not there."""

    def __init__(self, root, path):
        *above, self.name = path.split(b"/")
        refuse_name(self.name)
        self.root = self.folder = root
        for name in above:
            refuse_name(name)
            try:
                below = os.open(name, FOLDER_FLAGS, dir_fd=self.folder)
            except FileNotFoundError:
                below = None
            except OSError as error:
                if error.errno not in (errno.ENOTDIR, errno.ELOOP):
                    raise
                raise Refused("failed", '"%s" leads through a link or file. Remove "%s" there first.' % (shown(path), shown(name))) from error
            finally:
                self.close()
            self.folder = below
            if below is None:
                return

    def close(self):
        if self.folder not in (None, self.root):
            os.close(self.folder)

    def __enter__(self):
        return self.folder, self.name

    def __exit__(self, *_):
        self.close()


def frames_of(stream):
    while True:
        (length,) = struct.unpack("<I", exactly(stream, 4))
        if not 1 <= length <= MOST_FRAME:
            raise ValueError("the length of a frame")
        body = exactly(stream, length)
        yield body[:1], memoryview(body)[1:]
        if body[:1] == b"Z":
            return


def write_tree(root):
    def work():
        if not os.path.isdir(root):
            os.mkdir(root, 0o700)
        writer = TreeWriter(os.open(root, os.O_RDONLY | os.O_DIRECTORY))
        for kind, body in frames_of(sys.stdin.buffer):
            if kind == b"C":
                writer.chunks[struct.unpack_from("<I", body)[0]] = body[4:]
            elif kind == b"O":
                writer.run(body)
        sync(writer.root)
        return {"files": writer.files, "bytes": writer.bytes, "losses": writer.losses.found()}

    answer(work)


COMMANDS["write"] = write_tree
