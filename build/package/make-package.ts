import { Arch, build, Platform } from 'electron-builder';
import { projectFolder } from '../entries.ts';
import { type PackageFolders, packageConfig } from './config.ts';

/** Makes the installers for this system, or for a look only the folder that they would install. */
export async function makePackage(
  folders: PackageFolders,
  isFolderOnly: boolean,
): Promise<readonly string[]> {
  const targets = Platform.current().createTarget(isFolderOnly ? 'dir' : undefined, archOfProcess());
  return await build({
    projectDir: projectFolder,
    targets,
    config: packageConfig(folders),
    publish: 'never',
  });
}

function archOfProcess(): Arch {
  return process.arch === 'arm64' ? Arch.arm64 : Arch.x64;
}
