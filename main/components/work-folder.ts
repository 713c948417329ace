/** Folders of ours in which a restore stages and parks: beside or inside live folders, named so that no two restores meet. */
export const workFolderPrefix = '.trinity-backup-';

export function workFolderName(restoreId: string, component: string): string {
  return `${workFolderPrefix}${restoreId}-${component}`;
}

const digit = '[0-9a-f]';

/** Leaves our folders at the top of a source out of its copy: what a killed restore left is no data. */
export const workFolderExclude = `/${workFolderPrefix}${digit.repeat(12)}-*/`;

const pattern = new RegExp(`^\\.trinity-backup-${digit}{12}-`, 'u');

export function isWorkFolderName(name: string): boolean {
  return pattern.test(name);
}
