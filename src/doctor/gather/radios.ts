import { basename, join } from 'node:path';
import type { Missing, Radio, RadioFacts, RadioSwitch } from '../facts.js';
import type { Sources } from '../sources.js';
import { parseAbilities, parseCountries, parseInterfacesInUse } from './iw.js';
import { entriesOf, linkOf, wordOf } from './reading.js';

/** The radios as the kernel has them, and as `iw` tells of them. */
export async function gatherRadios({ root, run }: Sources): Promise<RadioFacts> {
  const iw = async <T>(args: readonly string[], parse: (text: string) => T): Promise<T | Missing> => {
    const outcome = await run('iw', args);
    return 'output' in outcome ? parse(outcome.output) : { missing: outcome.failure };
  };
  const [interfaces, switches, inUse, abilities, countries] = await Promise.all([
    gatherInterfaces(root),
    gatherSwitches(root),
    iw(['dev'], parseInterfacesInUse),
    gatherAbilities(() => iw(['list'], parseAbilities)),
    iw(['reg', 'get'], parseCountries),
  ]);
  return { interfaces, switches, inUse, abilities, countries };
}

const LIST_TRIES = 3;

/** On a busy machine a list without the modes was seen once, with a good exit status: such a one is asked for again. */
async function gatherAbilities(
  list: () => Promise<RadioFacts['abilities']>,
): Promise<RadioFacts['abilities']> {
  let abilities = await list();
  for (let tries = 1; tries < LIST_TRIES && isPartial(abilities); tries += 1) abilities = await list();
  return abilities;
}

function isPartial(abilities: RadioFacts['abilities']): boolean {
  if ('missing' in abilities) return false;
  return abilities.size === 0 || [...abilities.values()].some(({ modes }) => modes.length === 0);
}

const IFF_UP = 1;
/** The driver made the address up (NET_ADDR_RANDOM of linux/netdevice.h). */
const RANDOM_ADDRESS = '1';

async function gatherInterfaces(root: string): Promise<Radio[]> {
  const folder = join(root, 'sys/class/net');
  const found = await Promise.all(
    (await entriesOf(folder)).map(async (name): Promise<Radio | null> => {
      const [phy, driver, flags, kind] = await Promise.all([
        linkOf(join(folder, name, 'phy80211')),
        linkOf(join(folder, name, 'device/driver')),
        wordOf(join(folder, name, 'flags')),
        wordOf(join(folder, name, 'addr_assign_type')),
      ]);
      if (phy === null) return null;
      const own = driver === null ? null : basename(driver);
      const up = (Number(flags ?? 0) & IFF_UP) !== 0;
      return { name, phy: basename(phy), driver: own, up, randomAddress: kind === RANDOM_ADDRESS };
    }),
  );
  return found.filter((radio) => radio !== null);
}

async function gatherSwitches(root: string): Promise<RadioSwitch[]> {
  const folder = join(root, 'sys/class/rfkill');
  const found = await Promise.all(
    (await entriesOf(folder)).map(async (entry): Promise<RadioSwitch | null> => {
      const [type, name, soft, hard] = await Promise.all(
        ['type', 'name', 'soft', 'hard'].map((file) => wordOf(join(folder, entry, file))),
      );
      if (type !== 'wlan') return null;
      return {
        phy: /^phy\d+$/.test(name ?? '') ? (name ?? null) : null,
        soft: soft === '1',
        hard: hard === '1',
      };
    }),
  );
  return found.filter((one) => one !== null);
}
