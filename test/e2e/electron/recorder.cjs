// Loaded into real Electron before the application (`-r`): what a desktop shows and asks is recorded, since nobody can click there.
const {
  app,
  dialog,
  nativeImage,
  Notification,
  powerSaveBlocker,
  protocol,
  shell,
  Tray,
  utilityProcess,
} = require('electron');

const record = {
  electron: require('electron'),
  tray: null,
  notices: new Map(),
  dialogs: [],
  facts: {},
  lastId: 0,
};
globalThis.trinityRecord = record;

const nextId = () => (record.lastId += 1);

function also(target, name, seen) {
  const original = target[name];
  target[name] = function (...given) {
    seen(this, ...given);
    return original.apply(this, given);
  };
}

also(Tray.prototype, 'setContextMenu', (tray, menu) => (record.tray = { ...record.tray, tray, menu }));
also(Tray.prototype, 'setToolTip', (tray, tooltip) => (record.tray = { ...record.tray, tray, tooltip }));
const files = new WeakMap();
const createFromPath = nativeImage.createFromPath.bind(nativeImage);
nativeImage.createFromPath = (file) => {
  const image = createFromPath(file);
  files.set(image, file);
  return image;
};
also(Tray.prototype, 'setImage', (tray, image) => {
  record.tray = { ...record.tray, tray, icon: files.get(image) };
});
also(app, 'enableSandbox', () => (record.facts.isSandboxed = !app.isReady()));
also(protocol, 'registerSchemesAsPrivileged', (_, schemes) => {
  record.facts.schemes = app.isReady() ? 'too late' : schemes;
});
also(utilityProcess, 'fork', (_, _file, _args, { env = {} }) => {
  const names = Object.keys(env);
  record.facts.childEnvironment = names.length === 0 ? 'inherited' : names;
});
also(powerSaveBlocker, 'start', (_, type) => (record.facts.awake = type));
also(powerSaveBlocker, 'stop', () => (record.facts.awake = null));
shell.openPath = async (folder) => {
  record.facts.openedPath = folder;
  return '';
};

Notification.prototype.show = function () {
  this.recordedId ??= nextId();
  record.notices.set(this.recordedId, this);
};
Notification.prototype.close = function () {
  record.notices.delete(this.recordedId);
};

function ask(facts) {
  return new Promise((resolve) => record.dialogs.push({ id: nextId(), facts, resolve }));
}

dialog.showMessageBox = async (options) => {
  const { message = '', detail = '', buttons = [] } = options;
  const { button } = await ask({ kind: 'message', message, detail, buttons });
  return { response: button, checkboxChecked: false };
};
dialog.showOpenDialog = async ({ title = '' }) => {
  const { paths } = await ask({ kind: 'open', message: title, detail: '', buttons: [] });
  return { canceled: paths.length === 0, filePaths: paths };
};
dialog.showSaveDialog = async ({ title = '' }) => {
  const { paths } = await ask({ kind: 'save', message: title, detail: '', buttons: [] });
  return { canceled: paths.length === 0, filePath: paths[0] ?? '' };
};
