import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectionProfile } from '#src/doctor/facts.js';
import type { Answers } from '#src/setup/answers.js';
import { describePlan } from '#src/setup/describe-plan.js';
import { obstacles, plan, type Step, serverText, undoObstacles } from '#src/setup/plan.js';
import type { Survey } from '#src/setup/survey.js';
import { answersProblem, defaultAnswers, needsCountry } from '#src/setup/wanted-settings.js';
import {
  asUser,
  HEALTHY,
  having,
  PROCESS,
  RADIO,
  REPORTED,
  socket,
  WITHOUT_SUPPLICANT,
} from '../doctor/healthy.js';
import { DOWN, HOME, MANAGER, type Manager, managed, PACKAGE_FILE, surveyOf, UP, units } from './surveys.js';

const ANSWERS: Answers = { name: 'box', admission: 'random', addresses: true, share: 'off', country: null };

/** The plan without contents. */
const outline = (steps: readonly Step[]) =>
  steps.map(({ files, run, undo }) => ({
    files: files.map(({ path }) => path),
    run: run.map((command) => command.join(' ')),
    undo: undo.map((command) => command.join(' ')),
  }));
const both = (command: string) => ({ run: [command], undo: [command] });
const SERVICE = {
  files: ['/etc/hostp2pd.yaml'],
  run: ['systemctl enable --now hostp2pd@p2p-dev-wlan0'],
  undo: ['systemctl disable --now hostp2pd@p2p-dev-wlan0'],
};

test('NetworkManager keeps the radio: a policy, its settings, and the service', async () => {
  const survey = surveyOf(managed());
  assert.deepEqual(obstacles(survey), []);
  assert.equal(serverText(survey), 'NetworkManager manages it');
  const steps = await plan(survey, ANSWERS);
  assert.deepEqual(outline(steps), [
    { files: ['/etc/dbus-1/system.d/hostp2pd.conf'], ...both('systemctl reload dbus') },
    {
      files: ['/etc/NetworkManager/conf.d/zz-hostp2pd-address.conf'],
      ...both('systemctl restart NetworkManager'),
    },
    SERVICE,
  ]);
  assert.deepEqual(
    steps.map(({ interrupts }) => interrupts),
    [undefined, true, undefined],
  );
  assert.equal(
    steps.at(-1)?.files[0]?.content,
    `hostp2pd:
  # The PIN that a person types on the phone.
  pin: random
  pbc_in_use: null
  config_parms:
    device_name: "box"
    device_type: "6-0050F204-1"
  save_config_enabled: false
  ssid_postfix: "-box"
  addressing: dnsmasq
  share_internet: off
  group_address: 192.168.49.1/24
`,
  );
});

test('with npm NetworkManager also has to leave the interfaces of groups alone', async () => {
  const [, second] = await plan(surveyOf(managed({ unmanaged: [] })), ANSWERS);
  assert.deepEqual(
    second?.files.map(({ path }) => path),
    ['/etc/NetworkManager/conf.d/zz-hostp2pd.conf', '/etc/NetworkManager/conf.d/zz-hostp2pd-address.conf'],
  );
});

test('NetworkManager from 1.60 on, which names P2P devices, is told the name', async () => {
  const named = (changes: Parameters<typeof managed>[0]) =>
    plan(surveyOf(managed({ version: '1.60.2', ...changes })), ANSWERS);
  const [first] = await named({});
  assert.deepEqual(outline(first ? [first] : []), [
    {
      files: ['/etc/NetworkManager/conf.d/zz-hostp2pd-name.conf'],
      ...both('systemctl reload NetworkManager'),
    },
  ]);
  assert.equal(first?.files[0]?.content, '[device-hostp2pd-name]\nwifi-p2p.device-name=box\n');
  const tells = (steps: Awaited<ReturnType<typeof named>>) =>
    steps.some(({ files }) => files.some(({ path }) => path.endsWith('-name.conf')));
  assert.ok(tells(await named({ deviceNames: [{ devices: ['*'], value: 'other' }] })));
  for (const changes of [
    { deviceNames: [{ devices: ['*'], value: 'box' }] },
    { version: '1.58.1' },
    { states: 'wlan0:unmanaged\np2p-dev-wlan0:unmanaged\n' },
  ])
    assert.ok(!tells(await named(changes)), JSON.stringify(changes));
});

