import fs from 'node:fs';
import { hasCode } from '../../../../shared/lib/app-error.ts';

/** Mount points strictly below a folder (a real path), and the folder itself when something is mounted on it. */
export function mountsBelow(folder: string): readonly string[] {
  return mountPoints().filter((mount) => mount === folder || mount.startsWith(`${folder}/`));
}

function mountPoints(): readonly string[] {
  try {
    return parseMounts(fs.readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch (error) {
    // Only Linux has it; elsewhere a rename that cannot cross fails by itself and is undone.
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** The mount points that a text of /proc/self/mountinfo names. */
export function parseMounts(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const point = line.split(' ')[4];
    return point === undefined ? [] : [unescapeOctal(point)];
  });
}

function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/gu, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
