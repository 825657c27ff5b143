import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/engine/diagnose.js';
import type { Evidence } from '../../src/model/evidence.js';
import { recordedWithPeer, runFrom } from '../helpers/evidence.js';
import { expectTrueAndRedacted } from '../helpers/redaction.js';

const ids = readdirSync(fileURLToPath(new URL('../../fixtures/peer/', import.meta.url))).map((file) =>
  file.replace('.json.gz', ''),
);

const withoutPeer = ({ peer: _, ...evidence }: Evidence): Evidence => evidence;

describe('what the other host saw', () => {
  test.each(ids)('%s is named by its own id, with certainty, and from here alone as not this host’s', (id) => {
    const evidence = recordedWithPeer(id);
    const { cause, confidence, status } = diagnose(evidence);
    if (id === 'flannel-vxlan') return expect(status).toBe('ok');
    expect(cause).toBe(id);
    expect(confidence).not.toBe('possible');
    expect(['ovl-underlay-blocked', 'ovl-remote-host', 'uplink-no-answer']).toContain(
      diagnose(withoutPeer(evidence)).cause,
    );
  });

  test.each(ids)('%s: redacted it says the same, and no file has an original value', (id) => {
    const evidence = recordedWithPeer(id);
    expectTrueAndRedacted({ ...runFrom(evidence, diagnose(evidence)), evidence });
  });
});
