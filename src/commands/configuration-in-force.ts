import { openSettings } from '../config/load.js';
import type { ConfigurationSource } from '../config/source.js';
import type { RunningConfiguration } from '../doctor/gather/configuration-in-use.js';
import type { HostP2pD } from '../host/host.js';
import type { JsonValue } from './command.js';

/** Null until the session has read its configuration. */
export function configurationInForce(host: HostP2pD): RunningConfiguration | null {
  const { configuration } = host;
  if (configuration === null) return null;
  const { source, given, settings, logging } = configuration;
  return {
    interface: host.status.interface,
    uid: process.geteuid?.() ?? -1,
    folder: host.folder,
    source,
    given,
    settings: openSettings(settings),
    logging: { ...logging },
  };
}

/** Reads the answer of another process; null where it is something else. The settings are not validated yet. */
export function parseConfigurationInForce(answer: JsonValue): RunningConfiguration | null {
  if (!isMap(answer)) return null;
  const { interface: name = null, uid, folder, source, given, settings, logging } = answer;
  const from = sourceOf(source);
  if (from === null || typeof uid !== 'number' || typeof folder !== 'string') return null;
  if ((name !== null && typeof name !== 'string') || !isList(given)) return null;
  if (!isMap(settings) || !isMap(logging)) return null;
  const keys = given.filter((key) => typeof key === 'string');
  return { interface: name, uid, folder, source: from, given: keys, settings, logging };
}

function sourceOf(value: JsonValue | undefined): ConfigurationSource | null {
  const { kind, path } = isMap(value) ? value : {};
  if (kind === 'stdin' || kind === 'defaults') return { kind };
  return kind === 'file' && typeof path === 'string' ? { kind, path } : null;
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isMap(value: JsonValue | undefined): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !isList(value);
}
