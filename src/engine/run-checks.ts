import type { ArtifactKey, Check, CheckContext, CheckProduct, OnceMended } from '../../checks/define-check.js';
import type { RuledOut, SkippedCheck } from '../model/diagnosis.js';
import type { Evidence } from '../model/evidence.js';
import type { Finding } from '../model/finding.js';
import type { ArtifactName } from '../model/state.js';

export interface CheckedFinding {
  readonly check: Check;
  readonly finding: Finding;
  readonly onceMended?: OnceMended;
}

export interface CheckResults {
  readonly findings: readonly CheckedFinding[];
  readonly ruledOut: readonly RuledOut[];
  readonly skipped: readonly SkippedCheck[];
}

/** Whether a check judges flows of this direction. */
export const isAbout = ({ meta }: Check, { inbound }: Evidence): boolean =>
  inbound ? meta.inbound !== undefined : meta.inbound !== 'only';

/**
 * Runs every check on the artifacts that it declares, and on no others. A check whose artifact is missing is skipped
 * with the reason, never passed; one that throws is skipped as well, so that one bug does not hide the other findings.
 */
export const runChecks = (checks: readonly Check[], evidence: Evidence, context: CheckContext): CheckResults => {
  const findings: CheckedFinding[] = [];
  const ruledOut: RuledOut[] = [];
  const skipped: SkippedCheck[] = [];
  for (const check of checks) {
    if (!isAbout(check, evidence)) continue;
    const artifacts = artifactsFor(check, evidence);
    if ('missing' in artifacts) {
      skipped.push({ check: check.meta.id, reason: artifacts.missing });
      continue;
    }
    let product: CheckProduct;
    try {
      product = check.run(artifacts.values as never, context);
    } catch (error) {
      skipped.push({
        check: check.meta.id,
        reason: `it failed: ${error instanceof Error ? error.message : String(error)}`,
      });
      continue;
    }
    if (product.status === 'fail') {
      const { onceMended } = product;
      findings.push(...product.findings.map((finding) => ({ check, finding, ...(onceMended ? { onceMended } : {}) })));
    } else if (product.status === 'pass')
      ruledOut.push({ check: check.meta.id, code: check.meta.code, because: product.because });
  }
  return { findings, ruledOut, skipped };
};

const artifactsFor = (
  check: Check,
  evidence: Evidence,
): { readonly values: Partial<Record<ArtifactKey, unknown>> } | { readonly missing: string } => {
  const values: Partial<Record<ArtifactKey, unknown>> = {};
  for (const key of check.meta.requires) {
    const [id = '', name = ''] = key.split('.');
    const artifact = evidence.before[id]?.[name as ArtifactName];
    if (!artifact) return { missing: `${key} was not collected` };
    if (!artifact.ok) return { missing: `${key}: ${artifact.message}` };
    values[key] = artifact.value;
  }
  return { values };
};
