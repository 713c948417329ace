/** A frame that sent something, as the browser knows it. */
export type FrameFacts = Readonly<{ windowId: number; isMainFrame: boolean; url: string }>;

export type MenuItemFacts = Readonly<{
  id: number;
  label: string;
  type: string;
  isEnabled: boolean;
  items: readonly MenuItemFacts[];
}>;

export type TrayFacts = Readonly<{ icon: string; tooltip: string; menu: readonly MenuItemFacts[] }>;

export type NoticeFacts = Readonly<{ id: number; title: string; body: string; buttons: readonly string[] }>;

export type DialogFacts = Readonly<{
  kind: 'message' | 'open' | 'save' | 'error';
  message: string;
  detail: string;
  buttons: readonly string[];
}>;

/** What the application, on the stand-in, says to whoever drives it. */
export type FromApplication =
  | Readonly<{
      say: 'window';
      windowId: number;
      preload: string;
      preferences: Readonly<Record<string, unknown>>;
      bounds: Readonly<Record<string, unknown>>;
    }>
  | Readonly<{ say: 'load'; windowId: number; url: string }>
  | Readonly<{ say: 'close'; windowId: number }>
  | Readonly<{ say: 'show'; windowId: number }>
  | Readonly<{ say: 'send'; windowId: number; channel: string; args: readonly unknown[] }>
  | Readonly<{ say: 'invoked'; callId: number; value?: unknown; problem?: string }>
  | Readonly<{
      say: 'served';
      requestId: number;
      status: number;
      headers: Readonly<Record<string, string>>;
      body: Uint8Array;
    }>
  | Readonly<{ say: 'tray'; tray: TrayFacts | null }>
  | Readonly<{ say: 'notice'; notice: NoticeFacts }>
  | Readonly<{ say: 'notice gone'; noticeId: number }>
  | Readonly<{ say: 'dialog'; dialogId: number; dialog: DialogFacts }>
  | Readonly<{ say: 'fact'; name: string; value: unknown }>
  | Readonly<{ say: 'decided'; askId: number; isPrevented: boolean }>
  | Readonly<{ say: 'policy'; askId: number; value: unknown }>;

/** And what it is told. */
export type ToApplication =
  | Readonly<{ tell: 'loaded'; windowId: number }>
  | Readonly<{ tell: 'closed'; windowId: number }>
  | Readonly<{
      tell: 'invoke';
      callId: number;
      frame: FrameFacts | null;
      channel: string;
      args: readonly unknown[];
    }>
  | Readonly<{ tell: 'sent'; frame: FrameFacts | null; channel: string; args: readonly unknown[] }>
  | Readonly<{ tell: 'request'; requestId: number; url: string; method: string }>
  | Readonly<{ tell: 'click'; itemId: number }>
  | Readonly<{ tell: 'tray click' }>
  | Readonly<{ tell: 'notice click'; noticeId: number; button: number | null }>
  | Readonly<{ tell: 'answer'; dialogId: number; button: number; paths: readonly string[] }>
  | Readonly<{
      tell: 'app event';
      name: 'second-instance' | 'activate' | 'before-quit';
      argv: readonly string[];
    }>
  | Readonly<{ tell: 'power'; name: string }>
  | Readonly<{ tell: 'navigate'; askId: number; windowId: number; name: string; url: string }>
  /** Where the page of a window is now. */
  | Readonly<{ tell: 'at'; windowId: number; url: string }>
  | Readonly<{ tell: 'permission'; askId: number; permission: string; url: string; isMainFrame: boolean }>;
