/** Parts of files that change by themselves and that nobody misses. */
import { basename } from 'node:path/posix';
import type { Unit } from '../model.ts';

/** Members of `~/.claude.json` that Claude Code rewrites all day: counters, caches, what the last session cost. */
const counters =
  /^\/(numStartups|userID|tipsHistory|tipLifetimeShownCounts|skillUsage|toolUsage|promptQueueUseCount|btwUseCount|memoryUsageCount|firstStartTime|fallbackAvailableWarningThreshold|changelogLastFetched|migrationVersion|feedbackSurveyState|(cached|last|has|s1m|num|opus|sonnet)[A-Z][^/]*|[^/]*(Count|Counts|Cache|SeenAt|ShownAt|LastShown|Timestamp|LastFetched))(\/|$)/;
const projectCounters =
  /^\/projects\/[^/]+\/(last[A-Z][^/]*|[^/]*(Count|Counts|Cache|SeenAt|Timestamp)|exampleFiles[^/]*|history|projectOnboardingSeenCount|has(?!TrustDialogAccepted)[A-Z][^/]*|reactVulnerabilityCache)(\/|$)/;
/** The same by their names alone, however deep; what a person configured is none. */
const anywhere =
  /\/(numStartups|tipsHistory|(cached|last)[A-Z][A-Za-z0-9]*|[A-Za-z0-9]*(Count|Counts|Cache|SeenAt|ShownAt|Timestamp|LastFetched))(\/|$)/;
const configured = /\/(mcpServers|env|allowedTools)(\/|$)/;

/** What a living process says of itself, written anew all day and gone when it ends. */
const runtime = /^(profiles\/[^/]+\/)?(sessions\/\d+\.json|daemon\/[^/]+\.json|jobs\/[^/]+\/state\.json)$/;

/** A line that only says where a generated block starts or ends, or when it was generated. */
const marker =
  /^<!--\s*\/?\s*((begin|end|start|stop)\b.*|.*\b(auto-?generated|generated (by|at|on)|last[ -]updated)\b.*)-->$/i;

/** True for units whose loss is never reported: counters and caches, `modified` stamps, generated markers. */
export function isNoiseUnit(path: string, unit: Unit): boolean {
  const file = basename(path);
  if (/(^|\/)(statsig\/|stats-cache\.json$)/.test(path) || runtime.test(path)) return true;
  if (file === '.claude.json' || /^\.claude\.json\.(backup|corrupted)/.test(file)) {
    if (unit.kind !== 'member') return false;
    const pointer = pointerOf(unit);
    if (counters.test(pointer) || projectCounters.test(pointer)) return true;
    return anywhere.test(pointer) && !configured.test(pointer);
  }
  if (unit.kind === 'field') return isStamp(unit);
  return marker.test(unit.text.trim());
}

/** The pointer of the member itself: `place` is that of the object it stands in. What stands in an array has no key. */
function pointerOf({ place, text }: Unit): string {
  const key = /^("(?:[^"\\]|\\.)*")\s*:/.exec(text)?.[1];
  if (key === undefined) return place;
  return `${place}/${keyIn(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function keyIn(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text.slice(1, -1);
  }
}

/** `modified:` and `originSessionId:`, alone or under `metadata:`: stamped by Claude Code when it writes a memory file. */
function isStamp(unit: Unit): boolean {
  const stamp = /^(metadata\.)?(modified|originSessionId)$/;
  return stamp.test(unit.name) || /(^|\/)(modified|originSessionId)$/.test(unit.place);
}
