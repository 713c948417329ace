import { describe, expect, it } from 'vitest';
import { kitPage } from '../../../../main/app/recovery-kit/kit-page.ts';

const facts = {
  location: "/mnt/the <old> disk's vault",
  vaultId: 'ab'.repeat(16),
  recoveryKey: 'AAAAAA-BBBBBB-CCCCCC-DDDDDD-EEEEEE-FFFFFF',
  keyId: '0123456789abcdef',
  installFolder: '/opt/trinity',
  hostName: 'host',
  madeAt: '2026-11-22T05:12:00.000Z',
  productVersion: '0.1.0',
  qrCode: '<svg></svg>',
};

describe('kitPage', () => {
  it('holds the key in groups, and as part of a command that a shell takes as it is', () => {
    const page = kitPage(facts);
    expect(page).toContain('<span>AAAAAA</span><wbr><span>BBBBBB</span>');
    expect(page).toContain(String.raw`--vault '/mnt/the &lt;old&gt; disk'\''s vault' \
  --recovery-key AAAAAA-BBBBBB-CCCCCC-DDDDDD-EEEEEE-FFFFFF`);
  });

  it('leads whoever has a browser to its door, and says of a bucket what opens it beside the key', () => {
    expect(kitPage(facts)).toContain('<b>Restore from a backup I have</b>');
    expect(kitPage(facts)).not.toContain('--credentials-file');
    const ofBucket = kitPage({ ...facts, location: 's3://bucket/trinity?region=eu-west-1' });
    expect(ofBucket).toContain(`--vault 's3://bucket/trinity?region=eu-west-1' --credentials-file FILE`);
    expect(ofBucket).toContain('have its access key at hand');
    expect(ofBucket).not.toContain('connect the disk');
  });

  it('loads nothing, runs nothing, and lets no name become markup', () => {
    const page = kitPage(facts);
    expect(page).not.toMatch(/<script|https?:|src=|href=|url\(|@import|<old>/);
    expect(page).toContain(`default-src 'none'`);
  });
});
