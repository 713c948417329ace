"""Reads one folder for Trinity Backup inside a container: Python 3.9 or later, nothing but its standard library.

`idle` says that it runs and waits until its stdin ends. `list ROOT [LINKS]` takes questions from stdin, a line of JSON for each, and
answers each with a tree stream, as frames: `D` bytes of it, `C` a place in the stream before that it holds too, `Z` its end.
`send ROOT [LINKS]` takes a wanted stream and writes a content stream. LINKS names links in the root that count as
the files at other paths. main/vault/capture/records/README.md says what these streams are.
"""

import errno
import json
import os
import re
import resource
import stat as modes
import struct
import sys
import time

HELLO = b"TBhelp1\n"
DATA_BYTES = 1048576
MOST_PATH = 16384
MOST_PASSES = 3
MOST_LOOKS = 3
MOST_HOLES = 1048576
MOST_XATTRS = 4096
MOST_XATTR_VALUE = 65536
MOST_XATTR_BYTES = 1048576
MOST_NUMBER = 9007199254740991
(UNREADABLE, REPLACED, OTHER_MOUNT, PATH_TOO_LONG, VANISHED, FIFO, SOCKET, DEVICE, XATTRS_TOO_LARGE, XATTRS_UNREADABLE) = range(1, 11)
FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# Not blocking: a FIFO may have taken the place of the file.
FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
STAT = struct.Struct("<IIIIQQQqqqQ")
ENTRY_LENGTHS = struct.Struct("<HHHxxI")
FRAME = struct.Struct("<Ic")
# A frame of an entry up to its path, in one.
PLAIN = struct.Struct("<Ic" + STAT.format[1:] + ENTRY_LENGTHS.format[1:])
PLAIN_BYTES = PLAIN.size - 4
MOST_FRAMES = 8192
# What remembering a tree stream may take, with what Python takes for each frame of it.
MOST_KEPT_BYTES = 512 * 1024 * 1024
KEPT_BYTES_EACH = 180

output = open(1, "wb", buffering=DATA_BYTES, closefd=False)


class Replaced(Exception):
    """Something took the place of what was looked at: look again."""


def frame_of(kind, *parts):
    body = b"".join(parts)
    return FRAME.pack(len(body) + 1, kind) + body


def frame(kind, *parts):
    length = 1
    for part in parts:
        length += len(part)
    output.write(FRAME.pack(length, kind))
    for part in parts:
        output.write(part)


MOST_TIME = 2**63 - 1


def clamped(value):
    if -MOST_TIME <= value <= MOST_TIME:
        return value
    return MOST_TIME if value > 0 else -MOST_TIME


devices = {}


def device_of(number):
    if number not in devices:
        devices[number] = os.minor(number) | os.major(number) << 32
    return devices[number]


def stat_bytes(stat):
    return STAT.pack(
        stat.st_mode,
        stat.st_uid,
        stat.st_gid,
        stat.st_nlink,
        min(stat.st_size, MOST_NUMBER),
        stat.st_ino,
        device_of(stat.st_dev),
        clamped(stat.st_mtime_ns),
        clamped(stat.st_ctime_ns),
        0,
        stat.st_blocks,
    )


def is_clamped(stat):
    return clamped(stat.st_mtime_ns) != stat.st_mtime_ns


def is_same(stat, other):
    kind = modes.S_IFMT
    return (stat.st_dev, stat.st_ino, kind(stat.st_mode)) == (other.st_dev, other.st_ino, kind(other.st_mode))


def open_path(folder):
    return b"/proc/self/fd/%d" % folder


def varint(value):
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def xattrs_of(target):
    """All attributes, as encoded; None when they are too large. Of an open descriptor, or of a path whose last link is not followed."""
    follow = isinstance(target, int)
    try:
        names = sorted(map(os.fsencode, os.listxattr(target, follow_symlinks=follow)))
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENOSYS):
            return b""
        raise
    found = []
    for name in names:
        try:
            found.append((name, os.getxattr(target, name, follow_symlinks=follow)))
        except OSError as error:
            if error.errno not in (errno.ENODATA, errno.ENOTSUP):
                raise
    if not found:
        return b""
    encoded = bytearray(varint(len(found)))
    for name, value in found:
        encoded += varint(len(name)) + name + varint(len(value)) + value
    too_large = len(found) > MOST_XATTRS or len(encoded) > MOST_XATTR_BYTES
    if too_large or any(len(value) > MOST_XATTR_VALUE for _, value in found):
        return None
    return bytes(encoded)


