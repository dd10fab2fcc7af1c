/**
 * Lines that say that text stands there which does not: `[rest of the file unchanged]`, `// ... existing code ...`.
 * Not a list of spellings but of words: such a line is made of these and of nothing else.
 */

/** `said`: it is in so many words. `dots`: nothing but dots. */
export type Phrase = 'said' | 'dots';

const words = (text: string) => new Set(text.split(' '));
/** Which text is meant. */
const which = words(
  'rest remainder remaining other others else previous prior existing original current earlier preceding subsequent',
);
/** Of these alone a line may also be without brackets, dots or comment. */
const plainly = words('rest remainder remaining other others else previous prior');
const what = words(
  'file files content contents text section sections document documentation docs doc code implementation implementations function functions method methods class classes entry entries item items line lines rule rules note notes instruction instructions part parts list lists table paragraph paragraphs bullet bullets point points heading headings memory memories config configuration settings script body logic details output data block blocks step steps row rows field fields keys imports tests page chapter examples information info material guidelines page stuff history everything',
);
const plainWhat = words(
  'file content contents text section sections document code lines entries items part parts everything',
);
/** That it is still there, or was left out; one of these is enough. */
const plainState = words(
  'unchanged intact untouched unmodified unaltered preserved omitted elided truncated abbreviated snipped snip brevity',
);
/** Two of these, or one and which text is meant. */
const softState = words(
  'same kept keep keeps keeping retained retain retains omit shortened skipped continues continue continued continuing remain remains stay stays identical',
);
const between = words(
  'a of the this that these those your my our is are was were be as in to it its from with and or for at on by here there goes go exactly all still not no have has been will should up until through above below before after more insert include add paste copy you i etc so far already now they',
);

