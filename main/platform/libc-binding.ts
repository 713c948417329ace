import { createRequire } from 'node:module';
import { getSystemErrorMessage, getSystemErrorName } from 'node:util';

type Koffi = typeof import('koffi');
type CallResult = number | bigint;

/** The calls as C has them: paths and names end in a zero byte, failure is -1 with `errno`. */
export type Libc = Readonly<{
  errno: () => number;
  utimensat: (folder: number, path: Buffer, times: BigInt64Array, flags: number) => number;
  flistxattr: (fd: number, list: Buffer, size: number) => CallResult;
  listxattr: (path: Buffer, list: Buffer, size: number) => CallResult;
  llistxattr: (path: Buffer, list: Buffer, size: number) => CallResult;
  getxattr: (path: Buffer, name: Buffer, value: Buffer, size: number) => CallResult;
  lgetxattr: (path: Buffer, name: Buffer, value: Buffer, size: number) => CallResult;
  setxattr: (path: Buffer, name: Buffer, value: Buffer, size: number, flags: number) => number;
  lsetxattr: (path: Buffer, name: Buffer, value: Buffer, size: number, flags: number) => number;
  removexattr: (path: Buffer, name: Buffer) => number;
  lremovexattr: (path: Buffer, name: Buffer) => number;
  syncfs: (fd: number) => number;
  syncFileRange: (fd: number, offset: number, length: number, flags: number) => number;
  lseek: (fd: number, offset: number, whence: number) => CallResult;
  exit: (code: number) => void;
  flock: (fd: number, operation: number) => number;
  linkat: (fromFolder: number, from: Buffer, toFolder: number, to: Buffer, flags: number) => number;
  renameat2: (fromFolder: number, from: Buffer, toFolder: number, to: Buffer, flags: number) => number;
  /** Undefined where the C library is too old for it. */
  getdents64: ((fd: number, records: Buffer, size: number) => CallResult) | undefined;
  /** Undefined where the system has no such call, or forbids it. */
  statx:
    | ((folder: number, path: Buffer, flags: number, fields: number, target: Buffer) => number)
    | undefined;
}>;

type LoadedLibc = Readonly<{ libc: Libc | undefined; problem: string | undefined }>;

let loaded: LoadedLibc | undefined;

/** The C library, bound at first use in this thread; or why it cannot be. */
export function loadLibc(): LoadedLibc {
  loaded ??= load();
  return loaded;
}

function load(): LoadedLibc {
  // Struct layouts and constants below are those of 64-bit Linux.
  if (process.platform !== 'linux' || (process.arch !== 'x64' && process.arch !== 'arm64')) {
    return {
      libc: undefined,
      problem: `the C library of ${process.platform} on ${process.arch} is not supported`,
    };
  }
  try {
    // Loaded at first use, and by `require` because all calls here are synchronous; `require` itself is untyped.
    const koffi = createRequire(import.meta.url)('koffi') as Koffi;
    return { libc: bind(koffi), problem: undefined };
  } catch (error) {
    return {
      libc: undefined,
      problem: `koffi cannot load: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function bind(koffi: Koffi): Libc {
  const library = koffi.load(null);
  const bytes = 'uint8_t *';
  const list = [bytes, bytes, 'size_t'];
  const get = [bytes, bytes, bytes, 'size_t'];
  const set = [bytes, bytes, bytes, 'size_t', 'int'];
  return {
    errno: () => koffi.errno(),
    utimensat: library.func('utimensat', 'int', ['int', bytes, 'int64_t *', 'int']),
    flistxattr: library.func('flistxattr', 'int64_t', ['int', bytes, 'size_t']),
    listxattr: library.func('listxattr', 'int64_t', list),
    llistxattr: library.func('llistxattr', 'int64_t', list),
    getxattr: library.func('getxattr', 'int64_t', get),
    lgetxattr: library.func('lgetxattr', 'int64_t', get),
    setxattr: library.func('setxattr', 'int', set),
    lsetxattr: library.func('lsetxattr', 'int', set),
    removexattr: library.func('removexattr', 'int', [bytes, bytes]),
    lremovexattr: library.func('lremovexattr', 'int', [bytes, bytes]),
    syncfs: library.func('syncfs', 'int', ['int']),
    syncFileRange: library.func('sync_file_range', 'int', ['int', 'int64_t', 'int64_t', 'uint']),
    lseek: library.func('lseek', 'int64_t', ['int', 'int64_t', 'int']),
    exit: library.func('_exit', 'void', ['int']),
    flock: library.func('flock', 'int', ['int', 'int']),
    linkat: library.func('linkat', 'int', ['int', bytes, 'int', bytes, 'int']),
    renameat2: library.func('renameat2', 'int', ['int', bytes, 'int', bytes, 'uint']),
    getdents64: bindGetdents(library),
    statx: bindStatx(library),
  };
}

function bindGetdents(library: ReturnType<Koffi['load']>): Libc['getdents64'] {
  try {
    return library.func('getdents64', 'int64_t', ['int', 'uint8_t *', 'size_t']);
  } catch {
    // No such function: Node's own calls serve.
    return undefined;
  }
}

/** Old C libraries lack it, and old sandboxes of containers refuse what they do not know: one look tells. */
function bindStatx(library: ReturnType<Koffi['load']>): Libc['statx'] {
  try {
    const statx: NonNullable<Libc['statx']> = library.func('statx', 'int', [
      'int',
      'uint8_t *',
      'int',
      'uint',
      'uint8_t *',
    ]);
    return statx(-100, Buffer.from('/\0'), 0, 0xfff, Buffer.alloc(256)) === 0 ? statx : undefined;
  } catch {
    // No such function: Node's own calls serve.
    return undefined;
  }
}

export function requireLibc(call: string): Libc {
  const { libc, problem } = loadLibc();
  if (libc === undefined) {
    throw Object.assign(new Error(`ENOTSUP: ${String(problem)}, ${call}`), {
      code: 'ENOTSUP',
      syscall: call,
    });
  }
  return libc;
}

/** An error in the manner of Node's own: `code`, `errno`, `syscall`. */
export function systemError(number: number, call: string): NodeJS.ErrnoException {
  const code = getSystemErrorName(-number);
  const message = `${code}: ${getSystemErrorMessage(-number) ?? 'unknown'}, ${call}`;
  return Object.assign(new Error(message), { errno: -number, code, syscall: call });
}