# What is left out. The same rules as in main/vault/capture/walk/exclude.ts and glob.ts: a test compares them.


def name_pattern(pattern):
    pieces, piece, at = [], "", 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "*":
            pieces.append(piece)
            piece = ""
        elif character == "?":
            piece += "."
        elif character == "[":
            end, text = name_class(pattern, at)
            piece += text
            at = end
        else:
            if character == "\\" and at < len(pattern):
                character = pattern[at]
                at += 1
            piece += re.escape(character)
    pieces.append(piece)
    if len(pieces) == 1:
        return re.compile(pieces[0] + r"\Z", re.DOTALL)
    # A look-ahead takes the first place where a piece fits, and never goes back: so there is no blow-up.
    text = pieces[0]
    for number, middle in enumerate(filter(None, pieces[1:-1])):
        text += "(?=(?P<p%d>.*?%s))(?P=p%d)" % (number, middle, number)
    return re.compile(text + ".*" + pieces[-1] + r"\Z", re.DOTALL)


def name_class(pattern, start):
    """Of a class that begins after its bracket: where it ends, and its expression. One that does not end is a bracket."""
    negated = pattern[start : start + 1] in ("!", "^")
    first = at = start + (1 if negated else 0)
    ranges = []
    while at < len(pattern) and (pattern[at] != "]" or at == first):
        low, at = class_member(pattern, at)
        high = low
        if pattern[at : at + 1] == "-" and at + 1 < len(pattern) and pattern[at + 1] != "]":
            high, at = class_member(pattern, at + 1)
        if low is not None and high is not None and low <= high:
            ranges.append(re.escape(low) + "-" + re.escape(high))
    if at >= len(pattern):
        return start, re.escape("[")
    if not ranges:
        return at + 1, "." if negated else "(?!)"
    return at + 1, "[" + ("^" if negated else "") + "".join(ranges) + "]"


def class_member(pattern, at):
    if pattern[at] == "\\":
        at += 1
    return (pattern[at] if at < len(pattern) else None), at + 1


ANY_NAME = re.compile("")


class Excludes:
    def __init__(self, patterns):
        self.named = {}
        self.rules = []
        self.negated = [pattern.startswith("!") for pattern in patterns]
        for order, pattern in enumerate(patterns):
            body = pattern[1:] if pattern.startswith("!") else pattern
            folders = body.endswith("/")
            path = body[:-1] if folders else body
            by_name = "/" not in path
            if by_name and path and not re.search(r"[*?\[\\]", path):
                self.named.setdefault(path, [-1, -1])[0 if folders else 1] = order
            elif path.replace("/", ""):
                names = [name for name in path.split("/") if name]
                segments = [None if name == "**" else name_pattern(name) for name in names]
                self.rules.append((order, folders, by_name, segments))
        # The last match wins: it is looked for first.
        self.rules.reverse()
        self.by_depth = {}

    def matches(self, names, is_folder):
        order = -1
        named = self.named.get(names[-1])
        if named is not None:
            order = max(named) if is_folder else named[1]
        depth = len(names)
        rules = self.by_depth.get(depth)
        if rules is None:
            rules = self.by_depth[depth] = self.rules_at(depth)
        for rule, folders, by_name, segments in rules:
            if rule < order:
                break
            if folders and not is_folder:
                continue
            # Its last part is looked at first: nearly every name is done with by then.
            last = segments[-1]
            if last is not None and not last.match(names[-1]):
                continue
            if by_name or matches_from(segments, names, 0):
                order = rule
                break
        return order >= 0 and not self.negated[order]

    def tests_of_files(self, names):
        """What the name of a file right in this folder has to pass: where none of these is true, no rule leaves it out."""
        exact = {name for name, (_, order) in self.named.items() if order >= 0}
        tests = [exact.__contains__] if exact else []
        below = names + [""]
        for order, folders, by_name, segments in self.rules:
            last = segments[-1]
            if folders or self.negated[order]:
                continue
            if by_name or matches_from(segments[:-1] + [last and ANY_NAME], below, 0):
                tests.append(ANY_NAME.match if last is None else last.match)
        return tests

    def rules_at(self, depth):
        """Those that can match a path of so many names: most stand for one depth alone, and a listing asks for every file."""
        return [rule for rule in self.rules if rule[2] or None in rule[3] or len(rule[3]) == depth]


