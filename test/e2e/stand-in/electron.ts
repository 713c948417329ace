// What `electron` is resolved to where the built desktop application runs in Node: as much of it as the application uses. Windows are
// real pages, kept by the driver at the other end of this process's channel.
export { app, powerMonitor, powerSaveBlocker, safeStorage, screen, shell } from './system.ts';
export { dialog, Menu, nativeImage, Notification, Tray } from './faces.ts';
export { BaseWindow, BrowserWindow, ipcMain, protocol, session } from './windows.ts';
export { utilityProcess } from './processes.ts';
