/** A launchd agent: launchd.plist(5). One that was slept through runs when the machine wakes. */
import { type Job, type Moment, mark } from './job.ts';

export const label = 'undertext.audit';

/** `log` is where its output goes. */
export function agentText({ words, env, at }: Job, log: string): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    `<!-- ${mark} -->`,
    '<plist version="1.0">',
    '<dict>',
    '  <key>Label</key>',
    `  <string>${label}</string>`,
    '  <key>ProgramArguments</key>',
    '  <array>',
    ...words.map(word => `    <string>${escaped(word)}</string>`),
    '  </array>',
    '  <key>EnvironmentVariables</key>',
    '  <dict>',
    ...Object.entries(env).flatMap(([name, value]) => [
      `    <key>${escaped(name)}</key>`,
      `    <string>${escaped(value)}</string>`,
    ]),
    '  </dict>',
    '  <key>StartCalendarInterval</key>',
    '  <dict>',
    '    <key>Hour</key>',
    `    <integer>${at.hour}</integer>`,
    '    <key>Minute</key>',
    `    <integer>${at.minute}</integer>`,
    '  </dict>',
    '  <key>StandardOutPath</key>',
    `  <string>${escaped(log)}</string>`,
    '  <key>StandardErrorPath</key>',
    `  <string>${escaped(log)}</string>`,
    '  <key>Nice</key>',
    '  <integer>10</integer>',
    '  <key>ProcessType</key>',
    '  <string>Background</string>',
    '</dict>',
    '</plist>',
    '',
  ].join('\n');
}

export function wordsIn(agent: string): readonly string[] | null {
  const [, list] = /<key>ProgramArguments<\/key>\s*<array>([\s\S]*?)<\/array>/.exec(agent) ?? [];
  if (list === undefined) return null;
  return [...list.matchAll(/<string>([\s\S]*?)<\/string>/g)].map(([, text]) => unescaped(text!));
}

export function momentIn(agent: string): Moment | null {
  const number = (key: string) => new RegExp(`<key>${key}</key>\\s*<integer>(\\d+)</integer>`).exec(agent)?.[1];
  const [hour, minute] = [number('Hour'), number('Minute')];
  return hour === undefined || minute === undefined ? null : { hour: Number(hour), minute: Number(minute) };
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>]/g, sign => entities[sign]!);
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