def matches_from(segments, names, at):
    segment, star_segment, star_at = 0, -1, 0
    while at < len(names):
        current = segments[segment] if segment < len(segments) else False
        if current is None:
            if segment == len(segments) - 1:
                return True
            star_segment, star_at = segment, at
            segment += 1
        elif current and current.match(names[at]):
            segment += 1
            at += 1
        elif star_segment >= 0:
            star_at += 1
            at = star_at
            segment = star_segment + 1
        else:
            return False
    return segment == len(segments)


class Answer:
    """A tree stream on its way out. Frames that the one before it held, byte by byte, are not sent again."""

    def __init__(self, before, is_kept):
        self.before = before
        # Where each frame stands; None where nobody will ask again.
        self.kept = {} if is_kept else None
        self.kept_bytes = 0
        self.position = 0
        self.literal = []
        # Of the stream before: what is to be copied, as far as is known.
        self.start = self.end = 0
        self.waiting = 0

    def add(self, frames):
        if self.kept is not None:
            self.keep(frames)
        if not self.before:
            frame(b"D", *frames)
            return
        find, start, end = self.before.get, self.start, self.end
        for one in frames:
            at = find(one)
            if at is not None and at == end:
                end += len(one)
                continue
            if end > start:
                self.copy(start, end)
            if at is None:
                start = end = 0
                self.literal.append(one)
            else:
                start, end = at, at + len(one)
        self.start, self.end = start, end
        self.waiting += len(frames)
        # Whoever puts the stream together does so beside this.
        if self.waiting >= MOST_FRAMES:
            self.settle()
            output.flush()
            self.waiting = 0

    def keep(self, frames):
        for one in frames:
            if self.kept_bytes < MOST_KEPT_BYTES:
                self.kept[one] = self.position
                self.kept_bytes += len(one) + KEPT_BYTES_EACH
            self.position += len(one)

    def copy(self, start, end):
        if self.literal:
            frame(b"D", *self.literal)
            self.literal.clear()
        frame(b"C", struct.pack("<QQ", start, end - start))

    def settle(self):
        if self.end > self.start:
            self.copy(self.start, self.end)
        elif self.literal:
            frame(b"D", *self.literal)
            self.literal.clear()
        self.start = self.end = 0

    def finish(self):
        self.settle()
        frame(b"Z")
        output.flush()


