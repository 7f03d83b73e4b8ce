import { isWellKnownPin } from '../config/known-pins.js';
import { RANDOM_PIN } from '../config/text-values.js';
import { NO_DNSMASQ, serverFor } from '../doctor/checks/addressing.js';
import { judgeAll } from '../doctor/checks.js';
import type { Facts } from '../doctor/facts.js';
import { servesRadio } from '../doctor/supplicant-service.js';
import { HostP2pError } from '../system/errors.js';
import { isMissing, type Missing } from '../system/missing.js';
import { quoted } from '../system/values.js';
import { choosesButton, parseConfigMethods } from '../wpa/reply.js';
import { type Admission, type Answers, type GivenAnswers, nameFrom, nameProblem } from './answers.js';
import type { Change } from './edit-settings.js';
import { type Survey, serviceOf, unitState } from './survey.js';

/** From the present settings to the answers that are suggested, and from the answers to the settings. */

/**
 * The answers that are given, and the default for each other: the present setting if the service is set up, else what is recommended.
 * @throws {HostP2pError} STATE if a present setting cannot be known
 */
export function defaultAnswers(survey: Survey, given: GivenAnswers = {}): Answers {
  const { settings } = survey.facts.configuration;
  const state = unitState(survey, serviceOf(survey));
  const isSetUp = state.enabled || state.active;
  return {
    name: settings.config_parms['device_name'] ?? nameFrom(survey.hostName),
    addresses: !isSetUp || settings.addressing !== 'none',
    share: settings.share_internet,
    country: null,
    ...given,
    admission: given.admission ?? presentAdmission(survey.facts, isSetUp),
  };
}

function presentAdmission(facts: Facts, isSetUp: boolean): Admission {
  const { settings } = facts.configuration;
  // Until the service is set up, wpa_supplicant's config_methods say nothing about what the user wants.
  const isButton = isSetUp ? usesButton(facts) : settings.pbc_in_use;
  if (isMissing(isButton))
    throw new HostP2pError(
      'STATE',
      `setup: how phones join now is not known, because ${isButton.missing}: choose with --admission random, pin or button`,
    );
  if (isButton) return 'button';
  return isOwnPin(settings.pin) ? { pin: settings.pin } : 'random';
}

/** Whether phones join by button with the present settings. Without `pbc_in_use`, wpa_supplicant's `config_methods` decides. */
function usesButton({ configuration: { settings }, device: { reported } }: Facts): boolean | Missing {
  if (settings.pbc_in_use !== null) return settings.pbc_in_use;
  const methods = settings.config_parms['config_methods'];
  if (methods !== undefined) return choosesButton(parseConfigMethods(methods));
  if (isMissing(reported)) return reported;
  return choosesButton(parseConfigMethods(reported.configMethods ?? ''));
}

/** Somebody has chosen it. One of four digits is weaker than setup lets anybody choose, but it may be in use. */
function isOwnPin(pin: string): boolean {
  return /^\d{4}(?:\d{4})?$/.test(pin) && !isWellKnownPin(pin);
}

/** Whether the user has to say the country. */
export function needsCountry({ facts }: Survey): boolean {
  if (facts.configuration.settings.config_parms['country'] !== undefined) return false;
  return judgeAll(facts).some(({ check, level }) => check === 'country' && level !== 'ok');
}

/** Why the answers cannot be carried out, with what to do; null: they can. */
export function answersProblem(survey: Survey, answers: Answers): string | null {
  // The name of the box in the configuration may be longer than that of a group.
  const problem = nameProblem(answers.name);
  if (problem !== undefined)
    return `the name ${quoted(answers.name)}: ${problem}; choose another one by --name`;
  const isShared = answers.share !== 'off';
  if (isShared && !answers.addresses)
    return 'phones need addresses to share the internet: --addresses yes, or --share-internet off';
  if (isShared && !survey.hasNft)
    return 'nft, which shares the internet, is not installed: sudo apt install nftables, or --share-internet off';
  if (!answers.addresses) return null;
  const { message, debianPackage } = NO_DNSMASQ;
  if (serverFor(survey.facts) === null)
    return `${message}: sudo apt install ${debianPackage}, or --addresses no`;
  return null;
}

/** The type of the box in the list of a phone: an access point. */
const DEVICE_TYPE = '6-0050F204-1';

/** The settings that differ from the answers, and those that this host needs. */
export function settingChanges(survey: Survey, answers: Answers): Change[] {
  const { facts, radio, otherAddress } = survey;
  const { settings } = facts.configuration;
  const { config_parms } = settings;
  const { name, admission, share, country } = answers;
  // Beside the button, a PIN of the user's own stays.
  const kept = admission === 'button' && isOwnPin(settings.pin) ? settings.pin : RANDOM_PIN;
  const pin = typeof admission === 'string' ? kept : admission.pin;
  const addressing = answers.addresses ? serverFor(facts) : 'none';
  const hasOwnName = settings.ssid_postfix !== null || settings.network_parms.length > 0;
  // One whose sockets are hidden may serve it.
  const mayServe = facts.supplicant.processes.filter(
    (process) => process.sockets === null || servesRadio(process, radio),
  );
  const hasFile = mayServe.some(({ started }) =>
    started.some(({ configFile, deviceFile }) => configFile !== null || deviceFile !== null),
  );
  const wanted: readonly (Change | false)[] = [
    // A module that gives PINs is the user's own choice.
    settings.pin_module === null && settings.pin !== pin && { path: ['pin'], value: pin },
    usesButton(facts) !== (admission === 'button') && {
      path: ['pbc_in_use'],
      value: admission === 'button',
    },
    !hasOwnName && { path: ['ssid_postfix'], value: `-${name}` },
    config_parms['device_name'] !== name && { path: ['config_parms', 'device_name'], value: name },
    config_parms['device_type'] === undefined && {
      path: ['config_parms', 'device_type'],
      value: DEVICE_TYPE,
    },
    country !== null &&
      config_parms['country'] !== country && { path: ['config_parms', 'country'], value: country },
    // Nothing can be saved without a file.
    facts.device.name !== null &&
      !hasFile &&
      settings.save_config_enabled && { path: ['save_config_enabled'], value: false },
    addressing !== null && settings.addressing !== addressing && { path: ['addressing'], value: addressing },
    settings.share_internet !== share && { path: ['share_internet'], value: share },
    answers.addresses && otherAddress !== null && { path: ['group_address'], value: otherAddress },
  ];
  return wanted.filter((change) => change !== false);
}
