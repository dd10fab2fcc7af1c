/** Loads the module of a rule, whatever it does: what cannot be loaded is told with what to do. */
import * as nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';
import { errno, UndertextError } from '../errors.ts';
import { placeIn } from './place-in.ts';

/** A module that waits for longer while it is loaded waits for ever (milliseconds). */
const patienceMs = 10_000;

/** The default export; undefined when there is none. @throws UndertextError `config` */
export async function loadModule(file: string): Promise<unknown> {
  offerRuleEntry();
  try {
    const module = (await inTime(import(pathToFileURL(file).href), patienceMs)) as { default?: unknown };
    return unwrapped(module.default);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const place = placeIn(file, error);
    const at = place === null ? '' : ` (${place})`;
    throw new UndertextError('config', `${file} cannot be loaded: ${why}${at}`, hintFor(error, file), error);
  }
}

/** What a compiler made of `export default` for CommonJS: the default export is the module, which has it in `default`. */
function unwrapped(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('default' in value)) return value;
  const isModule = '__esModule' in value || Object.keys(value).join() === 'default';
  return isModule ? value.default : value;
}

const toEsModules = 'name it .mjs, or set "type": "module" in the package.json beside it';

function hintFor(error: unknown, file: string): string {
  const said = error instanceof Error ? error.message : String(error);
  if (
    /(?:package|module) 'undertext(?:\/(?!rule')[^']*)?'|package subpath .*[\\/]undertext[\\/]package\.json/i.test(said)
  ) {
    return '`undertext/rule` is the only entry: import from there';
  }
  if (/Cannot find module 'undertext\/rule'/.test(said)) {
    return `this Node gives \`undertext/rule\` to ES modules only: compile it to one, and ${toEsModules}`;
  }
  if (/import statement outside a module|Unexpected token 'export'/.test(said)) return toEsModules;
  if (/does not provide an export named/.test(said)) return 'rules/README.md lists what `undertext/rule` has';
  if (error instanceof SyntaxError) return `\`node --check ${file}\` shows the line`;
  switch (errno(error)) {
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return 'this Node does not read TypeScript (22.18 and newer do): compile it to .js, which is then taken instead';
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return 'Node only leaves types out: write it without enum, namespace and parameter properties, or compile it to .js';
    case 'ERR_MODULE_NOT_FOUND':
    case 'MODULE_NOT_FOUND':
      return 'only `undertext/rule` is there by itself: install other packages in the folder of the rule';
    default:
      return 'a rule must load by itself, without waiting for anything';
  }
}

let isOffered = false;

/** `undertext/rule` is the one of this program, wherever the rule lies and however undertext was installed. */
function offerRuleEntry(): void {
  if (isOffered) return;
  isOffered = true;
  const url = new URL('../rule.js', import.meta.url).href;
  const { registerHooks } = nodeModule as { registerHooks?: (hooks: { resolve: Resolve }) => void };
  const resolve: Resolve = (specifier, context, next) =>
    specifier === 'undertext/rule' ? { url, shortCircuit: true } : next(specifier, context);
  if (registerHooks) registerHooks({ resolve });
  else {
    // Node 20 runs hooks on a thread of their own, which gets them as a module.
    const source = `const url = ${JSON.stringify(url)};\nexport const resolve = ${resolve};`;
    nodeModule.register(`data:text/javascript,${encodeURIComponent(source)}`);
  }
}

type Resolve = (specifier: string, context: unknown, next: (specifier: string, context: unknown) => object) => object;

/** What `work` gives, or an error with the code `ETIMEDOUT` when it has not ended in time. */
export async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(Object.assign(new Error(`it has not ended after ${ms / 1000} seconds`), { code: 'ETIMEDOUT' })),
      ms,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
