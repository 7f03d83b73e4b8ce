/** The library's face. Importing it has no effect but loading code. */
export { rivalOf } from './addressing/rival.js';
export { type AddressPlan, addressPlan } from './config/address-plan.js';
export {
  type Configuration,
  type ConfigurationReview,
  type ConfigurationSource,
  defaultConfiguration,
  loadConfiguration,
  openSettings,
  reviewConfiguration,
  reviewValues,
  type Surroundings,
} from './config/load.js';
export type { LoggingSettings } from './config/logging-section.js';
export { renamedTo } from './config/misplaced-key.js';
export { nearestName, type Problem } from './config/problem.js';
export { SETTINGS, type Settings } from './config/schema.js';
export { SEARCH_ORDER } from './config/source.js';
export {
  codeOf,
  ERROR_CODES,
  type ErrorCode,
  failureWithFix,
  HostP2pError,
  messageOf,
  stackOf,
} from './errors.js';
export { kindOf, readOwnFile, textOfFile } from './files/read-file.js';
export { replaceFile } from './files/replace-file.js';
export { HOOK_VARIABLES, HOOKS } from './hooks/hook-calls.js';
export {
  explainProgram,
  faultOfProgram,
  inspectProgram,
  type ProgramFacts,
  programPath,
} from './hooks/program-check.js';
export { askControl } from './host/ask-control.js';
export { eventsHeldBack } from './host/control-clients.js';
export { suitableInterfaces } from './host/direct-interface.js';
export type { Listener } from './host/event-hub.js';
export { type OwnFolders, ownFolders } from './host/folders.js';
export { HostP2pD } from './host/host.js';
export { managedByNetworkManager, NMCLI_STATES } from './host/network-manager.js';
export type { PairOptions, StationDetail } from './host/operations.js';
export type { HostP2pDOptions } from './host/options.js';
export type { StatisticsView } from './host/registers.js';
export type { Step } from './host/runner-parts.js';
export type { AddressesView, LeaseView, NoGroupView, StatusView } from './host/status.js';
export { neededRights } from './host/waiting.js';
export { BufferedLogger } from './logging/buffered.js';
export { LOG_LEVELS, type Logger, type LogLevel } from './logging/logger.js';
export { type LogOptions, type OpenLog, openLog } from './logging/open.js';
export { printable } from './logging/printable.js';
export { isSecretField, mayTellSecret, secrets, typesSecret } from './logging/redact.js';
export { parseAddress, parseWrittenAddress } from './mac-address.js';
export type { ClientView, PairingMethod } from './session/operator-command.js';
export type {
  EnrolmentView,
  GroupView,
  PairingView,
  PeerView,
  SessionEvent,
  SessionEventName,
  SessionEventOf,
  StationView,
} from './session/session-event.js';
export { type Clock, systemClock, type Timer } from './transport/clock.js';
export { DatagramError, type DatagramSender } from './transport/datagram.js';
export { inspectSocketFolder, RUNTIME_VARIABLE, runtimeFolders } from './transport/runtime-folder.js';
export { loadAddon, openUnixSender } from './transport/unix-datagram.js';
export { version } from './version.js';
export type { Outcome } from './wpa/channel.js';
export type { EventName, EventOf, WpaEvent } from './wpa/event.js';
export {
  isFailure,
  parseInterfaces,
  parseStationUse,
  parseStatus,
  type Status,
  stationUseText,
} from './wpa/reply.js';
export { parseShortOptions } from './wpa/short-options.js';
export { parseSupplicantArguments, type SupplicantArguments } from './wpa/supplicant-arguments.js';
export { parseValue, readNote, type Values } from './wpa/temporary-values.js';
