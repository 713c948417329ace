import { dialog } from 'electron';
import type { DesktopPort } from '../../app/desktop-port.ts';
import type { QuitChoice, QuitQuestion } from '../../app/quit/quit-question.ts';

/** Asks; the first choice is what Enter takes, the last what Escape takes. */
export async function askQuit({ message, detail, choices }: QuitQuestion): Promise<QuitChoice> {
  const { response } = await dialog.showMessageBox({
    type: 'question',
    title: 'Trinity Backup',
    message,
    detail,
    buttons: choices.map(({ label }) => label),
    defaultId: 0,
    cancelId: choices.length - 1,
    noLink: true,
  });
  return choices[response]?.choice ?? 'stay';
}

/** One sentence that has to be read. */
export async function tell(message: string, detail: string): Promise<void> {
  await dialog.showMessageBox({ type: 'warning', title: 'Trinity Backup', message, detail, buttons: ['OK'] });
}

export const chooseFolder: DesktopPort['chooseFolder'] = async (title) => {
  const { filePaths } = await dialog.showOpenDialog({
    title,
    properties: ['openDirectory', 'createDirectory'],
  });
  return filePaths[0];
};

export const chooseFile: DesktopPort['chooseFile'] = async (title, name) => {
  const { canceled, filePath } = await dialog.showSaveDialog({ title, defaultPath: name });
  return canceled ? undefined : filePath;
};