test('NetworkManager without the radio is not restarted', async () => {
  const states = 'wlan0:unmanaged\n';
  assert.deepEqual(outline(await plan(surveyOf(managed({ states })), ANSWERS)), [SERVICE]);
  assert.deepEqual(outline(await plan(surveyOf(managed({ states, unmanaged: [] })), ANSWERS)), [
    { files: ['/etc/NetworkManager/conf.d/zz-hostp2pd.conf'], ...both('systemctl reload NetworkManager') },
    SERVICE,
  ]);
});

test('netplan, ifupdown and a unit of systemd: their wpa_supplicant is used as it is', async () => {
  for (const [process, text] of [
    [{ ...PROCESS, unit: 'netplan-wpa-wlan0' }, 'the wpa_supplicant of netplan-wpa-wlan0 serves it'],
    [{ ...PROCESS, unit: 'networking', ofIfupdown: true }, 'the wpa_supplicant of ifupdown serves it'],
    [PROCESS, 'the wpa_supplicant of wpa_supplicant@wlan0 serves it'],
    [{ ...PROCESS, unit: null }, 'a wpa_supplicant serves it'],
  ] as const) {
    const survey = surveyOf(having.supplicant({ processes: [process] }));
    assert.equal(serverText(survey), text);
    assert.deepEqual(outline(await plan(survey, ANSWERS)), [SERVICE]);
  }
});

test('dhcpcd requests no address on groups; its file keeps its other lines', async () => {
  const facts = having.services({ dhcpcd: { denied: [], allowed: [], blocks: [], supplicantHook: null } });
  const [first, ...others] = await plan(surveyOf(facts), ANSWERS);
  assert.deepEqual(outline(first ? [first] : []), [
    { files: ['/etc/dhcpcd.conf'], ...both('systemctl restart dhcpcd') },
  ]);
  assert.equal(first?.files[0]?.content, 'denyinterfaces p2p-*\nhostname\ninterface eth0\n');
  assert.equal(first?.interrupts, true);
  assert.deepEqual(outline(others), [SERVICE]);
  const denied = having.services({
    dhcpcd: { denied: ['p2p-*'], allowed: [], blocks: [], supplicantHook: null },
  });
  assert.deepEqual(outline(await plan(surveyOf(denied), ANSWERS)), [SERVICE]);
});

test('udev leaves groups alone', async () => {
  const linkFiles = [
    { path: '/usr/lib/systemd/network/99-default.link', conditions: {}, policy: 'persistent' },
  ];
  const [first] = await plan(surveyOf(having.services({ udev: { linkFiles } })), ANSWERS);
  assert.deepEqual(outline(first ? [first] : []), [
    { files: ['/etc/systemd/network/10-hostp2pd-p2p.link'], ...both('udevadm control --reload') },
  ]);
});

test('no program serves the radio: a wpa_supplicant of its own', async () => {
  const survey = surveyOf(WITHOUT_SUPPLICANT);
  assert.deepEqual(obstacles(survey), []);
  assert.equal(needsCountry(survey), true);
  const steps = await plan(survey, { ...ANSWERS, country: 'DE' });
  assert.deepEqual(outline(steps), [
    {
      files: ['/etc/wpa_supplicant/wpa_supplicant-wlan0.conf'],
      run: ['systemctl enable --now wpa_supplicant@wlan0'],
      undo: ['systemctl disable --now wpa_supplicant@wlan0'],
    },
    SERVICE,
  ]);
  assert.deepEqual(steps[0]?.files[0], {
    path: '/etc/wpa_supplicant/wpa_supplicant-wlan0.conf',
    content: 'ctrl_interface=DIR=/run/wpa_supplicant GROUP=netdev\ncountry=DE\n',
    mode: 0o600,
    from: null,
  });
});

