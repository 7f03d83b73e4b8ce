/** `hostp2pd/wpa`: the control interface of wpa_supplicant and hostapd. See native-notes/control-interface.md. */
export { ERROR_CODES, type ErrorCode, HostP2pError } from '../system/errors.js';
export * as command from './command.js';
export {
  CommandRefusedError,
  ControlInterface,
  type ControlListener,
  type ControlOptions,
  type EventNamed,
  FailureEventError,
  type WaitOptions,
} from './control-interface.js';
export {
  EVENT_NAMES,
  type EventFields,
  type EventName,
  type EventOf,
  type KnownEvent,
  parseEvent,
  type UnknownEvent,
  type WpaEvent,
} from './event.js';
export { printfDecode, printfDecodeHex } from './fields.js';
export {
  type NetworkProfile,
  parseInterfaces,
  parseKeyValues,
  parseNetworks,
  parseScanResults,
  parseStation,
  parseStationCounters,
  parseStatus,
  type ScanResult,
  type StationCounters,
  type StationReply,
  type Status,
} from './reply.js';
export {
  deviceKind,
  p2pStatusText,
  type Refusal,
  refusalOf,
  replyText,
  wpsErrorText,
} from './status-words.js';