/** Other tongues, where such a line stands by itself or in brackets. */
const abroad = [
  // German
  /^(der )?(rest|restliche[rns]? \w+|übrige[rns]? \w+|bisherige[rns]? \w+|bestehende[rns]? \w+|vorhandene[rns]? \w+)( (der|des|von) \S+)? ?(bleibt|bleiben|ist|sind|wie|weiter)? ?(unverändert|gleich|bisher|zuvor|gekürzt|ausgelassen)( bestehen)?$/,
  /^(unverändert|(inhalt )?(gekürzt|ausgelassen)|wie (bisher|zuvor))$/,
  /^(bestehende|vorhandene|restliche|übrige|bisherige)[rns]? (inhalte?|text|abschnitte|einträge|code|datei)$/,
  // French
  /^(le )?(reste|contenu)( (du|de la|des|de l)( \S+){1,2}| (existant|précédent|restant))? ?(reste|est|demeure)? ?(inchangée?s?|identique|tronqué|omis|le même)$/,
  /^(contenu|code|texte) (existant|précédent|restant|d['’]origine)$/,
  // Spanish, Portuguese
  /^(contenido|código|texto|conteúdo) (existente|anterior|restante|original)$/,
  /^(el |o )?(resto|restante|contenido|conteúdo)( (del?|d[oa])( \S+){1,2}| (existente|anterior|restante))? ?(permanece|se mantiene|queda|continúa|continua|sigue)? ?(sin cambios|igual|inalterado|sem alterações|omitido|truncado|el mismo|o mesmo)$/,
  // Italian
  /^(il )?(resto|contenuto)( (del|della|di)( \S+){1,2}| (esistente|precedente|rimanente))? ?(rimane|resta|è)? ?(invariato|inalterato|uguale|omesso|troncato)$/,
  // Dutch
  /^(de )?(rest|overige \S+|bestaande \S+)( van \S+( \S+)?)? ?(blijft|is|blijven)? ?(ongewijzigd|hetzelfde|weggelaten)$/,
  // Russian
  /^(остальн|существующ|предыдущ)\S+( \S+){0,3} (без изменений|не изменил\S+|не менял\S+|пропущен\S*|опущен\S*)$/,
  // Chinese, Japanese, Korean
  /^(保持|保留)(原有|现有|其余|其他|原来)\S{0,8}$/,
  /^(其余|其他|剩余|后续|以下|以上|原有|现有|之前)\S{0,12}(不变|省略|相同|同上|未修改|未更改|保留)$/,
  /^(以下|以降|残り|既存|以前|その他)\S{0,14}(省略|同じ|同様|変更なし|そのまま|変更ありません)$/,
  /^(나머지|기존|이전|이하)( ?\S{1,8}){0,3} ?(동일|생략|변경 없음|유지|그대로)$/,
];

/** What stands before a line that was copied from a terminal: a line number with its edge, or a sign that the client draws. */
const copied = /^(?:\d+\s*[|│→]|\d+\t|[⎿⏺●✻❯➜│╭╰])/u;

/** Null for every other line. Quoted and copied lines, and those in code ticks, only show such a phrase. */
export function phraseIn(line: string): Phrase | null {
  if (line.length > 160 || copied.test(line.trim())) return null;
  const bare = line.trim().replace(/^(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?/, '');
  if (bare === '' || /^[>"'`“‘«|]/.test(bare)) return null;
  const inner = unwrapped(bare);
  if (inner.text === '') return inner.hasDots ? 'dots' : null;
  const said = inner.text.toLowerCase();
  if (abroad.some(form => form.test(said)) || /^(the )?same as (before|previously)$|^as before$/.test(said)) {
    return inner.mark === 'none' ? null : 'said';
  }
  const all = said.match(/[\p{L}\p{N}][\p{L}\p{N}'’./_-]*/gu) ?? [];
  return isSaid(
    all.map(word => word.replace(/\.$/, '')),
    inner.mark,
  ) && !(inner.mark === 'none' && said.includes(':'))
    ? 'said'
    : null;
}

function isSaid(all: readonly string[], mark: Mark): boolean {
  if (all.length === 0 || all.length > 14) return false;
  const count = (known: ReadonlySet<string>) => all.filter(word => known.has(word)).length;
  const odd = all.filter(isOdd).length;
  const isRest = count(plainly) > 0 || /\blines? \d/.test(all.join(' '));
  if (mark === 'none' || mark === 'comment') {
    if (odd > (mark === 'comment' ? 1 : 0) || !isRest) return false;
    const isState = count(plainState) > 0 || all.includes('same');
    return isState && (mark === 'comment' || count(plainWhat) > 0);
  }
  if (odd > Math.max(isRest || mark === 'between' ? 1 : 0, Math.floor(all.length / 4))) return false;
  const isNamed = count(which) > 0;
  if (all[0] === 'see' && !all.some(word => /^(rest|remaining|original)$/.test(word))) return false;
  if (mark === 'trailing' && !isNamed) return false;
  if (count(plainState) > 0 || count(softState) > 1) return isNamed || count(what) > 0 || all.length === 1;
  const isAsBefore = mark === 'between' || all.includes('before') || all.includes('previously');
  if (count(softState) > 0 && count(what) > 0 && isAsBefore) return true;
  if (mark === 'between' && isNamed && all.length <= 3 && !all.includes('than')) return true;
  return isNamed && (count(softState) > 0 || count(what) > 0 || /^(the )?rest of /.test(all.join(' ')));
}

/** A word that no such line needs; numbers and names of files are none. */
function isOdd(word: string): boolean {
  const isKnown = [which, what, plainState, softState, between].some(set => set.has(word));
  return !isKnown && !/^\d[\d-]*$|^[\w/-]+\.[a-z]{1,5}$/.test(word);
}

/**
 * What it is put into. `between`: dots before and behind it. `wrapped`: brackets, a comment of HTML, or dots before it: no
 * sentence. `trailing`: dots behind it alone. `comment`: a comment of a program, which may be one.
 */
type Mark = 'between' | 'wrapped' | 'trailing' | 'comment' | 'none';

interface Inner {
  readonly text: string;
  readonly hasDots: boolean;
  readonly mark: Mark;
}

const pairs: readonly (readonly [open: RegExp, close: RegExp, isWrap: boolean])[] = [
  [/^<!--\s*/, /\s*-->$/, true],
  [/^\{?\/\*+\s*/, /\s*\*+\/\}?$/, false],
  [/^\[(?=[^\]]*\]$)/, /\]$/, true],
  [/^\((?=[^)]*\)$)/, /\)$/, true],
  [/^<(?=\w+ [^>=/]*>$|(?:truncated|omitted|unchanged|snip(?:ped)?)>$)/, />$/, true],
  [/^\{\{(?=[^}]*\}\}$)/, /\}\}$/, true],
  [/^-{2,}\s+(?=.*\s-{2,}$)/, /\s+-{2,}$/, true],
  [/^\{(?=[^}]*\}$)/, /\}$/, true],
  [/^[【（](?=[^】）]*[】）]$)/, /[】）]$/, true],
  [/^\*\*(?=.*\*\*$)/, /\*\*$/, false],
  [/^[*_](?=.*[*_]$)/, /[*_]$/, false],
];
const openers = /^(?:\/\/+|#{1,6}|--(?!-)(?!.*--$)|;+|%+)\s+/;

/** Takes off, layer by layer, what such a line is put into. */
function unwrapped(line: string): Inner {
  let text = line.replace(openers, '');
  let isComment = text !== line;
  let isWrapped = false;
  let hasDots = false;
  let isBetween = false;
  for (let before = ''; before !== text; ) {
    before = text;
    text = text.replace(/^(?:\.{3,}|…+)\s*/, '');
    const isLed = text !== before;
    isWrapped ||= isLed;
    const undotted = text.replace(/\s*(?:\.{3,}|…+)$/, '');
    hasDots ||= isLed || undotted !== text;
    isBetween ||= isLed && undotted !== text;
    text = undotted.trim();
    const pair = pairs.find(([open, close]) => open.test(text) && close.test(text));
    if (!pair) continue;
    text = text.replace(pair[0], '').replace(pair[1], '').trim();
    if (pair[2]) isWrapped = true;
    else isComment = true;
  }
  const mark = isBetween ? 'between' : isWrapped ? 'wrapped' : hasDots ? 'trailing' : isComment ? 'comment' : 'none';
  return { text: text.replace(/[.:;,!]+$/, '').trim(), hasDots, mark };
}