test('a wpa_supplicant that is ready and does not run is started with its own file', async () => {
  const facts = having.supplicant({ readyUnits: ['netplan-wpa-wlan0'] }, WITHOUT_SUPPLICANT);
  const [first] = await plan(
    surveyOf(facts, { units: units(['netplan-wpa-wlan0', { ...DOWN, enabled: true }]) }),
    ANSWERS,
  );
  assert.deepEqual(outline(first ? [first] : []), [
    { files: [], run: ['systemctl start netplan-wpa-wlan0'], undo: ['systemctl stop netplan-wpa-wlan0'] },
  ]);
});

test('without the Debian package the units are installed too', async () => {
  const [first] = await plan(
    surveyOf(HEALTHY, { units: units(['hostp2pd@p2p-dev-wlan0', { ...DOWN, known: false }]) }),
    ANSWERS,
  );
  assert.deepEqual(outline(first ? [first] : []), [
    { files: ['/etc/systemd/system/hostp2pd@.service'], ...both('systemctl daemon-reload') },
  ]);
});

/** The machine as the answers leave it. */
const DONE = having.settings(
  {
    pin: 'random',
    pbc_in_use: false,
    config_parms: { device_name: 'box', device_type: '6-0050F204-1' },
    save_config_enabled: false,
    ssid_postfix: '-box',
    addressing: 'dnsmasq',
  },
  managed({ removalDenied: true, fixedAddress: [{ devices: ['*'], value: true }] }),
);
const asDone = (changes: Partial<Survey> = {}): Survey => ({
  ...surveyOf(DONE, { units: units(['hostp2pd@p2p-dev-wlan0', UP]), ...changes }),
  facts: DONE,
});

test('a machine that is set up already: nothing to do', async () => {
  const survey = asDone();
  assert.deepEqual(defaultAnswers(survey), ANSWERS);
  assert.deepEqual(await plan(survey, defaultAnswers(survey)), []);
});

test('a running service is restarted with its new settings, and undone with the old ones', async () => {
  const steps = await plan(asDone(), { ...ANSWERS, admission: { pin: '52107733' } });
  assert.deepEqual(outline(steps), [
    { files: ['/etc/hostp2pd.yaml'], ...both('systemctl restart hostp2pd@p2p-dev-wlan0') },
  ]);
  assert.match(steps[0]?.files[0]?.content ?? '', /^ {2}pin: "52107733"$/m);
});

test('a unit is put back into the state that it had', async () => {
  for (const [state, run, undo] of [
    [{ ...DOWN, enabled: true }, 'start', 'stop'],
    [{ ...DOWN, active: true }, 'enable', 'disable'],
  ] as const) {
    const steps = await plan(asDone({ units: units(['hostp2pd@p2p-dev-wlan0', state]) }), ANSWERS);
    const unit = 'hostp2pd@p2p-dev-wlan0';
    assert.deepEqual(outline(steps), [
      { files: [], run: [`systemctl ${run} ${unit}`], undo: [`systemctl ${undo} ${unit}`] },
    ]);
  }
});

test('the unit with a watchdog stays, if the user has chosen it', async () => {
  const watched = units(['hostp2pd-notify@p2p-dev-wlan0', UP]);
  assert.deepEqual(await plan(asDone({ units: watched }), ANSWERS), []);
});

test('the present settings of a service that is set up are the defaults', () => {
  const survey = (settings: Parameters<typeof having.settings>[0]) => ({
    ...asDone(),
    facts: having.settings(settings, DONE),
  });
  assert.equal(defaultAnswers(survey({ addressing: 'none' })).addresses, false);
  assert.equal(defaultAnswers(survey({ pbc_in_use: true })).admission, 'button');
  assert.deepEqual(defaultAnswers(survey({ pin: '52107733' })).admission, { pin: '52107733' });
  assert.equal(defaultAnswers(survey({ pin: '00000000' })).admission, 'random', 'everybody knows that one');
  assert.equal(defaultAnswers(surveyOf(HEALTHY)).addresses, true, 'recommended');
});