class Walk:
    """Tells what lies below an open folder, by open folders: a symlink leads nowhere."""

    def __init__(self, root, answer, excludes, only, links):
        self.answer = answer
        self.excludes = excludes
        self.only = only
        self.links = links
        self.entries = self.findings = self.excluded = self.excluded_bytes = 0
        stat = os.fstat(root)
        names = sorted_names(root)
        if only is not None:
            names = [name for name in names if name in only]
        self.stack = []
        self.names = []
        self.enter(root, stat.st_dev, names, b"")
        self.add(stat, b"", b"", self.xattrs(root, b""))

    def run(self):
        while self.stack:
            folder, device, names, path, tests = self.stack[-1]
            name = self.add_plain(folder, names, path, tests)
            if name is None:
                self.stack.pop()
                os.close(folder)
                if self.names:
                    self.names.pop()
                continue
            below = path + b"/" + name if path else name
            if len(below) > MOST_PATH:
                self.find(PATH_TOO_LONG, 0, path)
            else:
                self.visit(folder, device, name, below)

    def enter(self, folder, device, names, path):
        self.stack.append((folder, device, iter(names), path, self.excludes.tests_of_files(self.names)))

    def add_plain(self, folder, names, path, tests):
        """Adds plain files up to the first name that takes a closer look, which it gives; None at the end. Most of the time of
        a listing goes here, while agents may be standing still."""
        above = path + b"/" if path else path
        frames = []
        found = None
        for name in names:
            length = len(above) + len(name)
            try:
                stat = os.stat(name, dir_fd=folder, follow_symlinks=False)
                mode = stat.st_mode
                if (
                    mode & 0o170000 != modes.S_IFREG
                    or stat.st_nlink != 1
                    or stat.st_size > MOST_NUMBER
                    or length > MOST_PATH
                    or (tests and is_any(tests, os.fsdecode(name)))
                ):
                    found = name
                    break
                frames.append(
                    PLAIN.pack(
                        PLAIN_BYTES + length,
                        b"E",
                        mode,
                        stat.st_uid,
                        stat.st_gid,
                        1,
                        stat.st_size,
                        stat.st_ino,
                        devices[stat.st_dev],
                        stat.st_mtime_ns,
                        stat.st_ctime_ns,
                        0,
                        stat.st_blocks,
                        0,
                        length,
                        0,
                        0,
                    )
                    + above
                    + name
                )
            except (OSError, KeyError, struct.error):
                # It has gone, its device is not known yet, or a time of it does not fit.
                found = name
                break
            if len(frames) == MOST_FRAMES:
                self.add_frames(frames)
                frames = []
        self.add_frames(frames)
        return found

    def add_frames(self, frames):
        if frames:
            self.entries += len(frames)
            self.answer.add(frames)

    def visit(self, folder, device, name, path):
        for _ in range(MOST_LOOKS):
            try:
                self.take(folder, device, name, path)
                return
            except Replaced:
                continue
            except FileNotFoundError:
                self.find(VANISHED, 0, path)
                return
            except OSError as error:
                self.find(UNREADABLE, error.errno or 0, path)
                return
        self.find(REPLACED, 0, path)

    def take(self, folder, device, name, path):
        stat = os.stat(name, dir_fd=folder, follow_symlinks=False)
        kind = modes.S_IFMT(stat.st_mode)
        text = os.fsdecode(name)
        self.names.append(text)
        is_excluded = self.excludes.matches(self.names, kind == modes.S_IFDIR)
        self.names.pop()
        if is_excluded:
            self.excluded += 1
            self.excluded_bytes += stat.st_size if kind == modes.S_IFREG else 0
        elif kind == modes.S_IFDIR:
            self.take_folder(folder, device, name, path, stat)
        elif kind == modes.S_IFREG:
            place = open_path(folder) + b"/" + name
            self.add(stat, path, b"", self.xattrs(place, path) if stat.st_nlink > 1 else b"")
        elif kind == modes.S_IFLNK:
            if not (path in self.links and self.take_followed(path)):
                self.take_symlink(folder, name, path, stat)
        else:
            self.find({modes.S_IFIFO: FIFO, modes.S_IFSOCK: SOCKET}.get(kind, DEVICE), 0, path)

    def take_folder(self, folder, device, name, path, stat):
        if stat.st_dev != device:
            self.find(OTHER_MOUNT, 0, path)
            return
        opened = open_folder(folder, name)
        try:
            now = os.fstat(opened)
            if not is_same(now, stat):
                raise Replaced()
            names = sorted_names(opened)
            self.add(now, path, b"", self.xattrs(opened, path))
        except BaseException:
            os.close(opened)
            raise
        self.names.append(os.fsdecode(name))
        self.enter(opened, device, names, path)

    def take_followed(self, path):
        """The file that a link leads to; False where none is."""
        place = self.links[path]
        try:
            stat = os.stat(place)
        except OSError:
            return False
        if not modes.S_ISREG(stat.st_mode):
            return False
        self.add(stat, path, b"", self.xattrs(place, path) if stat.st_nlink > 1 else b"")
        return True

    def take_symlink(self, folder, name, path, stat):
        try:
            target = os.readlink(name, dir_fd=folder)
        except OSError as error:
            if error.errno == errno.EINVAL:
                raise Replaced() from error
            raise
        if not is_same(os.stat(name, dir_fd=folder, follow_symlinks=False), stat):
            raise Replaced()
        self.add(stat, path, target, self.xattrs(open_path(folder) + b"/" + name, path))

    def xattrs(self, target, path):
        try:
            encoded = xattrs_of(target)
        except FileNotFoundError:
            raise
        except OSError as error:
            self.find(XATTRS_UNREADABLE, error.errno or 0, path)
            return b""
        if encoded is None:
            self.find(XATTRS_TOO_LARGE, 0, path)
            return b""
        return encoded

    def add(self, stat, path, target, xattrs):
        self.entries += 1
        lengths = ENTRY_LENGTHS.pack(1 if is_clamped(stat) else 0, len(path), len(target), len(xattrs))
        self.answer.add([frame_of(b"E", stat_bytes(stat), lengths, path, target, xattrs)])

    def find(self, code, number, path):
        self.findings += 1
        self.answer.add([frame_of(b"F", struct.pack("<BxHI", code, len(path), number), path)])


