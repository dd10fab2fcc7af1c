/** The schema of SARIF 2.1.0 as it was published, out of a package that ships it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';

/** The published schema, which is of draft 4; it uses nothing that draft 7 reads in another way but the name of its id. */
export function sarifValidator(): ValidateFunction {
  const entry = createRequire(import.meta.url).resolve('@microsoft/jest-sarif');
  const file = new URL('schemas/sarif-2.1.0-rtm.5.json', `file://${entry}`);
  const { id, $schema, ...schema } = JSON.parse(readFileSync(file, 'utf8'));
  if (!$schema.includes('draft-04') || typeof id !== 'string')
    throw new Error('another schema than this was written for');
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  ajv.addFormat('uri', /^[a-z][a-z0-9+.-]*:[!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]*$/);
  ajv.addFormat('uri-reference', /^(%[0-9A-Fa-f]{2}|[!#$&'()*+,\-./0-9:;=?@A-Z[\]_a-z~])*$/);
  return ajv.compile(schema);
}