test('own settings stay: a group, a name, a module for PINs, a picture', async () => {
  const own = having.settings(
    {
      pin_module: '/etc/pins.mjs',
      network_parms: ['ssid "DIRECT-PP-mine"'],
      config_parms: { device_name: 'mine', device_type: '1-0050F204-1', country: 'IT' },
    },
    HEALTHY,
  );
  const survey = { ...surveyOf(HEALTHY), facts: own };
  const [step] = await plan(survey, defaultAnswers(survey));
  const changed = (step?.files[0]?.content ?? '').split('\n').filter((line) => !PACKAGE_FILE.includes(line));
  assert.deepEqual(changed, ['  addressing: "dnsmasq"']);
});

test('addresses come from what this machine has', async () => {
  const none = { dnsmasq: null, ip: '/usr/sbin/ip' };
  const networkd = having.addressing({}, { programs: none, networkdRuns: true });
  const [step] = await plan(surveyOf(networkd), ANSWERS);
  assert.match(step?.files[0]?.content ?? '', /^ {2}addressing: "networkd"$/m);
  const survey = surveyOf(having.addressing({}, { programs: none }));
  assert.match(answersProblem(survey, ANSWERS) ?? '', /sudo apt install dnsmasq-base, or --addresses no$/);
  assert.equal(answersProblem(survey, { ...ANSWERS, addresses: false }), null);
});

test('the internet is shared if the answer is yes, and the parts for it are there', async () => {
  const shared = { ...ANSWERS, share: 'auto' };
  const survey = surveyOf(HEALTHY);
  assert.equal(answersProblem(survey, shared), null);
  assert.match((await plan(survey, shared))[0]?.files[0]?.content ?? '', /^ {2}share_internet: "auto"$/m);
  assert.match(answersProblem(survey, { ...shared, addresses: false }) ?? '', /need addresses/);
  const without = surveyOf(HEALTHY, { hasNft: false });
  assert.match(answersProblem(without, shared) ?? '', /sudo apt install nftables, or --share-internet off$/);
  assert.equal(answersProblem(without, ANSWERS), null);
  const present = { ...survey, facts: having.settings({ share_internet: 'eth0' }) };
  assert.equal(defaultAnswers(present).share, 'eth0');
});

test('a group address that is in a network of this machine is replaced', async () => {
  const [step] = await plan(surveyOf(HEALTHY, { otherAddress: '10.77.0.1/24' }), ANSWERS);
  assert.match(step?.files[0]?.content ?? '', /^ {2}group_address: "10\.77\.0\.1\/24"$/m);
});

test('what setup cannot do anything about is said with its fix', () => {
  const noRadio = having.device({ name: null, radios: [] }, WITHOUT_SUPPLICANT);
  for (const [what, survey, message] of [
    ['no radio', surveyOf(noRadio), /^there is no Wi-Fi card\. Fix: /],
    [
      'radio off',
      surveyOf(having.radios({ switches: [{ phy: 'phy0', soft: true, hard: false }] })),
      /switched off/,
    ],
    ['no systemd', surveyOf(HEALTHY, { systemd: false }), /^setup needs systemd/],
    [
      'no wpa_supplicant',
      surveyOf(having.supplicant({ program: null, processes: [] }, WITHOUT_SUPPLICANT)),
      /is not installed\. Fix: sudo apt-get install -y wpasupplicant/,
    ],
    [
      'a wpa_supplicant without a control socket',
      surveyOf(having.supplicant({ processes: [{ ...PROCESS, sockets: [] }] }, WITHOUT_SUPPLICANT)),
      /Fix: /,
    ],
    [
      'NetworkManager without wpa_supplicant',
      surveyOf(having.services({ networkManager: MANAGER }, WITHOUT_SUPPLICANT)),
      /Fix: /,
    ],
  ] as const) {
    const reasons = obstacles(survey);
    assert.ok(reasons.length > 0, what);
    assert.match(reasons[0] ?? '', message, what);
  }
  assert.deepEqual(obstacles(surveyOf(asUser(HEALTHY))), []);
});

