/** How an error looks on standard error: handed on, so that the command line needs no part but the commands. */
export { errorJson, errorText, traceText } from '../report/error-text.ts';
export { hereOfWords } from './here.ts';
