/**
 * Tells something on the desktop, by the program that the system has for that. The only file that does.
 * No library: the known ones start the same programs, and bring binaries of others for the rest.
 */
import type { Notice } from '../report/notices.ts';
import type { World } from './command.ts';
import { runProgram } from './run-program.ts';

/** Who does not answer by then has nobody before the screen (milliseconds). */
const patienceMs = 10_000;

/** Why it could not be told; null when it was. */
export async function notify(notice: Notice, world: World): Promise<string | null> {
  const env = { ...world.env, UNDERTEXT_TITLE: notice.title, UNDERTEXT_BODY: notice.body };
  const words = wordsFor(world.platform, notice);
  const { code, err } = await runProgram({ ...world, env }, words, '', patienceMs);
  if (code === 0) return null;
  return code === null ? `there is no ${words[0]}` : err.split('\n')[0] || `${words[0]} ended with ${code}`;
}

/** Texts are arguments or variables, never a part of a script. */
export function wordsFor(platform: string, { title, body }: Notice): readonly string[] {
  if (platform === 'darwin') {
    const script = ['on run argv', 'display notification (item 2 of argv) with title (item 1 of argv)', 'end run'];
    return ['osascript', ...script.flatMap(line => ['-e', line]), title, body];
  }
  if (platform === 'win32') return ['powershell.exe', '-NoProfile', '-NonInteractive', '-Command', toast];
  // The body may hold markup, so what looks like it is none.
  const plain = body.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return ['notify-send', '--app-name=undertext', '--icon=dialog-warning', '--', title, plain];
}

const toast = `
$ErrorActionPreference = 'Stop'
$type = [Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
$xml = $type::GetTemplateContent([Windows.UI.Notifications.ToastTemplateType]::ToastText02)
$texts = $xml.GetElementsByTagName('text')
$null = $texts.Item(0).AppendChild($xml.CreateTextNode($env:UNDERTEXT_TITLE))
$null = $texts.Item(1).AppendChild($xml.CreateTextNode($env:UNDERTEXT_BODY))
$app = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe'
$type::CreateToastNotifier($app).Show([Windows.UI.Notifications.ToastNotification]::new($xml))
`;
