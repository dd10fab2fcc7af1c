/** Where undertext's own files lie when nobody says otherwise. */
import { posix, win32 } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** The store: `$UNDERTEXT_STORE`, else `undertext` in the platform's folder for data. */
export function storePlace(env: Environment, platform: string, home: string): string {
  return env.UNDERTEXT_STORE || dataFolder(env, platform, home);
}

/** The configuration: `undertext/config.json` in the platform's folder for settings. */
export function configPlace(env: Environment, platform: string, home: string): string {
  if (platform === 'win32')
    return win32.join(env.APPDATA || win32.join(home, 'AppData', 'Roaming'), 'undertext', 'config.json');
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'undertext', 'config.json');
  return posix.join(env.XDG_CONFIG_HOME || posix.join(home, '.config'), 'undertext', 'config.json');
}

function dataFolder(env: Environment, platform: string, home: string): string {
  if (platform === 'win32') return win32.join(env.LOCALAPPDATA || win32.join(home, 'AppData', 'Local'), 'undertext');
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'undertext');
  return posix.join(env.XDG_DATA_HOME || posix.join(home, '.local', 'share'), 'undertext');
}
