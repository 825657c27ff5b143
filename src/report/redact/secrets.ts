/**
 * Secrets as people paste them into rule comments and names: credentials in a URL, a value behind a telling name, and the
 * forms of well-known tokens. The first group is what is replaced.
 */
const PATTERNS: readonly RegExp[] = [
  /:\/\/([^\s/@"':]+:[^\s/@"']+)@/g,
  /\b(?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|auth(?:orization)?|credential|pwd)s?\b["']?\s*[=:]\s*(?:bearer\s+|basic\s+)?["']?([^\s"'\\,;]{3,})/gi,
  /\b(?:bearer|basic)\s+([A-Za-z0-9._~+/-]{8,}=*)/gi,
  /\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|sk-[\w-]{16,}|npm_[A-Za-z0-9]{20,})\b/g,
  /\b(eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)/g,
  /(-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$))/g,
];

/** Replaces what looks like a secret. */
export const replaceSecrets = (text: string, alias: (secret: string) => string): string =>
  PATTERNS.reduce(
    (result, pattern) =>
      result.replace(pattern, (whole: string, secret: string) => whole.replace(secret, () => alias(secret))),
    text,
  );
