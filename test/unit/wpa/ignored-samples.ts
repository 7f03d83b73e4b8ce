/**
 * Events of wpa_supplicant after 2.11 that mean nothing to a group owner with WPS, as the named function prints them (upstream of
 * August 2026). They have no parser: each one is kept as text, changes nothing, and is logged at debug only.
 */
export const IGNORED_EVENTS: readonly (readonly [source: string, text: string])[] = [
  ['p2p_supplicant.c, wpas_bootstrap_req_rx', 'P2P-BOOTSTRAP-REQUEST 42:00:00:00:01:00 bootstrap_method=2'],
  ['p2p_supplicant.c, wpas_bootstrap_rsp_rx', 'P2P-BOOTSTRAP-SUCCESS 42:00:00:00:01:00 status=0'],
  ['p2p_supplicant.c, wpas_bootstrap_rsp_rx', 'P2P-BOOTSTRAP-FAILURE 42:00:00:00:01:00 status=11'],
  ['hostapd.c, hostapd_no_ir_channel_list_updated', 'AP-NO_IR'],
  ['events.c, wpas_beacon_hint', 'CTRL-EVENT-REGDOM-BEACON-HINT before freq=5180 max_tx_power=2000 no_ir=1'],
  [
    'ieee802_11_eht.c, hostapd_validate_link_reconf_req',
    'CTRL-EVENT-LINK-STA-ADDED sta=46:00:00:00:01:00 link_id=1',
  ],
  [
    'ieee802_11_eht.c, hostapd_link_reconf_resp_tx_status',
    'CTRL-EVENT-LINK-STA-REMOVED sta=46:00:00:00:01:00 link_id=1',
  ],
  ['ieee802_11_shared.c, hostapd_wfa_gen_capab', 'WFA-GEN-CAPAB 46:00:00:00:01:00 0101'],
  ['dpp_supplicant.c, wpas_dpp_handle_config_obj', 'DPP-CONFOBJ-IDPASS somebody'],
  ['notify.c, wpas_notify_nan_cluster_join', 'NAN-CLUSTER-JOIN cluster_id=50:6f:9a:01:00:00 new=1'],
  [
    'nan_usd_ap.c, hostapd_nan_de_discovery_result',
    'NAN-DISCOVERY-RESULT subscribe_id=1 publish_id=2 address=46:00:00:00:01:00 fsd=1 fsd_gas=0 srv_proto_type=2 ssi=6162',
  ],
  [
    'nan_usd_ap.c, hostapd_nan_de_receive',
    'NAN-RECEIVE id=1 peer_instance_id=2 address=46:00:00:00:01:00 ssi=',
  ],
  ['notify.c, wpas_notify_nan_publish_terminated', 'NAN-PUBLISH-TERMINATED publish_id=2 reason=timeout'],
  ['notify.c, wpas_notify_nan_stopped', 'NAN-STOPPED ifname=wlan0'],
  [
    'notify.c, wpas_notify_pr_negotiation_started',
    'PR-PASN-NEGOTIATION-STARTED peer_addr=46:00:00:00:01:00 role=1 protocol=2',
  ],
  [
    'notify.c, wpas_notify_pr_pasn_result',
    'PR-PASN-RESULT SUCCESS role=1 protocol=2 opclass=81 channel=6 cc=US',
  ],
  [
    'notify.c, wpas_notify_pr_ranging_params',
    'PR-RANGING-PARAMS dev_addr=42:00:00:00:00:00 peer_addr=46:00:00:00:01:00 role=1 protocol=2 freq=2437 channel=6 bw=0 format_bw=0',
  ],
];
