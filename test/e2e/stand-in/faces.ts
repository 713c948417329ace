import { EventEmitter } from 'node:events';
import { listen, nextId, say } from './channel.ts';
import { app, assertReady } from './system.ts';
import type { DialogFacts, MenuItemFacts } from './messages.ts';

type Template = Readonly<{
  label?: string;
  type?: string;
  enabled?: boolean;
  click?: () => void;
  submenu?: readonly Template[];
}>;

/** What a click on an item does, by its id. */
const clicks = new Map<number, () => void>();

export class Menu {
  readonly items: readonly MenuItemFacts[];

  private constructor(items: readonly MenuItemFacts[]) {
    this.items = items;
  }

  static buildFromTemplate(template: readonly Template[]): Menu {
    return new Menu(template.map(itemOf));
  }

  static setApplicationMenu(): void {
    // There is nothing of it to be seen here.
  }
}

function itemOf({ label = '', type, enabled = true, click, submenu }: Template): MenuItemFacts {
  const id = nextId();
  if (click !== undefined) clicks.set(id, click);
  return {
    id,
    label,
    type: type ?? (submenu === undefined ? 'normal' : 'submenu'),
    isEnabled: enabled,
    items: (submenu ?? []).map(itemOf),
  };
}

export const nativeImage = {
  createFromPath: (file: string) => ({ file, setTemplateImage: () => undefined }),
};

type Image = ReturnType<typeof nativeImage.createFromPath>;

export class Tray extends EventEmitter {
  #icon: string;
  #tooltip = '';
  #menu: readonly MenuItemFacts[] = [];

  constructor(image: Image) {
    super();
    assertReady('Tray');
    this.#icon = image.file;
    listen((message) => void (message.tell === 'tray click' && this.emit('click')));
    this.#tell();
  }

  setImage(image: Image): void {
    this.#icon = image.file;
    this.#tell();
  }

  setToolTip(text: string): void {
    this.#tooltip = text;
    this.#tell();
  }

  setContextMenu(menu: Menu): void {
    this.#menu = menu.items;
    this.#tell();
  }

  destroy(): void {
    say({ say: 'tray', tray: null });
  }

  #tell(): void {
    say({ say: 'tray', tray: { icon: this.#icon, tooltip: this.#tooltip, menu: this.#menu } });
  }
}

listen((message) => {
  if (message.tell === 'click') clicks.get(message.itemId)?.();
});

type NoticeOptions = Readonly<{
  title: string;
  body: string;
  actions?: readonly Readonly<{ text: string }>[];
}>;

export class Notification extends EventEmitter {
  readonly #id = nextId();
  readonly #options: NoticeOptions;

  constructor(options: NoticeOptions) {
    super();
    assertReady('Notification');
    this.#options = options;
    listen((message) => {
      if (message.tell !== 'notice click' || message.noticeId !== this.#id) return;
      if (message.button === null) this.emit('click', {});
      else this.emit('action', { actionIndex: message.button }, message.button);
    });
  }

  static isSupported(): boolean {
    return true;
  }

  show(): void {
    const { title, body, actions = [] } = this.#options;
    say({
      say: 'notice',
      notice: { id: this.#id, title, body, buttons: actions.map(({ text }) => text) },
    });
  }

  close(): void {
    say({ say: 'notice gone', noticeId: this.#id });
    this.emit('close', {});
  }
}

type Answer = Readonly<{ button: number; paths: readonly string[] }>;

async function ask(dialog: DialogFacts): Promise<Answer> {
  assertReady('dialog');
  const dialogId = nextId();
  const { promise, resolve } = Promise.withResolvers<Answer>();
  listen((message) => {
    if (message.tell === 'answer' && message.dialogId === dialogId) resolve(message);
  });
  say({ say: 'dialog', dialogId, dialog });
  return await promise;
}

type Options = Readonly<{
  title?: string;
  message?: string;
  detail?: string;
  buttons?: readonly string[];
}>;

export const dialog = {
  showMessageBox: async ({ message = '', detail = '', buttons = [] }: Options) => {
    const { button } = await ask({ kind: 'message', message, detail, buttons });
    return { response: button, checkboxChecked: false };
  },
  showOpenDialog: async ({ title = '' }: Options) => {
    const { paths } = await ask({ kind: 'open', message: title, detail: '', buttons: [] });
    return { canceled: paths.length === 0, filePaths: paths };
  },
  showSaveDialog: async ({ title = '' }: Options) => {
    const { paths } = await ask({ kind: 'save', message: title, detail: '', buttons: [] });
    return { canceled: paths.length === 0, filePath: paths[0] ?? '' };
  },
  showErrorBox: (message: string, detail: string): void => {
    // As on Linux.
    if (!app.isReady()) process.stderr.write(`${message}\n${detail}\n`);
    else
      say({
        say: 'dialog',
        dialogId: nextId(),
        dialog: { kind: 'error', message, detail, buttons: [] },
      });
  },
};
