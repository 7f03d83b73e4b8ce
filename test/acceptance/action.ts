import { type Box, restartService, serviceOf, supplicantPid } from './box.js';
import { NotRun, poll, type Session } from './session.js';
import type { Action } from './steps.js';

/** What the box has done, and how that is undone. */
interface Performed {
  /** When it began, in milliseconds since 1970. */
  readonly began: number;
  /** Whether its effect can be seen. */
  readonly done: () => Promise<boolean>;
  readonly undo: () => Promise<void>;
}

/** In the 2.4 GHz band, allowed everywhere. */
const CHANNELS = [2412, 2437, 2462];
/** Beacons that announce a change of channel. */
const ANNOUNCEMENTS = '5';

/** Does the box's part of a step. @throws {NotRun} with the reason */
export async function perform(session: Session, action: Action | undefined): Promise<Performed> {
  const { box, person } = session;
  const nothing: Performed = { began: Date.now(), done: async () => true, undo: async () => {} };
  switch (action?.kind) {
    case undefined:
      return nothing;
    case 'admit':
      await admit(session, action.method);
      return nothing;
    case 'show-network':
      person.say((await box.command('qr')).text);
      return nothing;
    case 'switch-channel':
      return switchChannel(box);
    case 'restart':
      return action.what === 'hostp2pd' ? restartHostP2pD(session) : restartSupplicant(session);
  }
}

async function admit({ box, person }: Session, method: 'pin' | 'pbc'): Promise<void> {
  // hostp2pd keeps the former value behind the first word.
  const [offered = ''] = (await box.wpa('GET', 'config_methods')).split(' ');
  if (!offered.includes(method === 'pbc' ? 'push_button' : 'keypad')) {
    const other = method === 'pbc' ? 'PIN; pbc_in_use: true' : 'push button; pbc_in_use: false';
    throw new NotRun(`phones are admitted by ${other} in the configuration changes that`);
  }
  if (method === 'pin')
    person.say('  The PIN is that of the configuration. If hostp2pd makes a fresh one, it is shown here.');
}

async function switchChannel(box: Box): Promise<Performed> {
  const before = (await box.status()).group?.frequency ?? null;
  if (before === null || !CHANNELS.includes(before))
    throw new NotRun(`it needs a group at ${CHANNELS.join(', ')} MHz, got ${before ?? 'none'}`);
  const other = CHANNELS.find((frequency) => frequency !== before) ?? before;
  const switchTo = async (frequency: number): Promise<void> => {
    await box.wpa('group', 'CHAN_SWITCH', ANNOUNCEMENTS, String(frequency), 'ht');
  };
  const began = Date.now();
  await switchTo(other);
  return {
    began,
    done: async () => (await box.status()).group?.frequency === other,
    undo: () => switchTo(before),
  };
}

async function restartHostP2pD(session: Session): Promise<Performed> {
  const { box, person } = session;
  const { pid } = await box.status();
  const isNew = async () => (await box.status()).pid !== pid;
  const unit = serviceOf(pid);
  let began = Date.now();
  if (unit === null) {
    person.say(`  End hostp2pd (process ${pid}) now, and start it again in the way in which it was started.`);
    const ended = await poll(session, session.patienceSeconds, async () =>
      box.status().then(
        (status) => status.pid !== pid,
        () => true,
      ),
    );
    if (!ended) throw new NotRun('hostp2pd was not restarted');
    began = Date.now();
  } else {
    person.say(`  systemctl restart ${unit}`);
    await restartService(unit);
  }
  return { began, done: isNew, undo: async () => {} };
}

async function restartSupplicant({ box, person }: Session): Promise<Performed> {
  const pid = supplicantPid();
  const unit = pid === null ? null : serviceOf(pid);
  if (unit === null) throw new NotRun('it needs exactly one wpa_supplicant, which is a systemd service');
  const from = box.eventCount;
  const began = Date.now();
  person.say(`  systemctl restart ${unit}`);
  await restartService(unit);
  const lost = () =>
    box.events(from).some(({ event }) => event.type === 'detached' || event.type === 'groupRemoved');
  return {
    began,
    done: async () => lost() && (await box.status()).group !== null,
    undo: async () => {},
  };
}
