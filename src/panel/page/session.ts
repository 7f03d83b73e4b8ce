import type { PanelAction } from '../actions.js';
import type { PageSetup } from '../document.js';
import type { TextKey, Texts } from '../texts.js';
import type { PanelView } from '../view.js';

/** What the document tells the script. */
export const setup: PageSetup & { readonly texts: Texts } = JSON.parse(
  document.getElementById('setup')?.textContent ?? '{}',
);

/** A text in the language of the page, with its values. */
export function say(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  return setup.texts[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

// Kept for this tab only. A header and no cookie: no other site can make the browser send it.
const KEY = 'hostp2pd token';

export function storedToken(): string | null {
  return sessionStorage.getItem(KEY);
}

export function storeToken(token: string | null): void {
  if (token === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
}

function authorization(token: string | null): Record<string, string> {
  // Other characters cannot be in a header; they are in no token either.
  return token !== null && /^[\x21-\x7e]+$/.test(token) ? { authorization: `Bearer ${token}` } : {};
}

export type Outcome =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  /** `token`: the server does not accept it. */
  | { readonly ok: false; readonly token: boolean; readonly text: string };

/** Asks the panel to do something. */
export async function act(action: PanelAction, token: string | null): Promise<Outcome> {
  try {
    const response = await fetch('/actions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization(token) },
      body: JSON.stringify(action),
    });
    const value = await response.json();
    if (response.ok) return { ok: true, value };
    const { message, retrySeconds } = value.error;
    if (response.status === 401) return { ok: false, token: true, text: say('wrongToken') };
    if (response.status === 429)
      return { ok: false, token: true, text: say('tooManyTries', { seconds: retrySeconds }) };
    return { ok: false, token: false, text: say('failed', { reason: message }) };
  } catch {
    return { ok: false, token: false, text: say('offline') };
  }
}

/** The panel sends a view every few seconds. */
const SILENT_MS = 15_000;
const AGAIN_MS = [500, 1_000, 2_000, 4_000];

type Heard = { readonly view: PanelView; readonly at: number } | 'offline' | 'locked';

/** Follows the views until the page ends. After a loss of the connection it begins again by itself. */
export async function follow(
  hear: (heard: Heard) => void,
  token: string | null,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    const silent = new AbortController();
    let timer = setTimeout(() => silent.abort(), SILENT_MS);
    try {
      const response = await fetch('/live', {
        headers: authorization(token),
        signal: AbortSignal.any([signal, silent.signal]),
      });
      if (response.status === 401 || response.status === 429) return hear('locked');
      if (!response.ok || response.body === null) throw new Error(response.statusText);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        clearTimeout(timer);
        timer = setTimeout(() => silent.abort(), SILENT_MS);
        failures = 0;
        text += part.value;
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        const last = blocks.at(-1);
        if (last === undefined) continue;
        const view: PanelView = JSON.parse(last.slice('data: '.length));
        if (view.version !== setup.version) location.reload();
        hear({ view, at: performance.now() });
      }
    } catch {
      // Told below.
    }
    clearTimeout(timer);
    if (signal.aborted) return;
    hear('offline');
    await new Promise((done) => setTimeout(done, AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)]));
  }
}