def is_any(tests, name):
    return any(test(name) for test in tests)


def sorted_names(folder):
    return sorted(os.listdir(open_path(folder)))


def open_folder(folder, name):
    try:
        return os.open(name, FOLDER_FLAGS, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ENOTDIR, errno.ELOOP):
            raise Replaced() from error
        raise


def sync(folder):
    """Writes this file system to its disk; without ctypes all of them."""
    try:
        import ctypes

        if ctypes.CDLL(None, use_errno=True).syncfs(folder) != 0:
            raise OSError(ctypes.get_errno(), "syncfs")
    except (ImportError, AttributeError):
        os.sync()


def links_of(text):
    return {os.fsencode(name): os.path.realpath(os.fsencode(place)) for name, place in json.loads(text).items()}


def list_tree(root, links="{}"):
    kept = {}
    for line in sys.stdin.buffer:
        question = json.loads(line)
        answer = Answer(kept if question["since"] else {}, question["again"])
        list_once(root, links_of(links), question, answer)
        answer.finish()
        kept = answer.kept or {}


def list_once(root, links, question, answer):
    only = question.get("only")
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    now = time.time_ns()
    if question["sync"]:
        sync(folder)
    head = frame_of(b"H", struct.pack("<Iqq", 0, now, now if question["sync"] else 0))
    answer.add([b"TBtree1\n", head])
    names = None if only is None else set(map(os.fsencode, only))
    walk = Walk(folder, answer, Excludes(question["exclude"]), names, links)
    walk.run()
    answer.add([frame_of(b"Z", struct.pack("<QQQQ", walk.entries, walk.findings, walk.excluded, walk.excluded_bytes))])


class Sender:
    """Sends files of an open folder, each reached by open folders from there."""

    def __init__(self, root, links):
        self.root = root
        self.links = links
        self.device = os.fstat(root).st_dev
        self.folder = root
        self.path = b""

    def send(self, number, path):
        try:
            opened = self.open(path)
            try:
                send_file(number, opened)
            finally:
                os.close(opened)
        except Replaced:
            refuse(number, REPLACED, 0)
        except FileNotFoundError:
            refuse(number, VANISHED, 0)
        except BrokenPipeError:
            raise
        except OSError as error:
            refuse(number, UNREADABLE, error.errno or 0)

    def open(self, path):
        above, _, name = path.rpartition(b"/")
        self.enter(above)
        try:
            return os.open(name, FILE_FLAGS, dir_fd=self.folder)
        except OSError as error:
            if error.errno == errno.ELOOP and path in self.links:
                return os.open(self.links[path], FILE_FLAGS)
            if error.errno in (errno.ELOOP, errno.ENXIO, errno.ENODEV):
                raise Replaced() from error
            raise

    def enter(self, path):
        if path == self.path:
            return
        self.leave()
        for name in path.split(b"/"):
            if name == b"":
                continue
            below = open_folder(self.folder, name)
            if self.folder != self.root:
                os.close(self.folder)
            self.folder = below
            if os.fstat(below).st_dev != self.device:
                raise Replaced()
        self.path = path

    def leave(self):
        if self.folder != self.root:
            os.close(self.folder)
        self.folder = self.root
        self.path = b""


