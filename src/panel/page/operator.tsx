import { useEffect, useState } from 'preact/hooks';
import type { PanelAction } from '../actions.js';
import type { PanelStation, PanelView } from '../view.js';
import { nameOf } from './parts.js';
import { act, type Outcome, say } from './session.js';

/** What needs the token. */

/** Carries out an action, and shows how it went. */
type Run = (action: PanelAction) => void;

export interface Operator {
  /** Null without a token. */
  readonly run: Run | null;
  /** How the last action went. */
  readonly said: string | null;
  readonly known: readonly KnownDevice[];
  readonly logIn: (token: string) => void;
  readonly logOut: () => void;
}

interface KnownDevice {
  readonly deviceAddress: string;
  readonly name: string | null;
  readonly connected: boolean;
}

/** @param setToken null: it is not right, or no more */
export function useOperator(token: string | null, setToken: (token: string | null) => void): Operator {
  const [said, setSaid] = useState<string | null>(null);
  const [known, setKnown] = useState<readonly KnownDevice[]>([]);
  const heard = (outcome: Outcome): void => {
    setSaid(outcome.ok ? say('done') : outcome.text);
    if (!outcome.ok && outcome.token) setToken(null);
  };
  const list = async (): Promise<void> => {
    const outcome = await act({ action: 'known' }, token);
    if (outcome.ok) setKnown(knownIn(outcome.value['known']));
  };
  useEffect(() => {
    if (token !== null) void list();
  }, [token]);
  return {
    run:
      token === null
        ? null
        : async (action) => {
            setSaid(null);
            heard(await act(action, token));
            await list();
          },
    said,
    known,
    logIn: async (typed) => {
      setSaid(null);
      const outcome = await act({ action: 'check' }, typed);
      if (outcome.ok) setToken(typed);
      else heard(outcome);
    },
    logOut: () => {
      setSaid(null);
      setToken(null);
    },
  };
}

function knownIn(value: unknown): readonly KnownDevice[] {
  return Array.isArray(value) ? value.filter((one) => typeof one?.deviceAddress === 'string') : [];
}

export function OperatorBox({ view, operator }: { view: PanelView; operator: Operator }) {
  const { run, said, known, logOut } = operator;
  const gone = known.filter(
    ({ deviceAddress }) => !view.stations.some((station) => station.deviceAddress === deviceAddress),
  );
  return (
    <section class="operator">
      <h2>{say('operator')}</h2>
      {run === null ? (
        <TokenForm logIn={operator.logIn} />
      ) : (
        <>
          {view.requests
            .filter(({ method }) => method === 'keypad')
            .map(({ deviceAddress, name }) => (
              <PinForm key={deviceAddress} device={deviceAddress} name={name ?? deviceAddress} run={run} />
            ))}
          <p>{say('letIn')}</p>
          <p class="buttons">
            <button type="button" onClick={() => run({ action: 'button' })}>
              {say('byButton')}
            </button>
            <button type="button" onClick={() => run({ action: 'pin' })}>
              {say('byPin')}
            </button>
            <button type="button" disabled={view.pairing === null} onClick={() => run({ action: 'stop' })}>
              {say('stop')}
            </button>
          </p>
          {gone.length > 0 && (
            <details>
              <summary>{say('known')}</summary>
              <ul class="known">
                {gone.map(({ deviceAddress, name }) => (
                  <li key={deviceAddress}>
                    <span>{name ?? deviceAddress}</span>
                    <ForgetButton device={deviceAddress} name={name ?? deviceAddress} run={run} />
                  </li>
                ))}
              </ul>
            </details>
          )}
          <p class="buttons">
            <button type="button" class="plain" onClick={logOut}>
              {say('logOut')}
            </button>
          </p>
        </>
      )}
      <p role="status">{said}</p>
    </section>
  );
}

export function TokenForm({ logIn }: { logIn: (token: string) => void }) {
  const [typed, setTyped] = useState('');
  return (
    <form
      class="buttons"
      onSubmit={(event) => {
        event.preventDefault();
        logIn(typed.trim());
        setTyped('');
      }}
    >
      <label>
        {say('token')}{' '}
        <input
          type="password"
          autocomplete="off"
          required
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </label>
      <button type="submit">{say('logIn')}</button>
    </form>
  );
}

function PinForm({ device, name, run }: { device: string; name: string; run: Run }) {
  const [typed, setTyped] = useState('');
  return (
    <form
      class="buttons"
      onSubmit={(event) => {
        event.preventDefault();
        run({ action: 'enterPin', device, pin: typed.trim() });
        setTyped('');
      }}
    >
      <label>
        {say('pinOf', { name })}{' '}
        <input
          inputMode="numeric"
          autocomplete="off"
          required
          pattern="[0-9]{4}([ \-]?[0-9]{4})?"
          maxLength={9}
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </label>
      <button type="submit">{say('enter')}</button>
    </form>
  );
}

export function StationButtons({ station, run }: { station: PanelStation; run: Run }) {
  const { address, deviceAddress } = station;
  const name = nameOf(station);
  return (
    <p class="buttons">
      <button
        type="button"
        aria-label={say('disconnect', { name })}
        onClick={() => run({ action: 'disconnect', device: deviceAddress ?? address })}
      >
        {say('disconnectShort')}
      </button>
      {deviceAddress !== null && <ForgetButton device={deviceAddress} name={name} run={run} />}
    </p>
  );
}

function ForgetButton({ device, name, run }: { device: string; name: string; run: Run }) {
  return (
    <button
      type="button"
      aria-label={say('forget', { name })}
      onClick={() => run({ action: 'forget', device })}
    >
      {say('forgetShort')}
    </button>
  );
}
