import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { KioskPage } from './kiosk.js';
import { TokenForm, useOperator } from './operator.js';
import { PanelPage } from './panel.js';
import type { Shown } from './parts.js';
import { follow, say, setup, storedToken, storeToken } from './session.js';

function Page() {
  const [token, keepToken] = useState(storedToken());
  const [shown, setShown] = useState<Shown | null>(null);
  const [state, setState] = useState<'live' | 'offline' | 'locked'>('live');
  const operator = useOperator(token, (next) => {
    storeToken(next);
    keepToken(next);
  });
  // Without a lock the views are the same with and without a token.
  const needed = setup.locked ? token : null;
  useEffect(() => {
    const end = new AbortController();
    if (setup.locked && needed === null) {
      setState('locked');
      setShown(null);
      return;
    }
    setState('live');
    void follow(
      (heard) => {
        if (typeof heard === 'string') setState(heard);
        else {
          setState('live');
          setShown(heard);
        }
      },
      needed,
      end.signal,
    );
    return () => end.abort();
  }, [needed]);
  useEffect(() => {
    const name = shown?.view.network?.ssid;
    if (name !== undefined) document.title = name;
  });
  if (state === 'locked') {
    return (
      <main class="alone">
        <h1>{say('title')}</h1>
        <p>{say('tokenNeeded')}</p>
        <TokenForm logIn={operator.logIn} />
        <p role="status">{operator.said}</p>
      </main>
    );
  }
  if (shown === null) {
    return (
      <main class="alone" aria-busy="true">
        <p role="status">{say(state === 'offline' ? 'offline' : 'loading')}</p>
      </main>
    );
  }
  const offline = state === 'offline';
  return setup.kind === 'kiosk' ? (
    <KioskPage shown={shown} offline={offline} />
  ) : (
    <PanelPage shown={shown} offline={offline} operator={operator} />
  );
}

const place = document.getElementById('page');
if (place) {
  place.textContent = '';
  render(<Page />, place);
}
