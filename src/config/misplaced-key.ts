import type { RightPlace } from './problem.js';
import { DICT_CONFIG } from './python-logging.js';
import { LOGGING, SETTINGS } from './schema.js';

/** Keys of the first releases of the Python program, and their names today. */
const FORMER: ReadonlyMap<string, string> = new Map([
  ['password', 'pin'],
  ['white_list', 'pbc_white_list'],
  ['dynamic_gropus', 'dynamic_group'],
]);

/** Lines of a network block of wpa_supplicant.conf that a group may have (ssid_fields in config.c). */
const NETWORK_KEYS = words(`
  ssid psk passphrase proto key_mgmt pairwise group auth_alg mode disabled sae_password scan_ssid bssid priority
  ieee80211w ignore_broadcast_ssid wps_disabled wpa_ptk_rekey group_rekey p2p_client_list psk_list go_p2p_dev_addr
  ap_max_inactivity
`);

/** Global parameters of wpa_supplicant that matter to a group (global_fields in config.c). */
const PARAMETERS = words(`
  country update_config device_name device_type sec_device_type config_methods uuid auto_uuid manufacturer model_name
  model_number serial_number os_version ap_scan ctrl_interface_group driver_param persistent_reconnect max_num_sta
  ap_isolate pmf disassoc_low_ack dtim_period beacon_int sae_groups sae_pwe mac_addr rand_addr_lifetime
  preassoc_mac_addr go_internet go_interworking go_venue_group go_venue_type hs20 ip_addr_go ip_addr_mask ip_addr_start
  ip_addr_end pbc_in_m1 interworking filter_ssids wps_cred_processing wps_cred_add_sae wps_vendor_ext_m1 wps_priority
  ap_vendor_elements p2p_listen_reg_class p2p_listen_channel p2p_oper_reg_class p2p_oper_channel p2p_go_intent
  p2p_ssid_postfix p2p_intra_bss p2p_group_idle p2p_go_freq_change_policy p2p_passphrase_len p2p_pref_chan
  p2p_no_go_freq p2p_add_cli_chan p2p_optimize_listen_chan p2p_go_ht40 p2p_go_vht p2p_go_he p2p_go_edmg p2p_disabled
  p2p_go_ctwindow p2p_no_group_iface p2p_ignore_shared_freq p2p_cli_probe p2p_device_random_mac_addr p2p_search_delay
  p2p_device_persistent_mac_addr p2p_interface_random_mac_addr p2p_6ghz_disable p2p_go_max_inactivity
`);

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/**
 * Where a key belongs that is unknown where it stands; undefined if that is not known.
 * @param section of the file that it stands in; null beside the sections
 */
export function rightPlaceOf(key: string, section: 'hostp2pd' | 'logging' | null): RightPlace | undefined {
  const name = key.toLowerCase().replaceAll('-', '_');
  const meant = FORMER.get(name);
  if (meant !== undefined)
    return { fix: `it was renamed to ${meant} after the first releases of the Python program`, meant };
  if (section !== 'hostp2pd' && Object.hasOwn(SETTINGS, name))
    return { fix: 'move it into the section hostp2pd' };
  if (Object.hasOwn(SETTINGS.select_timeout_secs.keys, name))
    return { fix: 'move it into select_timeout_secs' };
  if (NETWORK_KEYS.has(name)) return { fix: networkLineFix(name) };
  if (PARAMETERS.has(name)) return { fix: 'move it into config_parms: it is a parameter of wpa_supplicant' };
  const ofLogging = Object.hasOwn(LOGGING, name) || DICT_CONFIG.includes(name);
  return section !== 'logging' && ofLogging ? { fix: 'move it into the section logging' } : undefined;
}

function networkLineFix(name: string): string {
  return `write it as a line of network_parms: - ${name} …`;
}

/** What to do about a parameter of `config_parms` that only a network block has; undefined for any other. */
export function networkKeyFix(name: string): string | undefined {
  return NETWORK_KEYS.has(name) ? networkLineFix(name) : undefined;
}
