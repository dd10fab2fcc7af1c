/** Parts of files that change by themselves and that nobody misses. */
import { basename } from 'node:path/posix';
import type { Unit } from '../model.ts';

/** Members of `~/.claude.json` that Claude Code rewrites all day: counters, caches, what the last session cost. */
const counters =
  /^\/(numStartups|userID|tipsHistory|tipLifetimeShownCounts|skillUsage|toolUsage|promptQueueUseCount|btwUseCount|memoryUsageCount|firstStartTime|fallbackAvailableWarningThreshold|changelogLastFetched|migrationVersion|feedbackSurveyState|(cached|last|has|s1m|num|opus|sonnet)[A-Z][^/]*|[^/]*(Count|Counts|Cache|SeenAt|ShownAt|LastShown|Timestamp|LastFetched))(\/|$)/;
const projectCounters =
  /^\/projects\/[^/]+\/(last[A-Z][^/]*|[^/]*(Count|Counts|Cache|SeenAt|Timestamp)|exampleFiles[^/]*|history|projectOnboardingSeenCount|has(?!TrustDialogAccepted)[A-Z][^/]*|reactVulnerabilityCache)(\/|$)/;

/** A line that only says where a generated block starts or ends, or when it was generated. */
const marker =
  /^<!--\s*\/?\s*((begin|end|start|stop)\b.*|.*\b(auto-?generated|generated (by|at|on)|last[ -]updated)\b.*)-->$/i;

/** True for units whose loss is never reported: counters and caches of `.claude.json`, `modified` stamps, generated markers. */
export function isNoiseUnit(path: string, unit: Unit): boolean {
  const file = basename(path);
  if (file === '.claude.json' || /^\.claude\.json\.(backup|corrupted)/.test(file)) {
    return unit.kind === 'member' && (counters.test(unit.place) || projectCounters.test(unit.place));
  }
  if (unit.kind === 'field') return isStamp(unit);
  return marker.test(unit.text.trim());
}

/** `modified:` and `metadata.modified:`, stamped by Claude Code on every write of a memory file. */
function isStamp(unit: Unit): boolean {
  return unit.name === 'modified' || unit.name === 'metadata.modified' || /(^|\/)modified$/.test(unit.place);
}
