import { Menu, type MenuItemConstructorOptions, nativeImage, Tray } from 'electron';
import { assertNever } from '../../../shared/lib/assert-never.ts';
import type { StateShape } from '../../../shared/model/status.ts';
import type { TrayMenuPort } from '../../app/tray/tray-controller.ts';
import type { TrayDeed, TrayItem } from '../../app/tray/tray-model.ts';

export type TrayParts = Readonly<{
  /** The picture of a shape. */
  iconFile: (shape: StateShape) => string;
  onDeed: (deed: TrayDeed) => void;
}>;

/**
 * The tray, made with its first model. A click opens the window where the desktop leaves clicks to us: on macOS it has opened the menu by
 * then, and is told all the same.
 */
export function systemTray({ iconFile, onDeed }: TrayParts): TrayMenuPort {
  let tray: Tray | undefined;
  const make = (icon: ReturnType<typeof nativeImage.createFromPath>): Tray => {
    const made = new Tray(icon);
    if (process.platform !== 'darwin') made.on('click', () => onDeed({ do: 'open' }));
    return made;
  };
  return {
    show: ({ shape, tooltip, items }) => {
      const icon = nativeImage.createFromPath(iconFile(shape));
      tray ??= make(icon);
      tray.setImage(icon);
      tray.setToolTip(tooltip);
      tray.setContextMenu(Menu.buildFromTemplate(items.map((item) => templateOf(item, onDeed))));
    },
  };
}

function templateOf(item: TrayItem, onDeed: (deed: TrayDeed) => void): MenuItemConstructorOptions {
  switch (item.kind) {
    case 'line':
      return { type: 'separator' };
    case 'text':
      return { label: item.label, enabled: false };
    case 'menu':
      return { label: item.label, submenu: item.items.map((each) => templateOf(each, onDeed)) };
    case 'deed':
      return { label: item.label, enabled: item.isEnabled, click: () => onDeed(item.deed) };
    default:
      return assertNever(item);
  }
}
