import type { OpenControl } from '../daemon/served-control.js';

/** The control socket of a session: loaded when the group is up, or there is something to wait for. */
export const serveOperators: OpenControl = async (context, place) => {
  const { openControlServer } = await import('../control/server.js');
  return openControlServer(context, place);
};
