/**
 * Breaks the built program at one system call. `node --import` loads it before the program, which runs unchanged.
 *
 * It wraps what writes in `node:fs` and numbers the calls that touch the given folders: these are the *fault points*.
 * UNDERTEXT_FAULT is JSON:
 *
 *     folders   which paths count; the first is the store, the second the home
 *     log       file that hears of each point (`count`), of each operation (`record`), or of the one that broke (`break`)
 *     mode      `count`, `record`, or `break`
 *     point     1-based number of the point to break; in `record`, where the process is killed
 *     fault     `kill before`, `kill middle`, `kill after`, or an error's name (`ENOSPC`, `EIO`, `EDQUOT`)
 *     lasts     true: an error comes again at every later point that needs space or the disk
 */
import fs, { constants } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { constants as system } from 'node:os';
import { relative, resolve, sep } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const plan = JSON.parse(process.env.UNDERTEXT_FAULT ?? 'null');
if (plan && isMainThread) install(plan);

function install({ folders, log, mode, point, fault, lasts }) {
  const real = { ...fs };
  /** fd → path, of everything below the folders. */
  const open = new Map();
  let count = 0;

  /** A restore asks for names through the handle of their folder. */
  const throughHandle = /^\/proc\/self\/fd\/\d+/;
  const pathOf = file => {
    const path = resolve(Buffer.isBuffer(file) ? file.toString('latin1') : String(file));
    return path.replace(throughHandle, handle => inside(() => real.readlinkSync(handle)));
  };
  const isWatched = path => path !== log && folders.some(folder => path === folder || path.startsWith(folder + sep));
  const tell = line => inside(() => real.appendFileSync(log, `${JSON.stringify(line)}\n`));
  const bytesOf = (data, encoding) =>
    typeof data === 'string' ? Buffer.from(data, encoding) : Buffer.from(data.buffer, data.byteOffset, data.byteLength);

  /**
   * How each call is described: null when it does not count. `half` does half of it, `log` is what a disk would hear.
   * @type {Record<string, (...args: any[]) => null | { path: string, to?: string, half?: () => void, log?: object, isSync?: boolean }>}
   */
  const calls = {
    open: (file, flags = 'r') => {
      const bits = typeof flags === 'number' ? flags : flagBits(flags);
      const path = pathOf(file);
      if (!isWatched(path) || (bits & (constants.O_CREAT | constants.O_TRUNC)) === 0) return null;
      return { path, log: { op: 'create', path, empties: (bits & constants.O_TRUNC) !== 0 } };
    },
    write: (fd, data, offset, length, position) => {
      if (!open.has(fd)) return null;
      const all = bytesOf(data, typeof data === 'string' ? length : undefined);
      const bytes =
        typeof data === 'string' || typeof offset !== 'number' ? all : all.subarray(offset, length && offset + length);
      const at = typeof data === 'string' ? offset : position;
      return writing(fd, bytes, at);
    },
    writev: (fd, chunks, position) =>
      open.has(fd) ? writing(fd, Buffer.concat(chunks.map(chunk => bytesOf(chunk))), position) : null,
    writeFile: (file, data, options) => {
      const path = typeof file === 'number' ? open.get(file) : pathOf(file);
      if (path === undefined || !isWatched(path)) return null;
      const bytes = bytesOf(data, typeof options === 'string' ? options : options?.encoding);
      const half = () => inside(() => real.writeFileSync(file, bytes.subarray(0, bytes.length >> 1), options));
      return { path, half, log: { op: 'file', path, bytes: bytes.toString('base64') } };
    },
    fsync: fd =>
      open.has(fd) ? { path: open.get(fd), isSync: true, log: { op: 'sync', path: open.get(fd), fd } } : null,
    fdatasync: fd =>
      open.has(fd) ? { path: open.get(fd), isSync: true, log: { op: 'sync', path: open.get(fd), fd } } : null,
    ftruncate: (fd, length) =>
      open.has(fd) ? { path: open.get(fd), log: { op: 'truncate', fd, length: length ?? 0 } } : null,
    rename: (from, to) => between('rename', pathOf(from), pathOf(to)),
    link: (from, to) => between('link', pathOf(from), pathOf(to)),
    symlink: (_, to) => alone('symlink', pathOf(to)),
    unlink: file => alone('remove', pathOf(file)),
    rm: file => (real.existsSync(file) ? alone('remove', pathOf(file)) : null),
    rmdir: file => alone('remove', pathOf(file)),
    mkdir: file => alone('mkdir', pathOf(file)),
    chmod: file => alone('chmod', pathOf(file)),
    fchmod: fd => (open.has(fd) ? { path: open.get(fd), log: { op: 'chmod', path: open.get(fd) } } : null),
  };

  function writing(fd, bytes, position) {
    const half = () => real.writeSync(fd, bytes, 0, bytes.length >> 1, position);
    return { path: open.get(fd), half, log: { op: 'write', fd, position, bytes: bytes.toString('base64') } };
  }
  function between(op, from, to) {
    return isWatched(from) || isWatched(to) ? { path: from, to, log: { op, path: from, to } } : null;
  }
  function alone(op, path) {
    return isWatched(path) ? { path, log: { op, path } } : null;
  }

  /** What the system refuses was done as far as it goes. */
  const afterwards = act => {
    try {
      act();
    } catch {}
  };
  const die = () => {
    process.kill(process.pid, 'SIGKILL');
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  };
  const refusal = (code, call) =>
    Object.assign(new Error(`${code}: refused by the test, ${call}`), {
      code,
      errno: -(system.errno[code] ?? 1),
      syscall: call,
    });
  /** A full disk still removes, syncs what it has, and renames. */
  const needs = call =>
    fault === 'EIO' || !['fsync', 'fdatasync', 'unlink', 'rm', 'rmdir', 'chmod', 'fchmod'].includes(call);

  /** Counts the call, and breaks it when it is its turn. Gives the error it must end with, or null. */
  function meet(call, what, act) {
    count++;
    const name = nameOf(call, what);
    if (mode === 'count') tell({ point: count, name, canHalve: what.half !== undefined });
    if (point === undefined) return null;
    if (lasts && count > point && needs(call)) return refusal(fault, call);
    if (count !== point) return null;
    if (mode === 'break') tell({ point, name });
    if (fault === 'kill before') die();
    if (fault === 'kill middle') what.half?.();
    if (fault === 'kill after') afterwards(act);
    if (fault.startsWith('kill')) die();
    if (['write', 'writev', 'writeFile'].includes(call)) what.half();
    return refusal(fault, call);
  }

  /** Some calls are made of others (`writeFileSync` opens and writes): they count as one. */
  let isInside = false;
  function inside(act) {
    const before = isInside;
    isInside = true;
    try {
      return act();
    } finally {
      isInside = before;
    }
  }

  let operations = 0;
  for (const [call, describe] of Object.entries(calls)) {
    const nowName = `${call}Sync`;
    replace(nowName, (...args) => {
      const what = isInside ? null : describe(...args);
      const act = () => inside(() => real[nowName](...args));
      const error = what && meet(call, what, act);
      if (error) throw error;
      if (mode === 'record' && args[0] === 1 && call === 'write') tell({ op: 'said', text: String(args[1]) });
      const result = act();
      if (call === 'open') remember(result, args[0]);
      if (what && mode === 'record')
        tell({ ...what.log, ...(call === 'open' ? { fd: result } : {}), at: ++operations });
      return result;
    });
    replace(call, (...args) => {
      const done = args.pop();
      const what = describe(...args);
      const act = () => inside(() => real[nowName](...args));
      const error = what && meet(call, what, act);
      if (error) return void setImmediate(done, error);
      if (what && mode === 'record') return recordLater(call, what, act, args, done);
      real[call](...args, (failure, ...results) => {
        if (call === 'open' && !failure) remember(results[0], args[0]);
        done(failure, ...results);
      });
    });
  }

  /** One after the other, so that there is one order; that a sync has ended is known only when the caller hears of it. */
  function recordLater(call, what, act, args, done) {
    const from = operations;
    let results;
    try {
      const result = act();
      if (call === 'open') remember(result, args[0]);
      results = call === 'writev' || call === 'write' ? [null, result, args[1]] : [null, result];
      if (!what.isSync) tell({ ...what.log, ...(call === 'open' ? { fd: result } : {}), at: ++operations });
    } catch (error) {
      results = [error];
    }
    setImmediate(() => {
      if (what.isSync && !results[0]) tell({ ...what.log, upTo: from, at: ++operations });
      done(...results);
    });
  }

  function remember(fd, file) {
    if (isInside) return;
    const path = pathOf(file);
    if (!isWatched(path)) return open.delete(fd);
    open.set(fd, path);
    if (mode === 'record') tell({ op: 'open', fd, path });
  }

  replace('closeSync', fd => {
    open.delete(fd);
    return real.closeSync(fd);
  });
  replace('close', (fd, ...rest) => {
    open.delete(fd);
    return real.close(fd, ...rest);
  });
  if (mode === 'record') {
    tell({ op: 'start' });
    const { write } = process.stdout;
    process.stdout.write = function (text, ...rest) {
      tell({ op: 'said', text: String(text) });
      return write.call(this, text, ...rest);
    };
  }
  syncBuiltinESMExports();

  /** `promisify` looks at hidden properties of what it is given. */
  function replace(name, wrapped) {
    const { name: _, length: __, prototype: ___, ...hidden } = Object.getOwnPropertyDescriptors(real[name]);
    for (const symbol of Object.getOwnPropertySymbols(real[name])) {
      Object.defineProperty(wrapped, symbol, Object.getOwnPropertyDescriptor(real[name], symbol));
    }
    fs[name] = Object.defineProperties(wrapped, hidden);
  }

  function nameOf(call, { path, to }) {
    return `${call.replace(/v$|File$/, '')} ${kindOf(path)}${to === undefined ? '' : ` to ${kindOf(to)}`}`;
  }

  function kindOf(path) {
    const [store, home, around] = folders;
    if (path === around) return 'folder of the store';
    if (path === home) return 'the home';
    return path === store || path.startsWith(store + sep) ? inStore(relative(store, path)) : inHome(path);
  }

  function inStore(path) {
    const kinds = [
      [/^$/, 'the store'],
      [/^journal\/.*\.new$/, 'new journal'],
      [/^journal\/.*\.harmed$/, 'harmed journal'],
      [/^journal\/.*\.journal$/, 'journal'],
      [/^objects\/pack\/tmp_.*idx$/, 'temporary index'],
      [/^objects\/pack\/tmp_.*$/, 'temporary pack'],
      [/^objects\/pack\/.*\.idx$/, 'index'],
      [/^objects\/pack\/.*\.pack$/, 'pack'],
      [/^objects\/tmp_obj.*$/, 'temporary object'],
      [/^objects\/[0-9a-f]{2}$/, 'folder of loose objects'],
      [/^objects\/[0-9a-f]{2}\/.*$/, 'loose object'],
      [/^refs\/heads\/[^/]+\/.*\.lock$/, 'lock of a head'],
      [/^refs\/heads\/[^/]+\/.*$/, 'head'],
      [/^refs\/heads\/[^/]+$/, 'folder of heads'],
      [/^tmp_([A-Za-z]+)_.*$/, 'temporary $1'],
      [/^(lock|watcher)\..*\.tmp$/, 'temporary $1'],
      [/^(lock|watcher)\..*\.stale$/, 'stale $1'],
      [/^cache\/.*/, 'audit cache'],
      [/^(.*)$/, '$1'],
    ];
    const [match, kind] = kinds.find(([pattern]) => pattern.test(path));
    return path.replace(match, kind);
  }

  function inHome(path) {
    if (/\.undertext-/.test(path)) return 'temporary file';
    if (real.statSync(path, { throwIfNoEntry: false })?.isDirectory()) return 'folder of the target';
    return 'the target';
  }
}

function flagBits(flags) {
  if (!/^[wa]/.test(flags)) return 0;
  return constants.O_CREAT | (flags.startsWith('w') && !flags.includes('x') ? constants.O_TRUNC : 0);
}