test('a connection that would not come back by itself is not interrupted', () => {
  const profile = { ...HOME, name: "Ann's home" };
  const withProfile = (automatic: boolean, changes: Partial<Manager> = {}) =>
    obstacles(surveyOf(managed({ profiles: [{ ...profile, automatic }], ...changes })));
  assert.match(
    withProfile(false)[0] ?? '',
    /would not come back by itself\. Fix: sudo nmcli connection modify 'Ann'\\''s home' connection\.autoconnect yes$/,
  );
  assert.deepEqual(withProfile(true), []);
  assert.match(
    obstacles(surveyOf(managed({ profiles: [{ ...profile, ssid: 'other' }] })))[0] ?? '',
    /has no file for it/,
  );
  assert.deepEqual(
    withProfile(false, { fixedAddress: [{ devices: ['*'], value: true }] }),
    [],
    'it is not restarted',
  );
});

test('of several connections to the network, one that comes back on this radio is enough', () => {
  const withProfiles = (...changes: readonly Partial<ConnectionProfile>[]) =>
    obstacles(surveyOf(managed({ profiles: changes.map((change) => ({ ...HOME, ...change })) })));
  const asked = { askedSecret: 'wifi-sec.psk' };
  for (const [changes, fix] of [
    [[asked], /password is not in its file.* Fix: .* wifi-sec\.psk-flags 0 wifi-sec\.psk PASSWORD$/],
    [[{ exposed: true }], /NetworkManager then ignores\. Fix: sudo chmod 600 '\/etc\/.*home\.nmconnection'$/],
    [[{ automatic: false }, { interface: 'wlan1' }], /autoconnect yes$/],
    [[{ interface: 'wlan1' }], /has no file for it/],
    [[{ station: false }], /has no file for it/],
  ] as const)
    assert.match(withProfiles(...changes).join(), fix, JSON.stringify(changes));
  assert.deepEqual(withProfiles(asked, { exposed: true }, { interface: 'wlan0' }), []);
});

test('NetworkManager is not restarted while another radio, or a hotspot, would be lost by that', () => {
  const other = { ...RADIO, name: 'wlan1' };
  const states = 'wlan0:connected\np2p-dev-wlan0:disconnected\nwlan1:connected\n';
  const using = (answer: Parameters<typeof socket>[1], changes: Partial<Manager> = {}) =>
    surveyOf(
      having.radios(
        { interfaces: [RADIO, other] },
        having.control(
          { sockets: [socket('p2p-dev-wlan0'), socket('wlan0'), socket('wlan1', answer)] },
          managed({ states, ...changes }),
        ),
      ),
    );
  const office = { status: 'ssid=office\nmode=station\nwpa_state=COMPLETED\n' };
  assert.match(obstacles(using(office)).join(), /connection of wlan1 to office may not come back/);
  const profiles = [HOME, { ...HOME, ssid: 'office', interface: 'wlan1' }];
  assert.deepEqual(obstacles(using(office, { profiles })), []);
  assert.deepEqual(
    obstacles(using(office, { states: states.replace('wlan1:connected', 'wlan1:unmanaged') })),
    [],
  );
  const spot = { status: 'ssid=spot\nmode=AP\nwpa_state=COMPLETED\n' };
  assert.match(obstacles(using(spot)).join(), /the hotspot spot of wlan1 may not come back/);
  const hotspot = { ...HOME, ssid: 'spot', station: false };
  assert.deepEqual(obstacles(using(spot, { profiles: [HOME, hotspot] })), []);
  assert.match(
    obstacles(using({ code: 'CONTROL_TIMEOUT' })).join(),
    /whether wlan1 is connected is not known/,
  );
  assert.deepEqual(obstacles(using({ status: 'wpa_state=INACTIVE\n' })), []);
});

