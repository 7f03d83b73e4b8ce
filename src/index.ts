/** The public face of the library: what packaging/docs/library.md documents. Importing it has no effect but loading code. */
export type { Settings } from './config/schema.js';
export type { AdmissionView } from './host/admission-view.js';
export type { Listener } from './host/event-hub.js';
export { HostP2pD } from './host/host.js';
export type { HostP2pDOptions, PairOptions } from './host/options.js';
export type { PeerView, SessionEvent, SessionEventName, SessionEventOf } from './host/public-event.js';
export type { StatisticsView } from './host/statistics.js';
export type {
  AddressesView,
  InternetView,
  LeaseView,
  NoGroupView,
  StationDetail,
  StatusView,
} from './host/status.js';
export type { Logger, LogLevel } from './logging/logger.js';
export type { PairingMethod } from './session/model.js';
export type {
  ClientView,
  EnrolmentView,
  GroupView,
  PairingView,
  StationView,
} from './session/session-event.js';
export { ERROR_CODES, type ErrorCode, HostP2pError } from './system/errors.js';
export { version } from './system/version.js';
export type { WpaEvent } from './wpa/event.js';
