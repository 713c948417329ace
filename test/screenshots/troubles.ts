import { rename } from 'node:fs/promises';
import path from 'node:path';
import type { Application } from '../../main/app/application.ts';
import { RestoreSteps } from '../../main/backup/restore/restore-steps.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import { demoFolder } from './demo-home.ts';

/** Brings something about that is in the way of a person; what it gives takes that away again. */
export type Trouble = (application: Application) => Promise<() => Promise<void>>;

/** The key of this computer is gone. */
export const lockVault: Trouble = async ({ engine }) => {
  const { deviceKeyFile } = engine.home;
  await rename(deviceKeyFile, `${deviceKeyFile}-lost`);
  engine.forgetVault();
  return async () => {
    await rename(`${deviceKeyFile}-lost`, deviceKeyFile);
    engine.forgetVault();
  };
};

/** The disk of the vault is not mounted, nor is that of its copy. */
export const takeVaultAway: Trouble = async () => {
  const folders = ['vault', 'offsite'].map((name) => path.join(demoFolder, name));
  for (const folder of folders) await rename(folder, `${folder}-away`);
  return async () => {
    for (const folder of folders) await rename(`${folder}-away`, folder);
  };
};

/** The disk of Trinity is full as soon as a restore writes to it. */
export const failRestores: Trouble = async () => {
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its `this` below
  const { begin } = RestoreSteps.prototype;
  RestoreSteps.prototype.begin = function (this: RestoreSteps, name) {
    begin.call(this, name);
    if (name === 'put the data in place')
      throw new AppError('failed', 'The disk of Trinity is full. Make room on it, then try again.');
  };
  return await Promise.resolve(async () => {
    RestoreSteps.prototype.begin = begin;
    await Promise.resolve();
  });
};