test('a file that is there already, and that a later file of the user overrides, restarts nothing', async () => {
  const survey = surveyOf(managed());
  const steps = await plan(survey, ANSWERS);
  const texts = new Map(survey.texts);
  for (const { path, content } of steps.slice(0, -1).flatMap(({ files }) => files)) texts.set(path, content);
  const lost = managed({ profiles: [] });
  assert.deepEqual(outline(await plan({ ...survey, texts }, ANSWERS)), [SERVICE]);
  const setUp = surveyOf(lost, { texts });
  assert.deepEqual(obstacles(setUp), [], 'nothing is interrupted');
  const restarts = ['NetworkManager'];
  assert.match(undoObstacles(setUp, { stops: [], restarts }).join(), /no file for it/);
  assert.deepEqual(undoObstacles(setUp, { stops: [], restarts: ['dhcpcd'] }), []);
  assert.deepEqual(undoObstacles(surveyOf(managed()), { stops: [], restarts }), []);
});

test('undo does not stop a wpa_supplicant that has connected the radio since', () => {
  const units = (...stops: readonly string[]) => ({ stops, restarts: [] });
  for (const unit of ['wpa_supplicant@wlan0', 'netplan-wpa-wlan0'])
    assert.match(
      undoObstacles(surveyOf(HEALTHY), units('hostp2pd@p2p-dev-wlan0', unit)).join(),
      /^\S+ would be stopped, and the connection of wlan0 to home would end for good\. Fix: /,
    );
  assert.deepEqual(
    undoObstacles(surveyOf(HEALTHY), units('hostp2pd@p2p-dev-wlan0', 'wpa_supplicant@wlan1')),
    [],
  );
  assert.deepEqual(undoObstacles(surveyOf(HEALTHY, { network: null }), units('wpa_supplicant@wlan0')), []);
});

test('a country is asked for only if none is known', () => {
  assert.equal(needsCountry(surveyOf(HEALTHY)), false);
  const unset = having.radios({ countries: new Map([['global', '00']]) }, having.reported({ country: null }));
  assert.equal(needsCountry(surveyOf(unset)), true);
  assert.equal(needsCountry(surveyOf(having.settings({ config_parms: { country: 'DE' } }, unset))), false);
  assert.equal(REPORTED.country, 'IT');
});

test('the plan for a person has the differences of files, and commands', async () => {
  // A file with the defaults of the program.
  const content = PACKAGE_FILE.replace('pin: random', 'pin: "00000000"').replace(': dnsmasq', ': none');
  const survey = {
    ...surveyOf(managed({ fixedAddress: [{ devices: ['*'], value: true }] }), {
      texts: new Map([['/etc/hostp2pd.yaml', content]]),
    }),
    facts: managed({ fixedAddress: [{ devices: ['*'], value: true }] }),
  };
  const text = describePlan(await plan(survey, ANSWERS), survey.texts);
  assert.match(text, /^1\. NetworkManager keeps wlan0 and its connection, and may not remove groups\.$/m);
  assert.match(text, /^ {3}new file \/etc\/dbus-1\/system\.d\/hostp2pd\.conf \(mode 0644\)$/m);
  assert.match(text, /^ {5}\+<busconfig>$/m);
  assert.match(text, /^ {3}change \/etc\/hostp2pd\.yaml \(mode 0600\)\n {5}- {2}pin: "00000000"\n/m);
  assert.match(text, /^ {5}\+ {2}pin: "random"$/m);
  assert.match(text, /^ {5}- {2}addressing: none$/m);
  assert.match(text, /^ {5}\+ {2}addressing: "dnsmasq"$/m);
  assert.match(text, /^ {3}run systemctl enable --now hostp2pd@p2p-dev-wlan0$/m);
  assert.doesNotMatch(text, /The PIN that a person types/, 'only what changes');
});

