// Builds dist/. npm runs it after `npm install`, and also on `npm install -g .` in a fresh checkout, where npm links the
// folder without installing what the build needs: then that is installed first.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const compiler = join(here, 'node_modules/typescript/bin/tsc');

if (!existsSync(compiler)) {
  // Not into the global folder that the outer npm was told to use.
  const ours = ([name]) => !/^npm_config_(global|prefix|location)$|^npm_config_local_prefix$/i.test(name);
  const env = Object.fromEntries(Object.entries(process.env).filter(ours));
  run(process.env.npm_execpath ?? 'npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], env);
}
run(compiler, ['-p', 'tsconfig.build.json'], process.env);

// What was built from a file that is gone would still be shipped.
for (const built of readdirSync(join(here, 'dist'), { recursive: true, encoding: 'utf8' })) {
  const source = built.replace(/(\.d)?\.[jt]s$/, '.ts');
  if (source !== built && !existsSync(join(here, source))) rmSync(join(here, 'dist', built));
}

function run(program, args, env) {
  const isScript = /\.[cm]?js$/.test(program) || program === compiler;
  const [command, words] = isScript ? [process.execPath, [program, ...args]] : [program, args];
  const { status, error } = spawnSync(command, words, { cwd: here, env, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
