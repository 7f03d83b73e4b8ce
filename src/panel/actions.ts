import { parseAddress } from '../system/mac-address.js';
import { isRecord } from '../system/values.js';

/** What an operator can do on the page, and the command of the control socket that does it. */
export type PanelAction =
  /** Only checks the token. */
  | { readonly action: 'check' }
  | { readonly action: 'known' }
  | { readonly action: 'button' }
  | { readonly action: 'pin' }
  | { readonly action: 'stop' }
  | { readonly action: 'enterPin'; readonly device: string; readonly pin: string }
  | { readonly action: 'disconnect'; readonly device: string }
  | { readonly action: 'forget'; readonly device: string };

/** Reads the body of a request; null where it is no action. A device is always given by its address. */
export function parseAction(body: string): PanelAction | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const { action, device: word, pin } = value;
  const device = typeof word === 'string' ? parseAddress(word) : null;
  switch (action) {
    case 'check':
    case 'known':
    case 'button':
    case 'pin':
    case 'stop':
      return { action };
    case 'disconnect':
    case 'forget':
      return device === null ? null : { action, device };
    case 'enterPin':
      return device === null || typeof pin !== 'string' || !/^\d{4}(?:[- ]?\d{4})?$/.test(pin)
        ? null
        : { action, device, pin: pin.replace(/[- ]/, '') };
    default:
      return null;
  }
}

/** The command and its words; null where none is needed. */
export function commandOf(
  action: Exclude<PanelAction, { readonly action: 'check' | 'known' }>,
): readonly [string, ...string[]] {
  switch (action.action) {
    case 'button':
      return ['pair', 'pbc'];
    case 'pin':
      return ['pair', 'pin'];
    case 'stop':
      return ['pair', 'stop'];
    case 'enterPin':
      return ['pin', action.device, action.pin];
    case 'disconnect':
    case 'forget':
      return [action.action, action.device];
  }
}
