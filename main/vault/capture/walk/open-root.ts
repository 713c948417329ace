import { AppError, hasCode } from '../../../../shared/lib/app-error.ts';
import { openFolderAt } from './open-folder.ts';

/** Opens the folder to be walked; says plainly why it cannot. */
export function openRoot(root: string): number {
  try {
    return openFolderAt(root);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) {
      throw new AppError(
        'not-found',
        `The folder ${root} is not there. Check the path, or mount what should be there.`,
      );
    }
    if (hasCode(error, 'ENOTDIR', 'ELOOP')) {
      throw new AppError('failed', `${root} is not a folder. Name the folder itself, not a link to it.`);
    }
    if (hasCode(error, 'EACCES', 'EPERM')) {
      throw new AppError(
        'failed',
        `The folder ${root} may not be read. Run as a user who may, or give the right.`,
      );
    }
    throw error;
  }
}
