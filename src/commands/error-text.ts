/** How an error looks on standard error. */
import type { UndertextError } from '../errors.ts';
import { errorText, errorJson as json } from '../report/error-text.ts';

export function errorLines(error: UndertextError): string {
  return errorText(error);
}

export function errorJson(error: UndertextError): string {
  return json(error);
}
