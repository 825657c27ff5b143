/** Why a collector has no value. */
export type ArtifactErrorReason = 'missing-tool' | 'not-permitted' | 'timeout' | 'failed' | 'garbage' | 'not-collected';

/** What one collector brought, or why it brought nothing. A failure is an artifact too. */
export type Artifact<T> =
  | { readonly ok: true; readonly value: T; readonly command: readonly string[]; readonly ms: number }
  | {
      readonly ok: false;
      readonly reason: ArtifactErrorReason;
      readonly message: string;
      readonly command: readonly string[];
      readonly ms: number;
    };
