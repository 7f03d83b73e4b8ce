import { HIDDEN, isSecretField, redact } from '../system/secrets.js';
import { isKnownEvent } from './event.js';

/**
 * What logs and recordings show of the dialogue with wpa_supplicant. Requests and events that help to find a fault are shown; the
 * secrets in them have a known form ({@link redact}). Of all others there is the name alone: wpa_supplicant has hundreds, some with
 * keys and passwords, and each version adds some.
 */

const SHOWN_REQUESTS: ReadonlySet<string> = new Set(
  [
    'PING ATTACH DETACH LEVEL STATUS INTERFACES IFNAME GET GET_CAPABILITY SET SAVE_CONFIG RECONFIGURE',
    'SCAN SCAN_RESULTS BSS BSS_FLUSH SIGNAL_POLL DRIVER_FLAGS CHAN_SWITCH WFD_SUBELEM_SET WFD_SUBELEM_GET',
    'ADD_NETWORK REMOVE_NETWORK SET_NETWORK GET_NETWORK LIST_NETWORKS SELECT_NETWORK ENABLE_NETWORK DISABLE_NETWORK',
    'CONNECT DISCONNECT RECONNECT REASSOCIATE STA STA-FIRST STA-NEXT DEAUTHENTICATE DISASSOCIATE',
    'P2P_FIND P2P_STOP_FIND P2P_LISTEN P2P_EXT_LISTEN P2P_FLUSH P2P_CANCEL P2P_INVITE P2P_PEER P2P_CONNECT',
    'P2P_GROUP_ADD P2P_GROUP_REMOVE P2P_GROUP_MEMBER P2P_GET_PASSPHRASE P2P_PROV_DISC P2P_REJECT P2P_SET',
    'P2P_REMOVE_CLIENT P2P_UNAUTHORIZE P2P_PRESENCE_REQ WPS_PBC WPS_CANCEL WPS_PIN',
  ].flatMap((names) => names.split(' ')),
);

/** Their replies hold the PIN or the passphrase, without a known form. */
const SECRET_REPLIES: ReadonlySet<string> = new Set(['WPS_PIN', 'P2P_CONNECT', 'P2P_GET_PASSPHRASE']);

/** `STATUS-DRIVER` is a kind of `STATUS`. */
const NAME = /^(?:IFNAME=\S+ )?((?:STATUS(?=-[A-Z]+))|[A-Z][A-Z0-9_-]*)/;
/** What asks for one value. */
const VALUE = /^(?:IFNAME=\S+ )?(?:GET|GET_NETWORK +\S+) +(\S+)$/;

/** A reply with nothing to hide. A passphrase can begin with these words. */
const BARE_REPLY = /^(?:OK|FAIL(?:-[A-Z-]+)?|UNKNOWN COMMAND)?\s*$/;

/** A request as it may be shown, but for secrets of a known form. */
export function shownRequest(request: string): string {
  const [found = '', name = ''] = NAME.exec(request) ?? [];
  return SHOWN_REQUESTS.has(name) || request === found ? request : `${found} ${HIDDEN}`.trim();
}

/** The reply to a request in the same way. */
export function shownReply(request: string, reply: string): string {
  const [, name = ''] = NAME.exec(request) ?? [];
  const [, field = ''] = VALUE.exec(request) ?? [];
  const hides = !SHOWN_REQUESTS.has(name) || SECRET_REPLIES.has(name) || isSecretField(field);
  return hides && !BARE_REPLY.test(reply) ? HIDDEN : reply;
}

/** Events without a parser that are shown. */
const SHOWN_EVENTS = /^(?:P2PS?|AP|CTRL-EVENT|WPS|DFS|ACS|EAPOL|STA|INTERFACE|RX|RRM)-/;
/** A credential, the PIN of an access point, and the notification of a server in words of its own. */
const HIDDEN_EVENTS = /^(?:WPS-(?:CRED|NEW-AP|ER|AP-PIN)|CTRL-EVENT-EAP-(?:NOTIFICATION|PEER))/;
/** The name of an event. Other texts are messages in words. */
const EVENT_NAME = /^[A-Z][A-Z0-9]*(?:[-_][A-Z0-9_]+)+(?![\w-])/;
/** The copy of a request, which clients at the level of debug messages receive. */
const COPY = /^(Control interface command ')(.*)(')$/s;

/** The text of an event, without `<N>`, as it may be shown, but for secrets of a known form. */
export function shownEvent(text: string): string {
  const [, before = '', request, after = ''] = COPY.exec(text) ?? [];
  if (request !== undefined) return before + shownRequest(request) + after;
  const [name] = EVENT_NAME.exec(text) ?? [];
  if (name === undefined || name.length === text.trimEnd().length) return text;
  const shown = isKnownEvent(name) || (SHOWN_EVENTS.test(name) && !HIDDEN_EVENTS.test(name));
  return shown ? text : `${name} ${HIDDEN}`;
}

/** Whether nothing of the event has to be hidden. */
export function isOpenEvent(text: string): boolean {
  return redact(shownEvent(text)) === text;
}

/** `wpa group REQUEST`, or the same as an expression. */
const TYPED_REQUEST = /\bwpa\b[^A-Z]*([A-Z].*)/s;

/** Whether a line that a person has typed has a request with something to hide. */
export function hidesTypedRequest(line: string): boolean {
  const [, request = ''] = TYPED_REQUEST.exec(line) ?? [];
  return redact(shownRequest(request)) !== request;
}