def refuse(number, code, reason):
    frame(b"X", struct.pack("<IBxxxI", number, code, reason))


def send_file(number, opened):
    for _ in range(MOST_PASSES):
        stat = os.fstat(opened)
        if not modes.S_ISREG(stat.st_mode):
            raise Replaced()
        sparse = is_sparse(opened, stat)
        flags = (1 if sparse else 0) | (2 if is_clamped(stat) else 0)
        frame(b"B", struct.pack("<II", number, flags), stat_bytes(stat))
        length = send_sparse(opened, stat.st_size) if sparse else send_run(opened, 0, stat.st_size)
        after = os.fstat(opened)
        xattrs, reason = b"", 0
        try:
            xattrs = xattrs_of(opened)
        except OSError as error:
            reason = error.errno or errno.EIO
        if xattrs is None:
            xattrs, reason = b"", errno.E2BIG
        frame(b"A", stat_bytes(after), struct.pack("<QI", length, reason), xattrs)
        same = (after.st_size, after.st_mtime_ns, after.st_ctime_ns) == (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        if same and length == stat.st_size:
            return


def is_sparse(opened, stat):
    if stat.st_blocks * 512 >= stat.st_size:
        return False
    return seek(opened, 0, os.SEEK_HOLE, stat.st_size) < stat.st_size


def seek(opened, offset, kind, none):
    try:
        return min(os.lseek(opened, offset, kind), none)
    except OSError:
        return none


def send_sparse(opened, size):
    at = 0
    for _ in range(MOST_HOLES):
        data = seek(opened, at, os.SEEK_DATA, size)
        if data >= size:
            return size
        hole = max(seek(opened, data, os.SEEK_HOLE, size), data + 1)
        at = send_run(opened, data, hole)
        if at < hole:
            return at
        if at >= size:
            return size
    return send_run(opened, at, size)


def send_run(opened, at, end):
    while at < end:
        data = read_at(opened, at, min(DATA_BYTES, end - at))
        if data:
            frame(b"D", struct.pack("<Q", at), data)
        at += len(data)
        if len(data) < min(DATA_BYTES, end - at + len(data)):
            break
    return at


def read_at(opened, at, length):
    """As many bytes as were asked for, unless the file ends."""
    data = os.pread(opened, length, at)
    while data and len(data) < length:
        more = os.pread(opened, length - len(data), at + len(data))
        if not more:
            break
        data += more
    return data


def send_wanted(root, links="{}"):
    # Whoever started this ahead of time sees that it is ready.
    output.write(b"TBfile1\n")
    output.flush()
    wanted = sys.stdin.buffer
    if wanted.read(8) != b"TBwant1\n":
        raise ValueError("this is no wanted stream")
    sender = Sender(os.open(root, os.O_RDONLY | os.O_DIRECTORY), links_of(links))
    count = 0
    while True:
        (length,) = struct.unpack("<I", exactly(wanted, 4))
        if not 6 <= length <= MOST_PATH + 5:
            raise ValueError("the length of a frame")
        body = exactly(wanted, length)
        if body[:1] == b"Z":
            break
        sender.send(struct.unpack_from("<I", body, 1)[0], body[5:])
        count += 1
    if struct.unpack("<Q", body[1:])[0] != count:
        raise ValueError("files that were asked for are missing")
    frame(b"Z", struct.pack("<Q", count))


def exactly(stream, length):
    data = stream.read(length)
    if len(data) != length:
        raise ValueError("what was asked for ends early")
    return data


def idle():
    output.write(HELLO)
    output.flush()
    while sys.stdin.buffer.read(4096):
        pass


def send_file_alone(root, name, most):
    """The bytes of one small file; whatever it is a link to counts for it."""
    try:
        with open(os.path.join(root, name), "rb") as file:
            if not modes.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SystemExit("it is no regular file")
            data = file.read(int(most) + 1)
    except FileNotFoundError:
        raise SystemExit(11) from None
    if len(data) > int(most):
        raise SystemExit("it is too large")
    output.write(data)


COMMANDS = {"file": send_file_alone, "idle": idle, "list": list_tree, "send": send_wanted}