test('a radio that ifupdown connects, and that is down, gets no other wpa_supplicant', () => {
  const down = (wpa: readonly string[]) =>
    surveyOf(having.services({ ifupdown: { wpa, wireless: [] } }, WITHOUT_SUPPLICANT), { network: null });
  assert.match(obstacles(down(['wlan0'])).join(), /^ifupdown connects wlan0 .*sudo ifup --force wlan0;/);
  assert.deepEqual(obstacles(down(['wlan1'])), []);
  assert.deepEqual(
    obstacles(surveyOf(having.services({ ifupdown: { wpa: ['wlan0'], wireless: [] } }))),
    [],
    'it is up',
  );
});

test('without an answer, config_methods go on to decide about the button of a service that runs', async () => {
  for (const [methods, runs, admission, written] of [
    [null, true, 'random', null],
    ['keypad display', true, 'random', null],
    ['virtual_push_button', true, 'button', null],
    // Nobody has chosen them for hostp2pd.
    ['virtual_push_button', false, 'random', 'false'],
  ] as const) {
    const survey = surveyOf(having.reported({ configMethods: methods }), {
      units: units(['hostp2pd@p2p-dev-wlan0', runs ? UP : DOWN]),
    });
    const answers = defaultAnswers(survey);
    assert.equal(answers.admission, admission, `${methods}`);
    const content = (await plan(survey, answers)).at(-1)?.files[0]?.content ?? '';
    assert.match(content, new RegExp(`^  pbc_in_use: ${written}$`, 'm'), `${methods}`);
  }
});

test('where no wpa_supplicant can say what config_methods are, the method is written', async () => {
  const steps = await plan(surveyOf(WITHOUT_SUPPLICANT), { ...ANSWERS, country: 'DE' });
  assert.match(steps.at(-1)?.files[0]?.content ?? '', /^ {2}pbc_in_use: false$/m);
});

test('a radio that iwd or hostapd uses is left alone', () => {
  const using = (type: string, frequency: number | null) => {
    const inUse = [{ phy: 'phy0', name: 'wlan0', type, frequency }];
    return having.radios({ inUse }, WITHOUT_SUPPLICANT);
  };
  assert.deepEqual(obstacles(surveyOf(using('managed', null), { network: null })), []);
  const cases = [
    surveyOf(using('managed', 2437), { network: null }),
    surveyOf(using('AP', null), { network: null }),
    surveyOf(using('managed', null), { network: null, loggedIn: true }),
  ];
  for (const survey of cases) assert.match(obstacles(survey).join(), /^wlan0 is in use.*iwd or hostapd/);
});

test('a name in the configuration that is too long for the name of a group is refused', () => {
  const survey = surveyOf(having.settings({ config_parms: { device_name: 'x'.repeat(30) } }, HEALTHY));
  assert.match(
    answersProblem(survey, { ...ANSWERS, name: 'x'.repeat(30) }) ?? '',
    /22 bytes, got 30; .*--name/,
  );
});

test('answers that do not fit the settings that stay are refused', async () => {
  const shared = having.settings({ addressing: 'dnsmasq', share_internet: 'auto' }, HEALTHY);
  const text = 'hostp2pd:\n  addressing: dnsmasq\n  share_internet: auto\n';
  const survey = surveyOf(shared, { texts: new Map([['/etc/hostp2pd.yaml', text]]) });
  const refused = { code: 'STATE', message: /do not fit.*\n.*share_internet: expected off/ };
  await assert.rejects(plan(survey, { ...ANSWERS, addresses: false, share: 'auto' }), refused);
});

test('without an answer, a PIN of the user stays: one of four digits, and one beside the button', async () => {
  for (const settings of [
    { pin: '4821', pbc_in_use: false },
    { pin: '52107733', pbc_in_use: true },
  ]) {
    const text = `hostp2pd:\n  pin: "${settings.pin}"\n`;
    const survey: Survey = {
      ...surveyOf(HEALTHY, { texts: new Map([['/etc/hostp2pd.yaml', text]]) }),
      facts: having.settings(settings, HEALTHY),
    };
    const steps = await plan(survey, defaultAnswers(survey));
    const content = steps.at(-1)?.files[0]?.content ?? '';
    assert.match(content, new RegExp(`^  pin: "${settings.pin}"$`, 'm'));
  }
});
